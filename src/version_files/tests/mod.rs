//! The room as a whole: work trees as they are found in the wild, and what a release changes in them.

mod cargo;
mod files;
mod laws;
mod patterns;

use super::{FileEdit, FileSource, VersionChange, edits};
use crate::error::Result;
use crate::model::{Version, VersionFile};

/// A step to a version; the old ones stand with commas between them, none for a first release.
fn step(from: &str, to: &str) -> VersionChange {
    let version = |text: &str| Version::parse(text).unwrap();
    VersionChange {
        from: from.split(',').filter(|text| !text.is_empty()).map(version).collect(),
        to: version(to),
    }
}

/// An entry for a file that is known by name.
fn known(path: &str) -> VersionFile {
    VersionFile { path: path.to_owned(), ..VersionFile::default() }
}

/// An entry with a pattern.
fn pattern(path: &str, pattern: &str, matches: Option<u32>) -> VersionFile {
    VersionFile { path: path.to_owned(), pattern: Some(pattern.to_owned()), matches }
}

/// Runs the room on a work tree in which everything is tracked.
fn run(tree: &[(&str, &str)], files: &[VersionFile], step: &VersionChange) -> Result<Vec<FileEdit>> {
    let read =
        |path: &str| Ok(tree.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned()));
    let tracked = |path: &str| {
        let under = |name: &str| path.is_empty() || name == path || name.starts_with(&format!("{path}/"));
        tree.iter().map(|(name, _)| (*name).to_owned()).filter(|name| under(name)).collect()
    };
    edits(files, &FileSource { read: &read, tracked: &tracked }, step)
}

/// What changes, a line each, from 1.3.0 to 1.4.0. What is written is run again, which changes nothing.
fn changes(tree: &[(&str, &str)], files: &[VersionFile], step: &VersionChange) -> Vec<String> {
    let edits = run(tree, files, step).unwrap();
    let after: Vec<(&str, &str)> = tree
        .iter()
        .map(|(path, text)| {
            let edit = edits.iter().find(|edit| edit.path == *path);
            assert!(edit.is_none_or(|edit| edit.before == *text));
            (*path, edit.map_or(*text, |edit| edit.after.as_str()))
        })
        .collect();
    assert_eq!(run(&after, files, step).unwrap(), [], "a rerun changes nothing");
    let mut lines = Vec::new();
    for edit in &edits {
        for replacement in &edit.replacements {
            lines.push(format!(
                "{}:{} {}: {} → {}",
                edit.path, replacement.line, replacement.label, replacement.from, replacement.to
            ));
        }
        assert_eq!(untouched(edit, &edit.before, false), untouched(edit, &edit.after, true));
    }
    lines
}

/// A text without the versions that were replaced.
fn untouched(edit: &FileEdit, text: &str, after: bool) -> String {
    let mut rest = text.to_owned();
    for replacement in edit.replacements.iter().rev() {
        let start: usize = rest.split_inclusive('\n').take(replacement.line - 1).map(str::len).sum();
        let wanted = if after { &replacement.to } else { &replacement.from };
        let at = start + rest[start..].find(wanted.as_str()).unwrap();
        rest.replace_range(at..at + wanted.len(), "");
    }
    rest
}

/// Everything that is wrong, a line each, hints last.
fn faults(tree: &[(&str, &str)], files: &[VersionFile], step: &VersionChange) -> Vec<String> {
    let error = run(tree, files, step).unwrap_err();
    assert_eq!(error.kind.code(), 4);
    let mut lines = if error.message.ends_with("are in the way") { Vec::new() } else { vec![error.message] };
    lines.extend(error.causes);
    lines.extend(error.hints.into_iter().map(|hint| format!("hint: {hint}")));
    lines
}

#[test]
fn every_fault_is_seen_at_once() {
    let tree = [
        ("package.json", "{\n  \"version\": \"1.2.9\"\n}\n"),
        ("Chart.yaml", "version: two\n"),
        ("a.md", "nothing"),
        ("pyproject.toml", "[project\n"),
    ];
    let files = [
        known("package.json"),
        known("Chart.yaml"),
        pattern("a.md", "rel@{version}", None),
        known("pyproject.toml"),
        known("web/Cargo.toml"),
    ];
    let faults = faults(&tree, &files, &step("1.3.0", "1.4.0"));
    let faults: Vec<_> = faults.iter().filter(|line| !line.starts_with("hint")).collect();
    assert_eq!(
        faults,
        [
            "package.json:2 holds `1.2.9`, not 1.3.0",
            "Chart.yaml:1 holds `two`, not 1.3.0",
            "a.md has no `rel@{version}`",
            "pyproject.toml:1 is not TOML: unclosed table, expected `]`",
            "web/Cargo.toml is not there, and release.toml says that it repeats the version",
        ]
    );
}

#[test]
fn the_hint_says_what_to_write() {
    let tree = [("package.json", "{\"version\": \"1.2.9\"}")];
    assert_eq!(
        faults(&tree, &[known("package.json")], &step("1.3.0", "1.4.0")),
        ["package.json:1 holds `1.2.9`, not 1.3.0", "hint: write 1.3.0 there: the release makes 1.4.0 of it"]
    );
}

#[test]
fn a_first_release_takes_what_is_not_above_it() {
    for held in ["0.0.0", "0.1.0-rc.1", "0.1.0"] {
        let text = format!("{{\"version\": \"{held}\"}}");
        let edits = run(&[("package.json", &text)], &[known("package.json")], &step("", "0.1.0")).unwrap();
        assert_eq!(edits.len(), usize::from(held != "0.1.0"), "{held}");
    }
    let tree = [("package.json", "{\"version\": \"1.0.0\"}")];
    assert_eq!(
        faults(&tree, &[known("package.json")], &step("", "0.1.0"))[0],
        "package.json:1 holds `1.0.0`, not a version up to 0.1.0"
    );
}

#[test]
fn a_final_takes_what_the_last_final_or_the_last_prerelease_left() {
    for held in ["1.3.0", "1.4.0-rc.2"] {
        let text = format!("{{\"version\": \"{held}\"}}");
        let tree = [("package.json", text.as_str())];
        let changes = changes(&tree, &[known("package.json")], &step("1.3.0,1.4.0-rc.2", "1.4.0"));
        assert_eq!(changes, [format!("package.json:1 version: {held} → 1.4.0")]);
    }
}

#[test]
fn what_the_reader_says_is_passed_on() {
    let read = |path: &str| Err(crate::error::Error::unreachable(format!("{path} cannot be read")));
    let tree = FileSource { read: &read, tracked: &|_| Vec::new() };
    let files = [known("package.json"), known("Cargo.toml")];
    let error = edits(&files, &tree, &step("1.3.0", "1.4.0")).unwrap_err();
    assert_eq!((error.kind.code(), error.causes.len()), (6, 2));
}
