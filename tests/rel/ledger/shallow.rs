//! Clones as CI and people really have them.

use super::{CONFIG, at, shop};
use crate::support::Sandbox;

/// A shallow single-branch checkout, as CI makes it.
fn checkout(shop: Sandbox) -> Sandbox {
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    shop.git(&format!("clone -q --depth 1 --single-branch {url} ../ci"));
    shop.inside("ci")
}

#[test]
fn a_shallow_checkout_fetches_the_tip_alone() {
    let shop = shop(CONFIG);
    for number in 0..6 {
        let verb = if number % 2 == 0 { "hold" } else { "unhold" };
        at(&shop, &format!("1{number}:00"), &format!("{verb} prod")).code_is(0);
    }
    let ci = checkout(shop);
    let run = at(&ci, "18:00", "status prod");
    run.code_is(0);
    let beside = std::fs::read_dir(ci.folder().join(".git/rel")).unwrap().next().unwrap().unwrap().path();
    let beside = beside.display();
    let commits = |ci: &Sandbox| ci.git(&format!("-C {beside} rev-list --count refs/rel/tip"));
    assert_eq!(commits(&ci), "1");
    at(&ci, "18:01", "hold prod").code_is(0);
    assert_eq!(commits(&ci), "2");
    // Older events are fetched when they are asked for.
    let run = at(&ci, "18:02", "history prod");
    assert_eq!(run.stdout.lines().count(), 7, "{}", run.stdout);
    at(&ci, "18:03", "ledger verify").code_is(0);
}

#[test]
fn a_copy_grows_by_what_is_new() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "hold prod").code_is(0);
    let ci = checkout(shop);
    at(&ci, "10:30", "status").code_is(0);
    let shop = ci.inside("shop");
    at(&shop, "11:00", "unhold prod").code_is(0);
    at(&shop, "11:01", "hold prod").code_is(0);
    let ci = shop.inside("ci");
    at(&ci, "11:30", "unhold prod").code_is(0);
    at(&ci, "11:31", "ledger verify").code_is(0);
}

#[test]
fn the_first_event_from_a_shallow_checkout_knows_the_first_commit() {
    let shop = shop(CONFIG);
    shop.commit("feat: more");
    let root = shop.git("rev-list --max-parents=0 HEAD");
    shop.git("push -q origin main");
    let ci = checkout(shop);
    let run = at(&ci, "12:00", "hold prod");
    run.fails(
        0,
        "the first event names the first commit: fetching the whole history\nrecorded: hold prod, by Ada\n",
    );
    assert!(at(&ci, "12:01", "ledger export").stdout.contains(&root));
}

#[test]
fn a_whole_clone_stays_whole() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "hold prod").code_is(0);
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    shop.git(&format!("clone -q {url} ../whole"));
    let whole = shop.inside("whole");
    at(&whole, "11:00", "status").code_is(0);
    assert_eq!(whole.git("rev-parse --is-shallow-repository"), "false");
    assert_eq!(whole.git("status --short"), "");
}

#[test]
fn without_a_remote_the_branch_is_here() {
    let shop = Sandbox::new();
    shop.git("remote remove origin");
    shop.write("release.toml", CONFIG);
    shop.git("add .");
    shop.commit("feat: first").tag("v1.0.0");
    at(&shop, "12:00", "adopt prod v1.0.0").code_is(0);
    at(&shop, "12:01", "hold prod").code_is(0);
    assert_eq!(
        shop.git("log --format=%s rel-ledger"),
        "hold prod, by Ada\nadopt shop v1.0.0 → prod: recorded, by Ada"
    );
    let run = at(&shop, "12:02", "status prod");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn a_work_tree_of_its_own_shares_the_copy() {
    let shop = shop(CONFIG);
    shop.git("worktree add -q ../beside");
    let beside = shop.inside("beside");
    at(&beside, "12:00", "hold prod").code_is(0);
    let shop = beside.inside("shop");
    at(&shop, "12:01", "hold prod").fails(0, "prod is already held by Ada since 2026-11-20T12:00:00Z\n");
}
