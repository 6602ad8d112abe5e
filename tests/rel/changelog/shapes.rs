//! Changelogs in the formats of other tools: one block is inserted, and nothing else changes.

use super::{fixture, plain, read, shop};
use snapbox::str;

/// Returns what was inserted, and asserts that nothing else changed.
#[track_caller]
fn inserted(before: &str, after: &str) -> String {
    let lines = before.split_inclusive('\n').zip(after.split_inclusive('\n'));
    let start: usize = lines.take_while(|(old, new)| old == new).map(|(line, _)| line.len()).sum();
    let rest = &before.as_bytes()[start..];
    assert!(after.as_bytes()[start..].ends_with(rest), "more than one block changed:\n{after}");
    String::from_utf8(after.as_bytes()[start..after.len() - rest.len()].to_vec()).unwrap()
}

/// Writes the section into a fixture; returns the file before and after.
#[track_caller]
fn written(name: &str) -> (String, String) {
    let shop = plain();
    let before = fixture(name);
    shop.write("CHANGELOG.md", &before);
    let run = shop.rel("changelog --write");
    assert_eq!(run.code, 0, "{name}: {}", run.stderr);
    let after = read(&shop);
    shop.rel("changelog --write").fails(0, "CHANGELOG.md already has a section 1.4.0; nothing changed\n");
    assert_eq!(read(&shop), after, "{name}: written twice");
    if name != "unreleased-by-hand.md" {
        assert_eq!(shop.rel("changelog --check").code, 0, "{name}: not what would be rendered:\n{after}");
    }
    (before, after)
}

const BODY: &str = " - 2026-11-20\n\n### Added\n\n- **cart:** coupons (#12)\n\n### Fixed\n\n- rounding\n";

#[test]
fn one_block_is_inserted() {
    for (name, above) in [
        ("crlf.md", "\r\nText.\r\n\r\n"),
        ("release-please.md", "# Changelog\n\n"),
        ("git-cliff.md", "will be documented in this file.\n\n"),
        ("setext.md", "=========\n\n"),
        ("front-matter.md", "2026-01-01\n```\n"),
        ("no-newline.md", "# Changelog\n\n"),
    ] {
        let (before, after) = written(name);
        let block = inserted(&before, &after);
        let newline = if before.contains("\r\n") { "\r\n" } else { "\n" };
        assert!(
            block.replace("\r\n", "\n").contains(&format!("## [1.4.0]{BODY}"))
                || block.replace("\r\n", "\n").contains(&format!("[1.4.0]{BODY}")),
            "{name}: {block}"
        );
        assert_eq!(block.matches('\n').count(), block.matches(newline).count(), "{name}: {block:?}");
        let at = after.find("## [1.4.0]").unwrap();
        assert!(after[..at].trim_end().ends_with(above.trim_end()), "{name}:\n{after}");
        assert_eq!(after.ends_with('\n'), before.ends_with('\n'), "{name}");
    }
}

#[test]
fn the_heading_level_is_that_of_the_file() {
    let (before, after) = written("semantic-release.md");
    assert_eq!(inserted(&before, &after), format!("# [1.4.0]{BODY}\n"));
}

#[test]
fn the_section_is_inserted_above_anchors() {
    let (before, after) = written("conventional-changelog.md");
    assert_eq!(inserted(&before, &after), format!("# [1.4.0]{BODY}\n"));
    assert!(after.ends_with(&before));
}

#[test]
fn sections_of_cocogitto_are_separated_by_rules() {
    let (before, after) = written("cocogitto.md");
    inserted(&before, &after);
    assert!(after.contains(&format!("- - -\n\n## [1.4.0]{BODY}\n- - -\n\n## v1.3.0")), "{after}");
}

#[test]
fn an_empty_file_gets_a_title() {
    assert_eq!(written("empty.md").1, format!("# Changelog\n\n## [1.4.0]{BODY}"));
}

#[test]
fn link_definitions_at_the_end_are_updated() {
    let (before, after) = written("keep-a-changelog.md");
    let (text, links) = after.split_at(after.find("[unreleased]: ").unwrap());
    let (text_before, _) = before.split_at(before.find("[unreleased]: ").unwrap());
    assert_eq!(inserted(text_before, text), format!("## [1.4.0]{BODY}\n"));
    snapbox::assert_data_eq!(
        links,
        str![[r#"
[unreleased]: https://github.com/acme/shop/compare/v1.4.0...HEAD
[1.4.0]: https://github.com/acme/shop/compare/v1.3.0...v1.4.0
[1.3.0]: https://github.com/acme/shop/compare/v1.2.0...v1.3.0
[1.2.0]: https://github.com/acme/shop/releases/tag/v1.2.0

"#]]
    );
}

#[test]
fn handwritten_unreleased_notes_become_part_of_the_release() {
    let (_, after) = written("unreleased-by-hand.md");
    snapbox::assert_data_eq!(
        after,
        str![[r#"
# Changelog

## [Unreleased]

## [1.4.0] - 2026-11-20

### Added

- Coupons, as customers know them.
- **cart:** coupons (#12)

### Security

- Passwords are hashed.

### Fixed

- rounding

## [1.3.0] - 2026-01-01

### Added

- Baskets are kept.

"#]]
    );
}

#[test]
fn an_older_release_is_inserted_in_order() {
    let shop = shop();
    shop.tag("v1.4.0").commit("feat: more").tag("v1.5.0");
    shop.write("CHANGELOG.md", "# Changelog\n\n## 1.5.0\n\n## 1.3.0\n");
    assert_eq!(shop.rel("changelog --write v1.4.0").code, 0);
    let after = read(&shop);
    let places: Vec<_> = [
        "## 1.5.0",
        "## [1.4.0](https://github.com/acme/shop/compare/v1.3.0...v1.4.0) - 2026-01-01",
        "## 1.3.0",
    ]
    .iter()
    .map(|title| after.find(title))
    .collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{after}");
}

#[test]
fn a_section_that_would_not_be_found_again_is_not_written() {
    let shop = plain();
    let open = "# Changelog\n\n```\nan example that never ends\n";
    shop.write("CHANGELOG.md", open);
    let run = shop.rel("changelog --write");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert_eq!(read(&shop), open);
    shop.write("CHANGELOG.md", "# Changelog\n");
    shop.write("release.toml", "changelog.template = \"n.tera\"\n").write("n.tera", "News!");
    assert_eq!(shop.rel("changelog --write").code, 4);
    assert_eq!(read(&shop), "# Changelog\n");
}

#[test]
fn empty_headings_get_their_entries() {
    let shop = plain();
    shop.write("CHANGELOG.md", "# [Unreleased]\n\n## Added\n\n## Fixed\n- by hand\n- rounding\n# [1.3.0]\n");
    assert_eq!(shop.rel("changelog --write").code, 0);
    let after = "# [Unreleased]\n\n# [1.4.0] - 2026-11-20\n\n## Added\n\n- **cart:** coupons (#12)\n\n## Fixed\n- by hand\n- rounding\n# [1.3.0]\n";
    assert_eq!(read(&shop), after);
}
