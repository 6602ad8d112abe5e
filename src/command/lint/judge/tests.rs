//! What is a fault and what is none, one test a rule.

use super::{Judged, Pass, Rules, judge};
use crate::command::lint::source::{Draft, Sort};
use crate::model::CommitId;

const FILE: Sort = Sort::File { merge: false };

fn commit(parents: usize) -> Sort {
    Sort::Commit { id: CommitId::from_bytes([1; 20]), parents }
}

fn judged(text: &str, sort: Sort) -> Judged {
    let draft = Draft { name: "x".into(), text: text.into(), numbers: Vec::new(), sort };
    judge(draft, &Rules::default())
}

/// Faults as `line:column what`, and what would be right behind an arrow.
fn faults(text: &str, sort: Sort) -> Vec<String> {
    let show = |fault: &super::Fault| {
        let fixed = fault.fixed.as_deref().map_or_else(String::new, |fixed| format!(" -> {fixed}"));
        format!("{}:{} {}{fixed}", fault.line, fault.column, fault.what)
    };
    judged(text, sort).faults.iter().map(show).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn what_is_conventional_has_no_fault() {
    for text in [
        "feat: x",
        "FIX(Api)!: x\nbody at once",
        "chore: x\n\nRelease-As: v2.0.0",
        "Revert \"feat: x\"\n\nThis reverts commit 0123456789.",
        "Reapply \"feat: x\"",
        "feat: x\n\nBREAKING CHANGE: y",
    ] {
        for sort in [FILE, Sort::Title, commit(0), commit(1)] {
            assert_eq!(faults(text, sort), NONE, "{text} {sort:?}");
        }
    }
}

#[test]
fn every_fault_at_once() {
    let text = "\nfeat(a) :x\n\nBreaking change: y\n* BREAKING CHANGE z\nRelease-As: soon\nRelease-As: 1.0";
    assert_eq!(
        faults(text, FILE),
        [
            "2:8 nothing but `(scope)` and `!`, in this order and without spaces, stands between type and colon -> feat(a): x",
            "4:1 a breaking change is written BREAKING CHANGE, in capitals",
            "5:18 a breaking change has a colon and a space: `BREAKING CHANGE: what breaks`",
            "6:13 `soon` is no version, so Release-As does nothing",
            "7:13 `1.0` is no version, so Release-As does nothing",
        ]
    );
}

#[test]
fn an_unknown_type_names_the_nearest() {
    let known = "known are build, chore, ci, docs, feat, fix, perf, refactor, revert, style, test";
    for (kind, near) in [
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
        let expected = format!("1:1 `{}` is no known type; {known}{fixed}", kind.to_lowercase());
        assert_eq!(faults(&format!("{kind}(a)!: b: c"), FILE), [expected]);
    }
}

#[test]
fn v23_a_breaking_change_as_the_subject_says_no_type() {
    assert_eq!(
        faults("BREAKING CHANGE: x", FILE),
        ["1:1 the subject itself is a breaking change; `feat!: …` says what kind"]
    );
}

#[test]
fn v25_merges() {
    assert_eq!(judged("Anything", commit(2)).passed, Some(Pass::Merge));
    assert_eq!(judged("Anything", Sort::File { merge: true }).passed, Some(Pass::Merge));
    assert_eq!(judged("Merge branch 'x'\n\nUpdate things", FILE).passed, Some(Pass::Merge));
    for sort in [Sort::Title, commit(1)] {
        assert_eq!(faults("Merge pull request #1 from a/b\n\nfeat: x", sort), NONE);
        assert_eq!(faults("Merge pull request #1 from a/b\n\nfeature: x", sort).len(), 1);
        assert_eq!(
            faults("Merge pull request #1 from a/b", sort),
            [
                "1:1 the first paragraph below the subject of a squashed merge says what it does; there is none"
            ]
        );
        assert_eq!(
            faults("Merge pull request #1 from a/b\n\nfeat: x\n\nBREAKING CHANGE: y", sort),
            ["5:1 only the first paragraph of a squashed merge counts, so this does not"]
        );
    }
}

#[test]
fn what_git_melts_passes_only_before_the_commit() {
    for word in ["fixup!", "squash!", "amend!"] {
        let text = format!("{word} feat: x");
        assert_eq!(judged(&text, FILE).passed, Some(Pass::Fixup));
        for sort in [Sort::Title, commit(1)] {
            assert_eq!(
                faults(&text, sort),
                [format!(
                    "1:1 a commit that begins with `{word}` is melted into another one before it is shared: `git rebase --interactive --autosquash`"
                )]
            );
        }
    }
    assert_eq!(judged("fixup!x", FILE).passed, None);
}

#[test]
fn an_empty_message_passes_only_where_git_stops_it() {
    for text in ["", "\n \r\n", "\u{feff}"] {
        assert_eq!(judged(text, FILE).passed, Some(Pass::Empty));
        for sort in [Sort::Title, commit(1)] {
            assert_eq!(faults(text, sort), ["1:1 the message is empty"]);
        }
    }
    assert_eq!(faults("feat: ", FILE), ["1:6 a header says something behind its colon"]);
}

#[test]
fn line_ends_and_sizes_that_nobody_writes() {
    assert_eq!(judged("feat:x\r\n\r\nbody\r\n", FILE).faults[0].text, "feat:x");
    let long = format!("update {}", "x".repeat(1_000_000));
    assert_eq!(judged(&long, FILE).faults.len(), 1);
    let many = format!("feat: x\n\n{}", "breaking change: y\n".repeat(10_000));
    assert_eq!(judged(&many, FILE).faults.len(), 10_000);
}
