//! A workspace that was edited is valid for cargo: `cargo metadata --locked` accepts it.

use rel::internals::{FileSource, VersionChange, edits};
use rel::internals::{Version, VersionFile};
use std::path::Path;
use std::process::Command;

const FILES: [(&str, &str); 5] = [
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n[workspace.package]\nversion = \"1.3.0\"\n\
         [workspace.dependencies]\nshop-core = { path = \"crates/core\", version = \"=1.3.0\" }\n",
    ),
    (
        "crates/core/Cargo.toml",
        "[package]\nname = \"shop-core\"\nversion.workspace = true\nedition = \"2024\"\n\
         [dependencies]\nshop-lib = { path = \"../lib\", version = \"1.3\" }\n",
    ),
    (
        "crates/cli/Cargo.toml",
        "[package]\nname = \"shop-cli\"\nversion = \"1.3.0\"\nedition = \"2024\"\n\
         [dependencies]\nshop-core = { workspace = true }\n",
    ),
    ("crates/lib/Cargo.toml", "[package]\nname = \"shop-lib\"\nversion = \"1.3.0\"\nedition = \"2024\"\n"),
    ("crates/own/Cargo.toml", "[package]\nname = \"shop-own\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
];

fn cargo(folder: &Path, words: &[&str]) {
    let run = Command::new(env!("CARGO")).args(words).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "cargo {words:?}: {}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn cargo_accepts_an_edited_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    for (path, text) in FILES {
        let path = top.join(path);
        std::fs::create_dir_all(path.parent().unwrap().join("src")).unwrap();
        std::fs::write(path.parent().unwrap().join("src/lib.rs"), "").unwrap();
        std::fs::write(path, text).unwrap();
    }
    cargo(top, &["generate-lockfile", "--offline", "--quiet"]);
    let read = |path: &str| Ok(std::fs::read_to_string(top.join(path)).ok());
    let tracked = |path: &str| {
        let all = FILES.iter().map(|(path, _)| *path).chain(["Cargo.lock"]);
        all.filter(|name| path.is_empty() || *name == path).map(str::to_owned).collect()
    };
    let files = [VersionFile { path: "Cargo.toml".to_owned(), ..VersionFile::default() }];
    for (from, to) in [("1.3.0", "2.0.0-rc.1"), ("2.0.0-rc.1", "2.0.0"), ("2.0.0", "2.0.1")] {
        let version = |text: &str| Version::parse(text).unwrap();
        let step = VersionChange { from: vec![version(from)], to: version(to) };
        let edits = edits(&files, &FileSource { read: &read, tracked: &tracked }, &step).unwrap();
        assert!(edits.len() >= 4, "{to}: {edits:?}");
        for edit in edits {
            std::fs::write(top.join(edit.path), edit.after).unwrap();
        }
        cargo(top, &["metadata", "--locked", "--offline", "--format-version", "1"]);
    }
}
