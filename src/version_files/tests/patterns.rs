//! Files with a text pattern.

use super::{change, changed_lines, edit, errors, with_pattern};

#[test]
fn only_occurrences_of_the_old_version_are_replaced() {
    let text = "cargo install rel@1.3.0\r\n(rel@1.3.0)\r\nsince rel@1.2.0\nrel@1.3.0-rc.1 rel@1.3.01 rel@11.3.0\nrel@1.3.0.";
    assert_eq!(
        changed_lines(
            &[("docs/i.md", text)],
            &[with_pattern("docs/i.md", "rel@{version}", None)],
            &change("1.3.0", "1.4.0")
        ),
        [
            "docs/i.md:1 rel@{version}: 1.3.0 → 1.4.0",
            "docs/i.md:2 rel@{version}: 1.3.0 → 1.4.0",
            "docs/i.md:5 rel@{version}: 1.3.0 → 1.4.0",
        ]
    );
}

/// Returns the text after the change, or the error.
fn after(text: &str, pattern_text: &str, from: &str, to: &str) -> String {
    match edit(&[("a", text)], &[with_pattern("a", pattern_text, None)], &change(from, to)) {
        Ok(edits) => edits.first().map_or_else(|| text.to_owned(), |edit| edit.after.clone()),
        Err(error) => error.message,
    }
}

#[test]
fn a_version_ends_where_semver_or_the_pattern_ends_it() {
    for (text, pattern, from, to, expected) in [
        (
            "rel-1.3.0-linux.tar.gz",
            "rel-{version}-linux",
            "1.3.0",
            "1.4.0-rc.1",
            "rel-1.4.0-rc.1-linux.tar.gz",
        ),
        (
            "rel-1.4.0-rc.1-linux.tar.gz",
            "rel-{version}-linux",
            "1.4.0-rc.1",
            "1.4.0",
            "rel-1.4.0-linux.tar.gz",
        ),
        ("rel-1.3.0.tar.gz", "rel-{version}", "1.3.0", "1.4.0", "rel-1.4.0.tar.gz"),
        ("rel-1.4.0-rc.1.tar.gz", "rel-{version}", "1.4.0-rc.1", "1.4.0", "rel-1.4.0.tar.gz"),
        ("rel_1.3.0_amd64", "rel_{version}", "1.3.0", "1.4.0", "rel_1.4.0_amd64"),
        (
            "rel-1.3.0-linux",
            "rel-{version}",
            "1.3.0",
            "1.4.0",
            "a does not contain `rel-{version}` with 1.3.0",
        ),
        ("1.3.0.1 21.3.0 v1.3.0 0.1.3.0", "{version}", "1.3.0", "1.4.0", "1.3.0.1 21.3.0 v1.4.0 0.1.3.0"),
        ("é1.3.0é", "{version}", "1.3.0", "1.4.0", "é1.4.0é"),
        ("„1.3.0“", "{version}", "1.3.0", "1.4.0", "„1.4.0“"),
        (
            "[1.3.0]: /v1.3.0\n[1.2.0]: /v1.2.0",
            "[{version}]: /v{version}",
            "1.3.0",
            "1.4.0",
            "[1.4.0]: /v1.4.0\n[1.2.0]: /v1.2.0",
        ),
        ("x1.3.0", "x{version}", "1.3.0,1.4.0-rc", "1.4.0", "x1.4.0"),
        ("x1.4.0", "x{version}", "1.3.0", "1.4.0", "x1.4.0"),
        ("x0.0.1 x0.9.0", "x{version}", "", "0.1.0", "x0.1.0 x0.9.0"),
    ] {
        assert_eq!(after(text, pattern, from, to), expected, "{text} {pattern}");
    }
}

#[test]
fn other_versions_are_named_if_the_old_one_is_not_found() {
    let tree = [("a.md", "one rel@1.2.0\ntwo rel@1.1.0\n")];
    assert_eq!(
        errors(&tree, &[with_pattern("a.md", "rel@{version}", None)], &change("1.3.0", "1.4.0")),
        [
            "a.md does not contain `rel@{version}` with 1.3.0",
            "a.md:1 has `1.2.0`",
            "a.md:2 has `1.1.0`",
            "hint: add `rel@1.3.0` to a.md, or fix the pattern; text directly after the version is read as part of the version",
        ]
    );
}

#[test]
fn matches_is_an_exact_count() {
    let tree = [("a.md", "rel@1.3.0 rel@1.4.0 rel@1.2.0")];
    let files = |matches| [with_pattern("a.md", "rel@{version}", Some(matches))];
    assert_eq!(changed_lines(&tree, &files(2), &change("1.3.0", "1.4.0")).len(), 1);
    assert_eq!(
        errors(&tree, &files(1), &change("1.3.0", "1.4.0")),
        [
            "a.md contains `rel@{version}` with 1.3.0 2 times; expected: once",
            "a.md:1 has `1.2.0`",
            "hint: set matches = 2, or use a longer pattern",
        ]
    );
    assert!(edit(&tree, &files(3), &change("1.3.0", "1.4.0")).is_err());
}

#[test]
fn several_entries_may_change_one_file() {
    let tree = [("a.md", "rel@1.3.0 rel:1.3.0")];
    let files = [
        with_pattern("a.md", "rel@{version}", None),
        with_pattern("a.md", "rel:{version}", None),
        with_pattern("a.md", "{version}", None),
    ];
    let edits = edit(&tree, &files, &change("1.3.0", "1.4.0")).unwrap();
    assert_eq!((edits.len(), edits[0].replacements.len()), (1, 2));
    assert_eq!(edits[0].after, "rel@1.4.0 rel:1.4.0");
}
