//! Files in which a pattern says where the version stands.

use super::{changes, faults, pattern, run, step};

#[test]
fn every_old_version_is_replaced_and_no_other() {
    let text = "cargo install rel@1.3.0\r\n(rel@1.3.0)\r\nsince rel@1.2.0\nrel@1.3.0-rc.1 rel@1.3.01 rel@11.3.0\nrel@1.3.0.";
    assert_eq!(
        changes(
            &[("docs/i.md", text)],
            &[pattern("docs/i.md", "rel@{version}", None)],
            &step("1.3.0", "1.4.0")
        ),
        [
            "docs/i.md:1 rel@{version}: 1.3.0 → 1.4.0",
            "docs/i.md:2 rel@{version}: 1.3.0 → 1.4.0",
            "docs/i.md:5 rel@{version}: 1.3.0 → 1.4.0",
        ]
    );
}

/// The text after the step, or the fault.
fn after(text: &str, pattern_text: &str, from: &str, to: &str) -> String {
    match run(&[("a", text)], &[pattern("a", pattern_text, None)], &step(from, to)) {
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
        ("rel-1.3.0-linux", "rel-{version}", "1.3.0", "1.4.0", "a has no `rel-{version}` with 1.3.0"),
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
fn what_is_not_found_is_told() {
    let tree = [("a.md", "one rel@1.2.0\ntwo rel@1.1.0\n")];
    assert_eq!(
        faults(&tree, &[pattern("a.md", "rel@{version}", None)], &step("1.3.0", "1.4.0")),
        [
            "a.md has no `rel@{version}` with 1.3.0",
            "a.md:1 holds `1.2.0`",
            "a.md:2 holds `1.1.0`",
            "hint: write `rel@1.3.0` into a.md, or mend the pattern; what follows the version belongs to it",
        ]
    );
}

#[test]
fn matches_is_exact() {
    let tree = [("a.md", "rel@1.3.0 rel@1.4.0 rel@1.2.0")];
    let files = |matches| [pattern("a.md", "rel@{version}", Some(matches))];
    assert_eq!(changes(&tree, &files(2), &step("1.3.0", "1.4.0")).len(), 1);
    assert_eq!(
        faults(&tree, &files(1), &step("1.3.0", "1.4.0")),
        [
            "a.md has `rel@{version}` with 1.3.0 2 times, not once",
            "a.md:1 holds `1.2.0`",
            "hint: write matches = 2, or a longer pattern",
        ]
    );
    assert!(run(&tree, &files(3), &step("1.3.0", "1.4.0")).is_err());
}

#[test]
fn two_entries_share_a_file() {
    let tree = [("a.md", "rel@1.3.0 rel:1.3.0")];
    let files = [
        pattern("a.md", "rel@{version}", None),
        pattern("a.md", "rel:{version}", None),
        pattern("a.md", "{version}", None),
    ];
    let edits = run(&tree, &files, &step("1.3.0", "1.4.0")).unwrap();
    assert_eq!((edits.len(), edits[0].replacements.len()), (1, 2));
    assert_eq!(edits[0].after, "rel@1.4.0 rel:1.4.0");
}
