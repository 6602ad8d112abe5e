//! `rel retag` and `rel verify` against real registries: one digest gets one more name, and nothing else happens.

mod credentials;
mod exchange;
mod faults;
mod on_disk;
mod verify;

use crate::support::{Registry, Sandbox, layout};
use std::path::PathBuf;

/// A repository with one commit, and the image that was built from it.
pub struct Shop {
    pub sandbox: Sandbox,
    /// The commit.
    pub commit: String,
    /// The image's digest.
    pub digest: String,
}

impl Shop {
    /// The image is in a layout on disk, under `sha-<commit>`; release.toml says that it is kept in `host`.
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

    /// The layout that the build left.
    pub fn built(&self) -> PathBuf {
        self.sandbox.root().join("built")
    }

    /// Pushes the image as a build does, tags the commit, and pushes both.
    pub fn released(self, registry: &Registry, version: &str) -> Shop {
        let tag = format!("sha-{}", self.commit);
        registry.push(&self.built(), &tag, &format!("acme/shop-api:{tag}"));
        self.sandbox.tag(&format!("v{version}"));
        self.sandbox.git("push -q origin main --tags");
        self
    }
}
