//! What a whole file means.

mod faults;
mod formats;
mod hostile;
mod manual;

use super::{Config, read};
use crate::model::Bump;

/// The example of the manual with every key.
const FULL: &str = include_str!("../../../tests/rel/fixtures/release-full.toml");

/// Returns the faults of a text, a line each.
fn faults(text: &str) -> Vec<String> {
    read("release.toml", text).map_or_else(|error| error.causes, |_| Vec::new())
}

#[test]
fn the_full_example_means_what_it_says() {
    let config = read("release.toml", FULL).unwrap();
    assert_eq!(config.name.as_deref(), Some("shop"));
    assert_eq!(config.version.tag.as_deref(), Some("{package}-v{version}"));
    assert_eq!(config.version.legacy_tags, ["{version}"]);
    assert_eq!(config.version.bump.bump("feat"), Some(Bump::Minor));
    let branches: Vec<_> = config.branches.iter().map(|branch| branch.name.as_str()).collect();
    assert_eq!(branches, ["main", "staging", "development", "1.x", "release/*"]);
    assert_eq!(config.branches[3].range.unwrap().to_string(), ">=1.0.0, <2.0.0");
    assert!(config.branches[4].named && config.branches[4].matches.matches("release/v1.2.3"));
    assert_eq!(config.branches[1].channel.as_ref().unwrap().as_str(), "rc");
    assert_eq!(config.packages[0].name, "api");
    assert!(config.packages[0].exclude.matches("services/api/README.md"));
    let files: Vec<_> = config.files.iter().map(|file| (file.path.as_str(), file.matches)).collect();
    assert_eq!(files, [("Cargo.toml", None), ("docs/install.md", Some(2))]);
    assert_eq!(config.files[1].pattern.as_deref(), Some("rel@{version}"));
    assert_eq!(config.written, ["CHANGELOG.md", "Cargo.toml", "Cargo.lock", "docs/install.md"]);
}

#[test]
fn an_empty_file_means_the_defaults() {
    let config = read("release.toml", "").unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
}

#[test]
fn written_files_are_spelled_as_in_git() {
    let text = "changelog.path = './/notes/./x.md'\n[[file]]\npath = 'web/package.json'\n[[file]]\npath = './crates/a/Cargo.toml'";
    assert_eq!(
        read("release.toml", text).unwrap().written,
        [
            "notes/x.md",
            "web/package.json",
            "web/package-lock.json",
            "web/npm-shrinkwrap.json",
            "crates/a/Cargo.toml",
            "crates/a/Cargo.lock",
            "Cargo.lock",
        ]
    );
}

#[test]
fn v30_a_release_commit_may_change_all_members_of_a_workspace() {
    let config = read("release.toml", "[[file]]\npath = 'Cargo.toml'").unwrap();
    for path in ["CHANGELOG.md", "Cargo.lock", "crates/core/Cargo.toml"] {
        assert!(config.writes(path), "{path}");
    }
    assert!(!config.writes("crates/core/src/lib.rs") && !config.writes("web/package.json"));
    let config = read("release.toml", "[[file]]\npath = 'Cargo.toml'\npattern = 'x{version}'").unwrap();
    assert!(!config.writes("crates/core/Cargo.toml"));
}

#[test]
fn v12_bump_switches_types_off_and_adds_types() {
    let config = read("release.toml", "version.bump = { perf = 'none', Docs = 'patch' }").unwrap();
    assert_eq!(config.version.bump.bump("perf"), None);
    assert_eq!(config.version.bump.bump("docs"), Some(Bump::Patch));
}
