//! What the policy refuses, with the commands that lift it, and `--override`.

use super::fixture::{Fixture, shop};
use crate::support::{Run, Sandbox, Terminal};
use snapbox::str;

const STRICT: &str = "[environment.staging]\ndeploy = ['./play', 'deploy']\n\
    [environment.prod]\naccept = 'final'\nfrom = 'staging'\nsoak = '2h'\napprovals = 1\ndeploy = ['./play', 'deploy']\n\
    freeze = [{ from = 'Fri 16:00', until = 'Mon 08:00', zone = 'Europe/Berlin' }]\n";

/// Runs `rel` at a terminal on a Saturday.
fn at_terminal(shop: &Sandbox, words: &str) -> (i32, String) {
    Terminal::run(shop, &[("REL_NOW", "2026-11-21T10:00:00Z")], words)
}

/// Runs `rel` at this time as this person.
fn at(shop: &Sandbox, time: &str, who: &str, words: &str) -> Run {
    shop.shell(&format!(
        "GIT_AUTHOR_NAME={who} GIT_AUTHOR_EMAIL={who}@acme.example REL_NOW={time} rel {words}"
    ))
}

#[test]
fn all_refusals_are_shown_at_once_with_remedies() {
    let shop = shop(STRICT);
    at(&shop, "2026-11-20T15:30:00Z", "ada", "deploy staging v1.0.0 -q").code_is(0);
    at(&shop, "2026-11-20T15:40:00Z", "bob", "hold prod --reason migration -q").code_is(0);
    at(&shop, "2026-11-20T15:50:00Z", "eve", "bad v1.0.0 --reason crashes -q").code_is(0);
    at(&shop, "2026-11-20T16:00:00Z", "ada", "deploy prod v1.0.0").fails(
        4,
        str![[r#"
error: v1.0.0 cannot be deployed to prod, for 5 reasons
  1. v1.0.0 was marked bad by eve at 2026-11-20T15:50:00Z: crashes
     hint: rel good v1.0.0 --reason "…"
  2. v1.0.0 has been healthy in staging for only 30 min; prod requires 2 h
     hint: rel deploy prod v1.0.0   # after another 1 h 30 min, if it stays healthy
  3. v1.0.0 needs 1 approval from another person for prod and has 0
     hint: rel approve prod v1.0.0 --reason "…"   # by another person
  4. prod is frozen every week from Fri 16:00 until Mon 08:00 (Europe/Berlin); this freeze ends at 2026-11-23T07:00:00Z
     hint: rel deploy prod v1.0.0   # after 2026-11-23T07:00:00Z
  5. prod has been held by bob since 2026-11-20T15:40:00Z (migration)
     hint: rel unhold prod --reason "…"
hint: --override "REASON" overrides the policy at a terminal, and is recorded

"#]],
    );
    let json = at(&shop, "2026-11-20T16:00:00Z", "ada", "deploy prod v1.0.0 --format json");
    json.code_is(4);
    let error: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(error["causes"].as_array().unwrap().len(), 5, "{error:#}");
    assert_eq!(error["hints"].as_array().unwrap().len(), 6, "{error:#}");
    assert_eq!(shop.calls(), "deploy deploy staging 1.0.0 -\n");
    // Every refusal is lifted, or time passes; then the deploy succeeds.
    for (who, words) in [
        ("eve", "good v1.0.0 --reason fixed"),
        ("bob", "unhold prod --reason done"),
        ("bob", "approve prod v1.0.0 --reason seen"),
    ] {
        at(&shop, "2026-11-23T07:00:00Z", who, &format!("{words} -q")).code_is(0);
    }
    at(&shop, "2026-11-23T07:00:00Z", "ada", "deploy prod v1.0.0 -q").code_is(0);
}

#[test]
fn an_override_passes_the_policy_and_is_recorded() {
    let shop = shop(STRICT);
    at(&shop, "2026-11-21T10:00:00Z", "ada", "deploy prod v1.0.0").code_is(4);
    let run = at(&shop, "2026-11-21T10:00:00Z", "ada", "deploy prod v1.0.0 --override INC-412");
    run.code_is(4);
    assert!(run.stderr.contains("prod accepts --override only at a terminal"), "{}", run.stderr);
    let (code, screen) = at_terminal(&shop, "deploy prod v1.0.0 --override INC-412");
    assert_eq!(code, 0, "{screen}");
    let history = at(&shop, "2026-11-21T10:00:00Z", "ada", "history prod --format json");
    history.json("/events/0/reason", "INC-412");
    let event = at(&shop, "2026-11-21T10:00:00Z", "ada", "ledger export");
    let event: serde_json::Value = serde_json::from_str(event.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(event["overrides"].as_array().unwrap().len(), 3, "{event:#}");
    let ci = "CI=true GITHUB_ACTIONS=true GITHUB_ACTOR=ada REL_NOW=2026-11-21T10:00:00Z";
    shop.shell(&format!("{ci} rel deploy prod v1.1.0 --override INC-413")).code_is(4);
    // An unknown CI system counts as CI too.
    shop.shell("CI=true REL_NOW=2026-11-21T10:00:00Z rel deploy prod v1.1.0 --override INC-413").code_is(4);
    assert_eq!(shop.calls(), "deploy deploy prod 1.0.0 -\n");
}

#[test]
fn override_is_suggested_only_if_it_would_help() {
    let shop = shop("[environment.prod]\ndeploy = ['no-such-program']\n");
    let run = shop.rel("deploy prod v1.0.0 -q");
    run.code_is(4);
    assert!(
        run.stderr.contains("no-such-program is not on PATH; commands of prod need it"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("--override"), "{}", run.stderr);
    shop.rel("hold prod --reason migration -q").code_is(0);
    let run = at(&shop, "2026-11-21T10:00:00Z", "bob", "deploy prod v1.0.0 -q");
    assert!(
        run.stderr.contains("--override \"REASON\" overrides the policy at a terminal"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_approval_is_void_after_the_configuration_changes() {
    let shop = shop("[environment.prod]\napprovals = 1\ndeploy = ['./play', 'deploy']\n");
    at(&shop, "2026-11-21T10:00:00Z", "bob", "approve prod v1.0.0 -q").code_is(0);
    let text = std::fs::read_to_string(shop.folder().join("release.toml")).unwrap();
    shop.write("release.toml", &format!("{text}timeout = '5m'\n")).git("add release.toml");
    shop.commit("ci: a timeout").git("push -q origin main");
    at(&shop, "2026-11-21T10:00:00Z", "ada", "deploy prod v1.0.0").fails(
        4,
        str![[r#"
error: v1.0.0 needs 1 approval from another person for prod and has 0 (the approval by bob is void: the build, digests or configuration have changed since)
hint: rel approve prod v1.0.0 --reason "…"   # by another person
hint: --override "REASON" overrides the policy at a terminal, and is recorded

"#]],
    );
}

#[test]
fn a_protected_environment_needs_yes_without_a_terminal() {
    let shop = shop("[environment.prod]\nprotected = true\ndeploy = ['./play', 'deploy']\n");
    let run = shop.rel("deploy prod v1.0.0 -q");
    run.code_is(4);
    assert!(run.stderr.contains("pass --yes"), "{}", run.stderr);
    shop.rel("deploy prod v1.0.0 -q --yes").code_is(0);
}

#[test]
fn a_lane_applies_to_commits_of_its_branch_and_not_to_those_of_main() {
    let rules = "[environment.dev]\ndeploy = ['./play', 'deploy']\n[environment.staging]\ndeploy = ['./play', 'deploy']\n\
        [environment.prod]\nfrom = 'staging'\nsoak = '2h'\ndeploy = ['./play', 'deploy']\n\
        [environment.prod.lane.hotfix]\nbranch = 'hotfix/*'\nfrom = 'dev'\nsoak = '0s'\n";
    let shop = shop(rules);
    shop.git("remote set-head origin main");
    shop.branch("hotfix/coupon");
    shop.git("push -q origin hotfix/coupon");
    shop.rel("deploy dev v1.2.0 -q").code_is(0);
    shop.rel("deploy prod v1.2.0").code_is(4);
    shop.commit("fix: coupons").git_words(&["tag", "-a", "-m", "1.2.1", "v1.2.1"]);
    shop.git("push -q origin hotfix/coupon v1.2.1");
    shop.rel("deploy dev v1.2.1 -q").code_is(0);
    let run = shop.rel("deploy prod v1.2.1");
    run.code_is(0);
    assert!(run.stderr.contains("uses the lane hotfix"), "{}", run.stderr);
    // A branch that the remote does not have opens no lane, whatever this clone remembers of it.
    shop.commit("fix: prices").git_words(&["tag", "-a", "-m", "1.2.2", "v1.2.2"]);
    shop.git("push -q origin hotfix/coupon v1.2.2");
    shop.git("push -q origin --delete hotfix/coupon");
    shop.git("update-ref refs/remotes/origin/hotfix/coupon HEAD");
    shop.git("update-ref refs/remotes/origin/hotfix/forged HEAD");
    shop.rel("deploy dev v1.2.2 -q").code_is(0);
    shop.rel("deploy prod v1.2.2").code_is(4);
}

#[test]
fn without_the_ledger_only_a_person_may_override() {
    let shop = shop("[environment.prod]\ndeploy = ['./play', 'deploy']\noverride_in_ci = true\n");
    shop.rel("deploy prod v1.0.0 -q").code_is(0);
    shop.git("remote set-url origin ../gone.git");
    let run = shop.rel("deploy prod v1.1.0");
    run.code_is(6);
    assert!(
        run.stderr.contains("holds, freezes, approvals and running deploys are unknown"),
        "{}",
        run.stderr
    );
    // Without a terminal there is no person.
    shop.rel("deploy prod v1.1.0 --override INC-412").code_is(6);
    assert_eq!(shop.calls(), "deploy deploy prod 1.0.0 -\n");
    // Nor is one who started a CI run by hand, whatever `override_in_ci` says.
    let ci = "CI=true GITHUB_ACTIONS=true GITHUB_ACTOR=ada GITHUB_EVENT_NAME=workflow_dispatch";
    shop.shell(&format!("{ci} rel deploy prod v1.1.0 --override INC-412")).code_is(6);
    assert_eq!(shop.calls(), "deploy deploy prod 1.0.0 -\n");
    let (code, screen) = Terminal::run(&shop, &[], "deploy prod v1.1.0 --override INC-412");
    assert_eq!(code, 6, "{screen}");
    assert!(screen.contains("UNRECORDED") && screen.contains("the release was deployed"), "{screen}");
    shop.git("remote set-url origin ../origin/shop.git");
    shop.rel("sync -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.1.0 healthy");
}
