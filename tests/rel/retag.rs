//! `rel retag` and `rel verify` with real registries.

mod credentials;
mod exchange;
mod faults;
mod on_disk;
mod verify;

use crate::support::{Registry, Sandbox, layout};
use std::path::PathBuf;

/// A git repository with one commit, and the image that was built from it.
pub struct Shop {
    pub sandbox: Sandbox,
    /// The commit.
    pub commit: String,
    /// The image's digest.
    pub digest: String,
}

impl Shop {
    /// Writes a release.toml with the image's repository in `host`, and builds the image in a layout on disk, with the tag
    /// `sha-<commit>`. `more` is added to release.toml.
    pub fn new(host: &str, more: &str) -> Shop {
        let sandbox = Sandbox::new();
        let text = format!(
            "name = \"shop\"\n[[image]]\nname = \"api\"\nrepository = \"{host}/acme/shop-api\"\n{more}"
        );
        sandbox.write("release.toml", &text);
        sandbox.git("add release.toml");
        sandbox.commit("feat: first");
        let commit = sandbox.id("HEAD");
        let layout = sandbox.root().join("built");
        std::fs::create_dir_all(&layout).unwrap();
        let digest = layout::image(&layout, &format!("sha-{commit}"), "first", &commit);
        Shop { sandbox, commit, digest }
    }

    /// Returns the layout that the build wrote.
    pub fn built(&self) -> PathBuf {
        self.sandbox.root().join("built")
    }

    /// Pushes the image like a build, tags the commit, and pushes branch and tag.
    pub fn released(self, registry: &Registry, version: &str) -> Shop {
        let tag = format!("sha-{}", self.commit);
        registry.push(&self.built(), &tag, &format!("acme/shop-api:{tag}"));
        self.sandbox.tag(&format!("v{version}"));
        self.sandbox.git("push -q origin main --tags");
        self
    }
}
