//! The edits of whole work trees.

mod cargo;
mod files;

mod patterns;
mod properties;

use super::{FileEdit, FileSource, VersionChange, edits};
use crate::error::Details;
use crate::error::Result;
use crate::model::{Version, VersionFile};

/// Returns a version change; `from` has the old versions separated by commas, none for a first release.
fn change(from: &str, to: &str) -> VersionChange {
    let version = |text: &str| Version::parse(text).unwrap();
    VersionChange {
        from: from.split(',').filter(|text| !text.is_empty()).map(version).collect(),
        to: version(to),
    }
}

/// Returns a `[[file]]` of a known file name.
fn by_name(path: &str) -> VersionFile {
    VersionFile { path: path.to_owned(), ..VersionFile::default() }
}

/// Returns a `[[file]]` with a pattern.
fn with_pattern(path: &str, pattern: &str, matches: Option<u32>) -> VersionFile {
    VersionFile { path: path.to_owned(), pattern: Some(pattern.to_owned()), matches }
}

/// Returns the edits of a work tree in which everything is tracked.
fn edit(tree: &[(&str, &str)], files: &[VersionFile], version: &VersionChange) -> Result<Vec<FileEdit>> {
    let read =
        |path: &str| Ok(tree.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned()));
    let tracked = |path: &str| {
        let under = |name: &str| path.is_empty() || name == path || name.starts_with(&format!("{path}/"));
        tree.iter().map(|(name, _)| (*name).to_owned()).filter(|name| under(name)).collect()
    };
    edits(files, &FileSource { read: &read, tracked: &tracked }, version)
}

/// Returns what changes, a line each. Checks that a second run changes nothing.
fn changed_lines(tree: &[(&str, &str)], files: &[VersionFile], version: &VersionChange) -> Vec<String> {
    let edits = edit(tree, files, version).unwrap();
    let after: Vec<(&str, &str)> = tree
        .iter()
        .map(|(path, text)| {
            let edit = edits.iter().find(|edit| edit.path == *path);
            assert!(edit.is_none_or(|edit| edit.before == *text));
            (*path, edit.map_or(*text, |edit| edit.after.as_str()))
        })
        .collect();
    assert_eq!(edit(&after, files, version).unwrap(), [], "a rerun changes nothing");
    let mut lines = Vec::new();
    for edit in &edits {
        for replacement in &edit.replacements {
            lines.push(format!(
                "{}:{} {}: {} → {}",
                edit.path, replacement.line, replacement.label, replacement.from, replacement.to
            ));
        }
        assert_eq!(without_versions(edit, &edit.before, false), without_versions(edit, &edit.after, true));
    }
    lines
}

/// Returns a text without the versions that are replaced.
fn without_versions(edit: &FileEdit, text: &str, after: bool) -> String {
    let mut rest = text.to_owned();
    for replacement in edit.replacements.iter().rev() {
        let start: usize = rest.split_inclusive('\n').take(replacement.line - 1).map(str::len).sum();
        let wanted = if after { &replacement.to } else { &replacement.from };
        let at = start + rest[start..].find(wanted.as_str()).unwrap();
        rest.replace_range(at..at + wanted.len(), "");
    }
    rest
}

/// Returns all errors, a line each, hints last.
fn errors(tree: &[(&str, &str)], files: &[VersionFile], version: &VersionChange) -> Vec<String> {
    let error = edit(tree, files, version).unwrap_err();
    assert_eq!(error.kind.code(), 4);
    let hints: Vec<String> = error.all_hints().into_iter().map(|hint| format!("hint: {hint}")).collect();
    let mut lines =
        if matches!(error.details, Details::Errors(_)) { Vec::new() } else { vec![error.message] };
    lines.extend(error.causes);
    lines.extend(hints);
    lines
}

#[test]
fn all_errors_are_reported_at_once() {
    let tree = [
        ("package.json", "{\n  \"version\": \"1.2.9\"\n}\n"),
        ("Chart.yaml", "version: two\n"),
        ("a.md", "nothing"),
        ("pyproject.toml", "[project\n"),
    ];
    let files = [
        by_name("package.json"),
        by_name("Chart.yaml"),
        with_pattern("a.md", "rel@{version}", None),
        by_name("pyproject.toml"),
        by_name("web/Cargo.toml"),
    ];
    let errors = errors(&tree, &files, &change("1.3.0", "1.4.0"));
    let errors: Vec<_> = errors.iter().filter(|line| !line.starts_with("hint")).collect();
    assert_eq!(
        errors,
        [
            "package.json:2 has `1.2.9`, expected 1.3.0",
            "Chart.yaml:1 has `two`, expected 1.3.0",
            "a.md does not contain `rel@{version}`",
            "pyproject.toml:1 is not valid TOML: unclosed table, expected `]`",
            "web/Cargo.toml does not exist, but is listed as a [[file]] in release.toml",
        ]
    );
}

#[test]
fn the_hint_says_what_to_change() {
    let tree = [("package.json", "{\"version\": \"1.2.9\"}")];
    assert_eq!(
        errors(&tree, &[by_name("package.json")], &change("1.3.0", "1.4.0")),
        [
            "package.json:1 has `1.2.9`, expected 1.3.0",
            "hint: change it to 1.3.0; the release then sets it to 1.4.0"
        ]
    );
}

#[test]
fn a_first_release_replaces_any_version_that_is_not_higher() {
    for current in ["0.0.0", "0.1.0-rc.1", "0.1.0"] {
        let text = format!("{{\"version\": \"{current}\"}}");
        let edits =
            edit(&[("package.json", &text)], &[by_name("package.json")], &change("", "0.1.0")).unwrap();
        assert_eq!(edits.len(), usize::from(current != "0.1.0"), "{current}");
    }
    let tree = [("package.json", "{\"version\": \"1.0.0\"}")];
    assert_eq!(
        errors(&tree, &[by_name("package.json")], &change("", "0.1.0"))[0],
        "package.json:1 has `1.0.0`, expected a version up to 0.1.0"
    );
}

#[test]
fn a_final_replaces_the_last_final_and_the_last_prerelease() {
    for current in ["1.3.0", "1.4.0-rc.2"] {
        let text = format!("{{\"version\": \"{current}\"}}");
        let tree = [("package.json", text.as_str())];
        let lines = changed_lines(&tree, &[by_name("package.json")], &change("1.3.0,1.4.0-rc.2", "1.4.0"));
        assert_eq!(lines, [format!("package.json:1 version: {current} → 1.4.0")]);
    }
}

#[test]
fn errors_of_the_reader_are_returned() {
    let read = |path: &str| Err(crate::error::Error::unreachable(format!("{path} cannot be read")));
    let tree = FileSource { read: &read, tracked: &|_| Vec::new() };
    let files = [by_name("package.json"), by_name("Cargo.toml")];
    let error = edits(&files, &tree, &change("1.3.0", "1.4.0")).unwrap_err();
    assert_eq!((error.kind.code(), error.causes.len()), (6, 2));
}
