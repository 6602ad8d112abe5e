//! Shallow clones, linked work trees, and clones without a remote.

use super::{CONFIG, at, shop};
use crate::support::Sandbox;

/// A shallow single-branch checkout like that of CI.
fn checkout(shop: Sandbox) -> Sandbox {
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    shop.git(&format!("clone -q --depth 1 --single-branch {url} ../ci"));
    shop.inside("ci")
}

#[test]
fn a_shallow_checkout_only_fetches_the_tip() {
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
fn a_copy_fetches_only_new_events() {
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
fn the_first_event_from_a_shallow_checkout_records_the_first_commit() {
    let shop = shop(CONFIG);
    shop.commit("feat: more");
    let root = shop.git("rev-list --max-parents=0 HEAD");
    shop.git("push -q origin main");
    let ci = checkout(shop);
    let run = at(&ci, "12:00", "hold prod");
    run.fails(
        0,
        "fetching the whole history, because the first event records the first commit\nrecorded: hold prod, by Ada\n",
    );
    assert!(at(&ci, "12:01", "ledger export").stdout.contains(&root));
}

#[test]
fn a_full_clone_does_not_become_shallow() {
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
fn without_a_remote_the_local_branch_is_the_ledger() {
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
fn a_linked_work_tree_shares_the_copy() {
    let shop = shop(CONFIG);
    shop.git("worktree add -q ../beside");
    let beside = shop.inside("beside");
    at(&beside, "12:00", "hold prod").code_is(0);
    let shop = beside.inside("shop");
    at(&shop, "12:01", "hold prod").fails(0, "prod has been held by Ada since 2026-11-20T12:00:00Z\n");
}

#[test]
fn a_ci_job_without_a_git_identity_records_as_its_ci_actor() {
    let ci = checkout(shop(CONFIG));
    let nobody = "env -u GIT_AUTHOR_NAME -u GIT_AUTHOR_EMAIL -u GIT_COMMITTER_NAME -u GIT_COMMITTER_EMAIL";
    let github = "GITHUB_ACTIONS=true GITHUB_ACTOR=ada GITHUB_REPOSITORY=acme/shop GITHUB_RUN_ID=17";
    ci.shell(&format!("{nobody} {github} rel hold prod")).fails(0, "recorded: hold prod, by github:ada\n");
    let run = ci.shell("rel history prod --format json");
    run.json("/events/0/by", "github:ada");
    run.json("/events/0/run", "https://github.com/acme/shop/actions/runs/17");
    let log = ci.shell("git --git-dir=../origin/shop.git log --format='%an <%ae>' rel-ledger");
    assert_eq!(log.stdout, "github:ada <github.ada@rel.invalid>\n");
}

#[test]
fn the_git_settings_of_the_checkout_apply_to_the_ledger() {
    // As actions/checkout leaves them: what leads to the remote stands in this clone alone.
    let shop = shop(CONFIG);
    let place = format!("file://{}", shop.root().join("origin/").display());
    shop.git(&format!("config url.{place}.insteadOf https://git.acme.example/"));
    shop.git("remote set-url origin https://git.acme.example/shop.git");
    at(&shop, "12:00", "hold prod").fails(0, "recorded: hold prod, by Ada\n");
    at(&shop, "12:01", "status prod").code_is(0);
    // And what was set for one command alone is not lost by it.
    shop.git("remote set-url origin https://elsewhere.example/shop.git");
    let line = format!(
        "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.{place}.insteadOf GIT_CONFIG_VALUE_0=https://elsewhere.example/ rel unhold prod"
    );
    shop.shell(&line).fails(0, "recorded: unhold prod, by Ada\n");
}
