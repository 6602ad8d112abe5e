//! Keeps the house as `docs/architecture.md` draws it: arrows point downwards, every foreign crate lives in its rooms,
//! every file says what it is for and stays small enough to hold in the head.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The rooms from the roof down; each may lean on those below it, and on nothing above.
const FLOORS: &[&[&str]] = &[
    &["main"],
    &["lib"],
    &["cli"],
    &["command"],
    &["apply", "rollout"],
    &["plan", "ledger"],
    &["demo", "history", "registry"],
    &["context"],
    &["changelog", "deploy", "policy"],
    &["version", "manifest", "config", "git", "ui"],
    &["model"],
    &["error"],
];

/// Which rooms a crate may be used in.
const CRATES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["config"]),
    ("anstyle", &["ui"]),
    ("base64", &["registry"]),
    ("clap", &["cli", "command"]),
    ("clap_complete", &["command"]),
    ("clap_mangen", &["command"]),
    ("dialoguer", &["ui"]),
    ("futures_util", &["registry"]),
    ("getrandom", &["context"]),
    ("git2", &["git"]),
    ("git_cliff_core", &["changelog"]),
    ("gix_commitgraph", &["git"]),
    ("gix_hash", &["git"]),
    ("globset", &["model"]),
    ("http_auth", &["registry"]),
    ("indicatif", &["ui"]),
    ("jiff", &["model"]),
    ("oci_client", &["registry"]),
    ("reqwest", &["registry"]),
    ("rustix", &["deploy", "git", "registry", "context"]),
    ("rustls", &["registry"]),
    ("schemars", &["config"]),
    ("semver", &["model"]),
    (
        "serde",
        &[
            "changelog",
            "command",
            "config",
            "deploy",
            "error",
            "ledger",
            "manifest",
            "model",
            "registry",
            "ui",
            "version",
        ],
    ),
    (
        "serde_json",
        &[
            "changelog",
            "cli",
            "command",
            "config",
            "deploy",
            "error",
            "ledger",
            "manifest",
            "model",
            "policy",
            "registry",
            "rollout",
            "ui",
        ],
    ),
    ("sha2", &["ledger", "registry"]),
    ("signal_hook", &["deploy", "ui"]),
    ("strsim", &["command", "config", "history", "ledger", "rollout"]),
    ("tempfile", &["deploy"]),
    ("terminal_size", &["context"]),
    ("tokio", &["registry"]),
    ("toml", &["changelog", "config", "manifest"]),
    ("unicode_width", &["ui"]),
];

/// No file is longer; a room that outgrows this wants another wall.
const LONGEST: usize = 450;

struct File {
    path: PathBuf,
    room: String,
    text: String,
}

fn files() -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut open = vec![top.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&top).unwrap();
                let room =
                    inside.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(File { path: inside.to_owned(), room, text });
            }
        }
    }
    assert!(found.len() > 20);
    found
}

/// Lines of code: neither comments nor tests.
fn code(file: &File) -> impl Iterator<Item = &str> {
    let lines = file.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    lines.filter(|line| !line.trim_start().starts_with("//"))
}

/// The words that stand before `::`.
fn roots(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("::") {
        let start = line[..at].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |place| place + 1);
        let before = &line[..start];
        if !before.ends_with("::") && start < at {
            found.push(&line[start..at]);
        }
    }
    found
}

fn floor(room: &str) -> usize {
    FLOORS.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("{room} is on no floor"))
}

#[test]
fn arrows_point_downwards() {
    for file in files() {
        for line in code(&file) {
            for (at, _) in line.match_indices("crate::") {
                let target: String =
                    line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let inside = target == file.room || target.is_empty();
                assert!(inside || floor(&target) > floor(&file.room), "{}: {line}", file.path.display());
            }
        }
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    let rooms: BTreeMap<&str, &[&str]> = CRATES.iter().copied().collect();
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let listed = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let listed: BTreeSet<String> = listed
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    assert_eq!(
        listed,
        rooms.keys().map(|name| (*name).to_owned()).collect(),
        "a crate has no room, or a room no crate"
    );
    let mut used = BTreeSet::new();
    for file in files() {
        for line in code(&file) {
            for root in roots(line) {
                if let Some(allowed) = rooms.get(root) {
                    used.insert(root.to_owned());
                    assert!(
                        allowed.contains(&file.room.as_str()),
                        "{} in {}: {line}",
                        root,
                        file.path.display()
                    );
                }
            }
        }
    }
    assert_eq!(used, listed, "a crate that nobody uses");
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    for file in files() {
        assert!(file.text.starts_with("//! "), "{} has no //! head", file.path.display());
        let lines = file.text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", file.path.display());
    }
    let mut lengths: Vec<usize> = files().iter().map(|file| file.text.lines().count()).collect();
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 160, "the median is {}", lengths[lengths.len() / 2]);
}

#[test]
fn only_the_world_reads_the_environment_and_few_rooms_start_programs() {
    for file in files() {
        for line in code(&file) {
            let reads = ["env::var", "env::current_dir", "SystemTime::now", "env::temp_dir", "current_exe"]
                .iter()
                .any(|word| line.contains(word));
            assert!(!reads || file.room == "context", "{}: {line}", file.path.display());
            let starts = line.contains("process::Command") || line.contains("Command::new(\"");
            // `git` runs git, `registry` the credential helpers that docker's configuration names, `demo` its shell.
            let may_start = ["git", "registry", "demo"].contains(&file.room.as_str());
            assert!(!starts || may_start, "{}: {line}", file.path.display());
            let marks = ["todo!(", "unimplemented!(", "dbg!("].iter().any(|word| line.contains(word));
            assert!(!marks, "{}: {line}", file.path.display());
        }
    }
}
