//! The rules of messages, a test for each (docs/version-rules.md).

use super::{Change, Message};
use crate::model::BumpTable;

fn parse(text: &str) -> Message {
    Message::parse(text, &BumpTable::default(), true)
}

/// Units as `kind!: subject`, parts with a star.
fn changes(text: &str) -> Vec<String> {
    let show = |change: &Change| {
        let star = if change.part { "*" } else { "" };
        let bang = if change.breaking { "!" } else { "" };
        let skip = if change.skipped { " (skipped)" } else { "" };
        format!("{star}{}{bang}: {}{skip}", change.kind.as_deref().unwrap_or("-"), change.subject)
    };
    parse(text).changes.iter().map(show).collect()
}

#[test]
fn v21_leading_space_and_a_bom_are_trimmed_on_the_first_line_only() {
    assert_eq!(changes("\u{feff}  feat: x"), ["feat: x"]);
    assert_eq!(changes("\n\n feat: x\n\n  fix: y\n\n> fix: z"), ["feat: x"]);
    assert_eq!(changes("# feat: x"), [""; 0]);
    assert_eq!(changes("#feat: x"), [""; 0]);
    assert_eq!(parse("feat:x").warnings.len(), 1);
    assert_eq!(parse("feature x").warnings.len(), 0);
}

#[test]
fn v22_the_body_may_follow_without_a_blank_line() {
    assert_eq!(changes("feat: x\nBREAKING CHANGE: y"), ["feat!: x"]);
    assert_eq!(changes("feat: x\nfix: inside the same paragraph"), ["feat: x"]);
    assert_eq!(changes("feat: x\n* fix: y"), ["feat: x", "*fix: y"]);
}

#[test]
fn v23_breaking_change_footers_count_where_the_rule_says() {
    assert_eq!(changes("fix: x\n\ntext\nBREAKING-CHANGE: y\nmore"), ["fix!: x"]);
    assert_eq!(changes("fix: x\n\n  BREAKING CHANGE: y"), ["fix: x"]);
    assert_eq!(parse("fix: x\n\nBreaking change: y").warnings.len(), 1);
    assert_eq!(changes("BREAKING CHANGE: all"), ["-!: BREAKING CHANGE: all"]);
    assert_eq!(changes("BREAKING-CHANGE: all"), ["-!: BREAKING-CHANGE: all"]);
    assert_eq!(parse("BREAKING CHANGE: all").warnings.len(), 1);
    assert_eq!(changes("Rework everything\n\nBREAKING CHANGE: y"), ["-!: Rework everything"]);
    assert_eq!(changes("chore!: x"), ["chore!: x"]);
}

#[test]
fn v24_a_squash_is_split_into_its_parts() {
    let text = "Big thing (#12)\n\n* feat: a\n\ndetails of a\n\n* fix(x): b\n\n* not a unit\n\n- perf: c\n+ feat: no\n1. feat: no";
    assert_eq!(changes(text), ["*feat: a", "*fix: b", "*perf: c"]);
    assert_eq!(changes("feat: a\n\nfix: b\n\nfeature: c\n\ntext\nfix: d"), ["feat: a", "*fix: b"]);
    assert_eq!(
        changes("chore: x\n\n* feat: a\n* BREAKING CHANGE: y\n* fix: b"),
        ["chore: x", "*feat!: a", "*fix: b"]
    );
    assert_eq!(changes("chore: x\n\n* feat: a\n\n## Notes\n\nBREAKING CHANGE: y"), ["chore!: x", "*feat: a"]);
    assert_eq!(
        changes("fix(deps): bump y\n\nRelease notes:\n> feat: quoted\n    feat: indented"),
        ["fix: bump y"]
    );
    assert_eq!(changes("fix(deps): bump y\n\n  * feat: indented bullet"), ["fix: bump y"]);
}

#[test]
fn v25_the_body_of_a_squashed_merge_is_its_message() {
    assert_eq!(changes("Merge pull request #1 from a/b\n\nfeat: x\n\nfix: y"), ["feat: x"]);
    assert_eq!(changes("Merged PR 12: title\n\nfix: y"), ["fix: y"]);
    assert_eq!(changes("Merged PR x: title"), [""; 0]);
    assert_eq!(changes("Merged PR 12: feat!: x"), ["feat!: x"]);
    assert_eq!(changes("Merged PR 12: feat!: x\n\nprose"), ["feat!: x"]);
    assert_eq!(changes("Merge pull request #1 from a/b\n\n* feat: x\n* fix: y"), ["feat: x", "*fix: y"]);
    assert!(parse("Merge pull request #1 from a/b [skip release]\n\nfeat: x").skipped);
    for subject in ["Merge branch 'x'", "Merge remote-tracking branch 'o/x'", "Merge tag 'v1'"] {
        assert_eq!(changes(&format!("{subject}\n\nfeat: x")), ["feat: x"]);
        assert_eq!(changes(subject), [""; 0]);
    }
    let merge = Message::parse("Merge branch 'x'\n\nfeat: x", &BumpTable::default(), false);
    assert_eq!(merge.subject, "Merge branch 'x'");
    assert_eq!(parse("Merge branch 'x'\n\nfeat: x\n\nBREAKING CHANGE: y").warnings.len(), 1);
}

