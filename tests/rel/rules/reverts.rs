//! V19 to V26: what cancels what, and messages as real tools write them.

use crate::support::Sandbox;
use snapbox::str;

fn revert(shop: &Sandbox, revision: &str) {
    let message = format!("Revert \"something\"\n\nThis reverts commit {}.", shop.id(revision));
    shop.commit(&message);
}

#[test]
fn v19_reverts_cancel_transitively() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("fix: stays").commit("feat: goes");
    revert(&shop, "HEAD");
    assert_eq!(shop.next(), "1.0.1");
    revert(&shop, "HEAD");
    assert_eq!(shop.next(), "1.1.0");
    revert(&shop, "HEAD");
    assert_eq!(shop.next(), "1.0.1");
    let prefix = Sandbox::released("1.0.0");
    prefix.commit("feat: goes");
    prefix.commit(&format!("revert: it\n\nThis reverts commit {}.", &prefix.id("HEAD")[..7]));
    prefix.rel("next --format json").json("/release", false);
}

#[test]
fn v19_reverting_a_merge_cancels_what_it_brought_in() {
    let shop = Sandbox::released("1.0.0");
    shop.branch("side").commit("feat: a").commit("feat!: b").switch("main").commit("fix: c").merge("side");
    assert_eq!(shop.next(), "2.0.0");
    let message = format!(
        "Revert \"Merge branch 'side'\"\n\nThis reverts commit {}, reversing\nchanges made to {}.",
        shop.id("HEAD"),
        shop.id("HEAD^1")
    );
    shop.commit(&message);
    shop.rel("next --explain").gives(
        0,
        "1.0.1\n",
        str![[r#"
shop  1.0.0 → 1.0.1 (patch)

  base     v1.0.0 at [..], the highest release reachable from HEAD
  line     main, for final versions
  because  the commits require a patch bump: 1.0.0 → 1.0.1

  5 commits since v1.0.0, 1 of them counts
...
"#]],
    );
}

#[test]
fn v19_commits_that_came_by_another_path_are_not_cancelled() {
    let shop = Sandbox::released("1.0.0");
    shop.branch("side").commit("feat: a");
    shop.git("branch other");
    shop.commit("feat!: b").switch("main").merge("other").merge("side");
    revert(&shop, "HEAD");
    assert_eq!(shop.next(), "1.1.0");
}

#[test]
fn v20_a_revert_of_something_outside_the_range_is_a_patch() {
    let shop = Sandbox::released("1.0.0");
    revert(&shop, "HEAD");
    assert_eq!(shop.next(), "1.0.1");
    revert(&shop, "HEAD");
    shop.rel("next --format json").json("/release", false);
    let unknown = Sandbox::released("1.0.0");
    unknown.commit("Revert \"x\"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.");
    unknown.rel("next").gives(
        0,
        "1.0.1\n",
        str![[r#"
warning: [..] reverts 0123456, which is not in this repository; it counts as a patch

"#]],
    );
}

#[test]
fn v20_reverts_inside_a_squash_cancel_nothing() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a");
    shop.commit(&format!(
        "fix: batch\n\n* fix: b\n\n* Revert \"feat: a\"\n\nThis reverts commit {}.",
        shop.id("HEAD")
    ));
    assert_eq!(shop.next(), "1.1.0");
}

#[test]
fn v24_squash_messages_of_forges_are_split() {
    for message in [
        "Add coupons (#12)\n\n* feat: coupons\n\n* fix: typo\n\nCo-authored-by: B <b@b.example>",
        "Merge branch 'x' into 'main'\n\nfeat: coupons\n\nSee merge request acme/shop!12",
        "Merged in coupons (pull request #12)\n\nfeat: coupons\n\n* fix: typo",
        "squash\n\nfeat: coupons\n\nfix: typo",
    ] {
        let shop = Sandbox::released("1.0.0");
        shop.commit(message);
        assert_eq!(shop.next(), "1.1.0", "{message}");
    }
}

#[test]
fn v25_the_commits_of_a_merge_count_and_its_message_does_not() {
    let shop = Sandbox::released("1.0.0");
    shop.branch("side").commit("fix: a").switch("main");
    shop.git_words(&["merge", "-q", "--no-ff", "-m", "feat!: the merge", "side"]);
    assert_eq!(shop.next(), "1.0.1");
}

#[test]
fn v26_invalid_utf8_and_long_messages_are_read() {
    let shop = Sandbox::released("1.0.0");
    let mut raw =
        format!("tree {}\nparent {}\n", shop.git("rev-parse HEAD^{tree}"), shop.id("HEAD")).into_bytes();
    raw.extend(b"author Ada <a@a> 1767229200 +0000\ncommitter Ada <a@a> 1767229200 +0000\n\n");
    raw.extend(b"feat: caf\xe9\r\n\r\nBREAKING CHANGE: \xff\r\n");
    std::fs::write(shop.folder().join("raw"), raw).unwrap();
    let id = shop.git("hash-object -t commit -w raw");
    shop.git(&format!("update-ref refs/heads/main {id}"));
    let run = shop.rel("next --format json");
    run.json("/next", "2.0.0");
    run.json("/commits/0/subject", "caf\u{fffd}");
    let long = Sandbox::released("1.0.0");
    std::fs::write(
        long.folder().join("m"),
        format!("fix: x\n\n{}\n\nfeat: y\n", "line of text\n".repeat(8000)),
    )
    .unwrap();
    long.git("commit -q --allow-empty -F m");
    assert_eq!(long.next(), "1.1.0");
}

#[test]
fn control_characters_in_messages_are_not_printed() {
    let shop = Sandbox::released("1.0.0").with("CI", "true");
    shop.commit("feat: \u{1b}]0;x\u{7}red\u{202e}gnp");
    shop.commit("::add-mask::x");
    let run = shop.rel("next --explain");
    assert!(!run.stderr.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", run.stderr);
    assert!(!run.stderr.lines().any(|line| line.trim_start().starts_with("::")));
    shop.rel("next --format json").json("/commits/1/subject", "]0;xredgnp");
}
