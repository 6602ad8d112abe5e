//! Properties of inserting a section: whatever the text, nothing is lost, and a second insertion changes nothing.

use super::{Changelog, Insertion, ReleaseSection, apply_edits};
use proptest::prelude::*;

const LINES: [&str; 24] = [
    "# Changelog",
    "## [Unreleased]",
    "## [1.3.0] - 2026-01-01",
    "# [1.2.0](https://x/compare/v1.1.0...v1.2.0) (2025-01-01)",
    "### [1.5.0]",
    "Version 1.1.0",
    "-------------",
    "=====",
    "<a name=\"1.0.0\"></a>",
    "- - -",
    "---",
    "### Added",
    "### Fixed",
    "- entry",
    "- one",
    "* ünïcode 日本",
    "```",
    "<!-- a",
    "b -->",
    "<!-- generated -->",
    "[unreleased]: https://x/compare/v1.3.0...HEAD",
    "[1.3.0]: https://x/compare/v1.2.0...v1.3.0",
    "    ## [9.9.9]",
    "",
];

const SECTION: &str =
    "## [1.4.0] - 2026-11-20\n\n### Breaking\n\n- gone\n  at last\n\n### Added\n\n- one\n- two";

proptest! {
    #[test]
    fn nothing_is_lost_and_a_second_insertion_changes_nothing(
        picks in prop::collection::vec((0..LINES.len(), 0..3usize), 0..14),
        last in any::<bool>(),
    ) {
        let mut text: String = picks.iter().map(|(line, end)| format!("{}{}", LINES[*line], ["\n", "\r\n", "\n\n"][*end])).collect();
        if !last {
            text.truncate(text.trim_end().len());
        }
        let release = ReleaseSection { title: "1.4.0", tag: "v1.4.0", section: SECTION, page: Some("https://x/1.4.0") };
        let frame = ("# Changelog".to_owned(), String::new());
        if let Insertion::Edits(edits) = Changelog::parse(&text).insert(release, &frame) {
            let mut before = 0;
            for edit in &edits {
                prop_assert!(edit.at >= before && text.is_char_boundary(edit.at));
                prop_assert!(edit.remove == 0 || text[edit.at..edit.at + edit.remove].ends_with("...HEAD"));
                before = edit.at + edit.remove;
            }
            let after = apply_edits(&text, &edits);
            let again = Changelog::parse(&after).insert(release, &frame);
            prop_assert_eq!(again, Insertion::AlreadyPresent, "{}", after);
            prop_assert!(after.contains("gone"), "{}", after);
        }
    }
}