#[test]
fn v26_scissors_end_a_message_and_crlf_is_lf() {
    let text = "fix: x\r\n\r\n* feat: a\r\n# ------------------------ >8 ------------------------\r\nBREAKING CHANGE: y\r\n";
    assert_eq!(changes(text), ["fix: x", "*feat: a"]);
}

#[test]
fn v16_skip_release_excludes_a_commit_or_a_bullet() {
    assert!(parse("feat: x [skip release]\n\n* fix: y").skipped);
    assert!(parse("Some words [Release Skip]").skipped);
    assert_eq!(
        changes("chore: x\n\n* feat: a [SKIP RELEASE]\n* BREAKING CHANGE: y\n* fix: b"),
        ["chore: x", "*feat!: a [SKIP RELEASE] (skipped)", "*fix: b"]
    );
    assert!(!parse("feat: x\n\n[skip release]").skipped);
}

#[test]
fn v19_v20_reverts_count_but_not_inside_a_squash() {
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let reverts = |text: String| parse(&text).reverts.len();
    assert_eq!(reverts(format!("Revert \"feat: x\"\n\nThis reverts commit {hash}.")), 1);
    assert_eq!(reverts(format!("fix: y\n\n* feat: a\n\nThis reverts commit {hash}.")), 0);
    assert_eq!(reverts(format!("Batch (#2)\n\n* Revert \"feat: a\"\n\nThis reverts commit {hash}.")), 0);
}

#[test]
fn v15_release_as_is_not_case_sensitive() {
    let values = |text: &str| -> Vec<String> {
        parse(text).release_as.into_iter().map(|trailer| trailer.value).collect()
    };
    assert_eq!(values("chore: x\n\nrelease-as: v2.0.0"), ["v2.0.0"]);
    assert_eq!(values("chore: x\n\nRelease-As: 2.0.0\n\nCo-authored-by: a"), ["2.0.0"]);
    assert_eq!(values("Release-As: 2.0.0"), [""; 0]);
}

#[test]
fn v30_the_trailer_of_a_release_commit_is_in_the_last_paragraph() {
    assert_eq!(parse("chore(release): v1\n\nRel-Release: v1\n").rel_release.as_deref(), Some("v1"));
    assert_eq!(parse("chore(release): v1\n\nRel-Release: v1\n\ntext").rel_release, None);
}

#[test]
fn unusual_texts_and_sizes_do_not_panic() {
    for text in ["", "\n", "\r\n\r\n", "\u{feff}", "(", "a(", ":", "* ", "- ", "feat(((((", "\u{0}"] {
        parse(text);
    }
    let long = format!("feat: x\n\n{}", "* fix: y\n\n".repeat(20_000));
    assert_eq!(parse(&long).changes.len(), 20_001);
    assert_eq!(changes(&format!("fix({}): x", "(".repeat(100_000))).len(), 0);
}

#[test]
fn notices_have_a_line_and_a_column() {
    let places = |text: &str| -> Vec<_> {
        parse(text).warnings.iter().map(|notice| (notice.line, notice.column)).collect()
    };
    assert_eq!(places("\n\n  feat(ä):x\n\ntext\n  * Breaking change: y"), [(3, 11), (6, 5)]);
    assert_eq!(places("fix: x\n\n* BREAKING CHANGE y"), [(3, 18)]);
    assert_eq!(
        places("Merge branch 'x'\n\nfeat: x\nBREAKING CHANGE\n\nBREAKING CHANGE: y"),
        [(4, 16), (6, 1)]
    );
    assert_eq!(
        parse("feat:x").warnings[0].to_string(),
        "looks like a conventional commit but does not parse (column 6: a space must follow the colon): `feat:x`"
    );
}

#[test]
fn the_header_has_a_place_and_an_error() {
    let header = |text: &str| {
        let message = parse(text);
        (message.line, message.column, message.fault.map(|fault| fault.column))
    };
    assert_eq!(header("\r\n\u{feff} feat: x"), (2, 3, None));
    assert_eq!(header("  Update things"), (1, 3, Some(9)));
    assert_eq!(header("Merge branch 'x'\n\n\nUpdate things"), (4, 1, Some(7)));
    assert_eq!(header("Merge branch 'x'"), (0, 0, None));
    assert_eq!(header("BREAKING CHANGE: x"), (1, 1, None));
    assert_eq!(header(""), (0, 0, None));
}

#[test]
fn v15_release_as_has_a_place() {
    let found = parse("\nchore: x\n\nRelease-As:  2.0.0\nRelease-As:\nrelease-as : soon").release_as;
    let found: Vec<_> =
        found.iter().map(|trailer| (trailer.line, trailer.column, trailer.value.as_str())).collect();
    assert_eq!(found, [(4, 14, "2.0.0"), (6, 14, "soon")]);
}
