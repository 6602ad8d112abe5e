//! What is a problem and what is not.

use super::{CheckedMessage, LintRules, SkipReason, check};
use crate::command::lint::source::{MessageKind, SourceMessage};
use crate::model::CommitId;

const FILE: MessageKind = MessageKind::File { merge: false };

fn commit(parents: usize) -> MessageKind {
    MessageKind::Commit { id: CommitId::from_bytes([1; 20]), parents }
}

fn checked(text: &str, kind: MessageKind) -> CheckedMessage {
    let message = SourceMessage { name: "x".into(), text: text.into(), numbers: Vec::new(), kind };
    check(message, &LintRules::default())
}

/// Problems as `line:column what`, and what would be right behind an arrow.
fn problems(text: &str, kind: MessageKind) -> Vec<String> {
    let show = |problem: &super::Problem| {
        let fixed = problem.fixed.as_deref().map_or_else(String::new, |fixed| format!(" -> {fixed}"));
        format!("{}:{} {}{fixed}", problem.line, problem.column, problem.what)
    };
    checked(text, kind).problems.iter().map(show).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn a_conventional_message_has_no_problem() {
    for text in [
        "feat: x",
        "FIX(Api)!: x\nbody at once",
        "chore: x\n\nRelease-As: v2.0.0",
        "Revert \"feat: x\"\n\nThis reverts commit 0123456789.",
        "Reapply \"feat: x\"",
        "feat: x\n\nBREAKING CHANGE: y",
    ] {
        for kind in [FILE, MessageKind::Title, commit(0), commit(1)] {
            assert_eq!(problems(text, kind), NONE, "{text} {kind:?}");
        }
    }
}

#[test]
fn all_problems_are_found_at_once() {
    let text = "\nfeat(a) :x\n\nBreaking change: y\n* BREAKING CHANGE z\nRelease-As: soon\nRelease-As: 1.0";
    assert_eq!(
        problems(text, FILE),
        [
            "2:8 only `(scope)` and `!`, in this order and without spaces, may come between type and colon -> feat(a): x",
            "4:1 BREAKING CHANGE must be in capitals",
            "5:18 a colon and a space must follow: `BREAKING CHANGE: what breaks`",
            "6:13 `soon` is not a version, so Release-As has no effect",
            "7:13 `1.0` is not a version, so Release-As has no effect",
        ]
    );
}

#[test]
fn an_unknown_type_names_the_nearest() {
    let known = "known types: build, chore, ci, docs, feat, fix, perf, refactor, revert, style, test";
    for (word, near) in [
        ("Feature", Some("feat")),
        ("bugfix", Some("fix")),
        ("doc", Some("docs")),
        ("documentation", None),
        ("tests", Some("test")),
        ("refactoring", Some("refactor")),
        ("feta", Some("feat")),
        ("wip", None),
        ("deps", None),
        ("update", None),
    ] {
        let fixed = near.map_or_else(String::new, |near| format!(" -> {near}(a)!: b: c"));
        let expected = format!("1:1 unknown type `{}`; {known}{fixed}", word.to_lowercase());
        assert_eq!(problems(&format!("{word}(a)!: b: c"), FILE), [expected]);
    }
}

#[test]
fn v23_a_breaking_change_as_the_subject_is_a_problem() {
    assert_eq!(
        problems("BREAKING CHANGE: x", FILE),
        ["1:1 the subject is a breaking change without a type; write `feat!: …`"]
    );
}

#[test]
fn v25_merges_are_skipped_and_squashed_merges_are_checked() {
    assert_eq!(checked("Anything", commit(2)).skipped, Some(SkipReason::Merge));
    assert_eq!(checked("Anything", MessageKind::File { merge: true }).skipped, Some(SkipReason::Merge));
    assert_eq!(checked("Merge branch 'x'\n\nUpdate things", FILE).skipped, Some(SkipReason::Merge));
    for kind in [MessageKind::Title, commit(1)] {
        assert_eq!(problems("Merge pull request #1 from a/b\n\nfeat: x", kind), NONE);
        assert_eq!(problems("Merge pull request #1 from a/b\n\nfeature: x", kind).len(), 1);
        assert_eq!(
            problems("Merge pull request #1 from a/b", kind),
            ["1:1 the body of a squashed merge must begin with the message of the change, but it is empty"]
        );
        assert_eq!(
            problems("Merge pull request #1 from a/b\n\nfeat: x\n\nBREAKING CHANGE: y", kind),
            ["5:1 only the first paragraph of a squashed merge counts, so this does not"]
        );
    }
}

#[test]
fn a_fixup_commit_is_skipped_only_before_the_commit() {
    for word in ["fixup!", "squash!", "amend!"] {
        let text = format!("{word} feat: x");
        assert_eq!(checked(&text, FILE).skipped, Some(SkipReason::Fixup));
        for kind in [MessageKind::Title, commit(1)] {
            assert_eq!(
                problems(&text, kind),
                [format!(
                    "1:1 a `{word}` commit must be squashed before it is shared: `git rebase --interactive --autosquash`"
                )]
            );
        }
    }
    assert_eq!(checked("fixup!x", FILE).skipped, None);
}

#[test]
fn an_empty_message_is_skipped_only_before_the_commit() {
    for text in ["", "\n \r\n", "\u{feff}"] {
        assert_eq!(checked(text, FILE).skipped, Some(SkipReason::Empty));
        for kind in [MessageKind::Title, commit(1)] {
            assert_eq!(problems(text, kind), ["1:1 the message is empty"]);
        }
    }
    assert_eq!(problems("feat: ", FILE), ["1:6 the subject after the colon is missing"]);
}

#[test]
fn crlf_and_very_long_messages_are_checked() {
    assert_eq!(checked("feat:x\r\n\r\nbody\r\n", FILE).problems[0].text, "feat:x");
    let long = format!("update {}", "x".repeat(1_000_000));
    assert_eq!(checked(&long, FILE).problems.len(), 1);
    let many = format!("feat: x\n\n{}", "breaking change: y\n".repeat(10_000));
    assert_eq!(checked(&many, FILE).problems.len(), 10_000);
}
