//! Who may pass what stops others: overrides, lifting what a person set, and saying what runs.

use super::fixture::{Fixture, PLAIN, running, shop};
use crate::support::{Sandbox, Terminal};

/// A job of a push, and one that a person started by hand.
const PUSH: &str = "CI=true GITHUB_ACTIONS=true GITHUB_ACTOR=ada GITHUB_EVENT_NAME=push";
const BY_HAND: &str = "CI=true GITHUB_ACTIONS=true GITHUB_ACTOR=ada GITHUB_EVENT_NAME=workflow_dispatch";

/// Runs `rel` at a terminal, which must succeed.
#[track_caller]
fn person(shop: &Sandbox, words: &str) {
    let (code, screen) = Terminal::run(shop, &[], words);
    assert_eq!(code, 0, "{words}: {screen}");
}

/// Runs `rel` as this job, and checks its exit code and a part of what it says.
#[track_caller]
fn job(shop: &Sandbox, job: &str, words: &str, code: i32, says: &str) {
    let run = shop.shell(&format!("{job} rel {words}"));
    run.code_is(code);
    assert!(run.stderr.contains(says), "{job} rel {words}: {}", run.stderr);
}

/// Prod is protected and takes what was healthy in staging.
const GUARDED: &str = "[environment.staging]\ndeploy = ['./play', 'deploy']\n[environment.dev]\ndeploy = ['./play', 'deploy']\n\
    [environment.prod]\naccept = 'final'\nfrom = 'staging'\nsoak = '1h'\napprovals = 1\nprotected = true\n\
    deploy = ['./play', 'deploy']\n";

#[test]
fn a_job_cannot_adopt_its_way_past_the_policy() {
    let shop = shop(GUARDED);
    // In the environment itself, in the one before it, with and without the variables of CI.
    for who in [PUSH, "env -u CI"] {
        let says = "because: it has protected, from, approvals";
        job(&shop, who, "adopt prod v1.1.0 -q", 4, says);
        job(&shop, who, "adopt staging v1.1.0 -q", 4, "because: prod takes releases from it");
    }
    shop.shell(&format!("{PUSH} rel adopt dev v1.1.0 -q")).code_is(0);
    // What a person adopted counts for nothing either.
    person(&shop, "adopt staging v1.1.0 -q");
    person(&shop, "adopt prod v1.1.0 -q");
    let says = "v1.1.0 was only adopted or synced in staging; rel has not deployed it there";
    job(&shop, PUSH, "deploy prod v1.1.0 --yes -q", 4, says);
    job(&shop, PUSH, "deploy prod v1.1.0 --yes -q", 4, "v1.1.0 needs 1 approval from another person");
    // Nor does what was only recorded where `rel` deploys.
    shop.shell(&format!("{PUSH} rel deploy staging v1.2.0 --record-only -q")).code_is(0);
    job(&shop, PUSH, "deploy prod v1.2.0 --yes -q", 4, "v1.2.0 was only adopted or synced in staging");
    assert_eq!(shop.calls(), "");
    // A deploy by `rel` does.
    shop.rel("deploy staging v1.2.0 -q").code_is(0);
    job(&shop, PUSH, "deploy prod v1.2.0 --yes -q", 4, "has been healthy in staging for only");
}

#[test]
fn nobody_adopts_a_bad_build() {
    let shop = shop(PLAIN);
    shop.rel("bad v1.1.0 --reason leaks -q").code_is(0);
    let (code, screen) = Terminal::run(&shop, &[], "adopt prod v1.1.0 -q");
    assert_eq!(code, 4, "{screen}");
    assert!(
        screen.contains("v1.1.0 was marked bad by Ada") && screen.contains("rel good v1.1.0"),
        "{screen}"
    );
}

#[test]
fn an_override_without_a_terminal_needs_override_in_ci() {
    let rules = GUARDED.replace("protected = true", "protected = true\noverride_in_ci = false");
    let shop = shop(&rules);
    for who in [PUSH, BY_HAND, "CI=true", "env -u CI"] {
        let words = "deploy prod v1.1.0 --yes --override INC-412 -q";
        job(&shop, who, words, 4, "prod accepts --override only at a terminal");
    }
    // A file allows nothing that the default branch does not.
    shop.write(
        "mine.toml",
        &format!("name = 'shop'\n{}", rules.replace("override_in_ci = false", "override_in_ci = true")),
    );
    let words = "--config mine.toml deploy prod v1.1.0 --yes --override INC-412 -q";
    job(&shop, PUSH, words, 4, "is an override, which needs a terminal");
    assert_eq!(shop.calls(), "");
    shop.write("release.toml", &std::fs::read_to_string(shop.folder().join("mine.toml")).unwrap());
    shop.git("add release.toml");
    shop.commit("ci: overrides").git("push -q origin main");
    shop.shell(&format!("{PUSH} rel deploy prod v1.1.0 --yes --override INC-412 -q")).code_is(0);
}

#[test]
fn a_job_does_not_lift_what_a_person_set() {
    let shop = running(PLAIN);
    person(&shop, "hold prod --reason migration -q");
    person(&shop, "freeze staging --reason party -q");
    person(&shop, "freeze --all --until 2h -q");
    person(&shop, "bad v1.2.0 --reason leaks -q");
    for who in [PUSH, BY_HAND, "CI=true", "env -u CI"] {
        for (words, what) in [
            ("unhold prod -q", "the hold on prod was set by Ada"),
            ("thaw staging -q", "the freeze on staging was set by Ada"),
            ("freeze staging --until 1s -q", "the freeze on staging was set by Ada"),
            ("thaw --all -q", "the freeze on everything was set by Ada"),
            ("good v1.2.0 -q", "the mark on v1.2.0 was set by Ada"),
        ] {
            job(&shop, who, words, 4, what);
        }
    }
    for words in ["unhold prod -q", "thaw staging -q", "thaw --all -q", "good v1.2.0 -q"] {
        person(&shop, words);
    }
    // What a push job set, a push job lifts.
    for (set, lift) in
        [("hold prod", "unhold prod"), ("freeze --all", "thaw --all"), ("bad v1.2.0", "good v1.2.0")]
    {
        shop.shell(&format!("{PUSH} rel {set} -q && {PUSH} rel {lift} -q")).code_is(0);
    }
}

#[test]
fn override_in_ci_lets_a_job_lift_what_concerns_its_environment_alone() {
    let shop = shop("[environment.prod]\noverride_in_ci = true\ndeploy = ['./play', 'deploy']\n");
    person(&shop, "hold prod --reason migration -q");
    person(&shop, "bad v1.2.0 --reason leaks -q");
    shop.shell(&format!("{PUSH} rel unhold prod -q")).code_is(0);
    job(&shop, PUSH, "good v1.2.0 -q", 4, "the mark on v1.2.0 was set by Ada");
}

#[test]
fn a_job_does_not_unlock_what_a_person_deploys() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.2.0", "30");
    let terminal = Terminal::start(&shop, "deploy prod v1.2.0");
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    let refused = shop.rel("deploy prod v1.2.0 -q");
    let id = refused.stderr.split("--event ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    job(&shop, PUSH, &format!("unlock prod --event {id} -q"), 4, "the lock on prod was set by Ada");
    terminal.press("", "\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
}

#[test]
fn a_deploy_ends_a_hold_only_once_it_is_healthy() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.behave("fail-verify-1.2.0", "");
    let terminal = Terminal::start(&shop, "deploy prod v1.2.0");
    terminal.press("Deploy v1.2.0 to prod and end the hold?", "y");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(8), "{screen}");
    assert_eq!(shop.state("prod"), "1.2.0 failed, held");
    // The way back is that of a deploy that failed: no rollback is repeated.
    let run = shop.rel("rollback prod --dry-run");
    run.code_is(0);
    assert!(run.stderr.contains("to       v1.0.0") && !run.stderr.contains("repeats it"), "{}", run.stderr);
}

#[test]
fn a_hold_that_is_set_while_a_deploy_runs_stays() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.behave("slow-deploy-1.2.0", "3");
    let terminal = Terminal::start(&shop, "deploy prod v1.2.0");
    terminal.press("Deploy v1.2.0 to prod and end the hold?", "y");
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    person(&shop, "hold prod --package shop --reason migration -q");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(shop.state("prod"), "1.2.0 healthy, held");
}

#[test]
fn without_being_asked_nobody_ends_the_hold_of_somebody_else() {
    let shop = running(PLAIN);
    shop.shell("GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@acme.example rel rollback prod --yes -q").code_is(0);
    let (code, screen) = Terminal::run(&shop, &[], "deploy prod v1.2.0 --yes");
    assert_eq!(code, 4, "{screen}");
    assert!(screen.contains("rel unhold prod"), "{screen}");
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn a_hold_over_the_hold_of_a_rollback_keeps_its_reason() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    person(&shop, "hold prod --package shop --reason migration -q");
    shop.rel("status prod --format json").json("/environments/0/hold/reason", "migration");
    // It is now a hold that a person set on purpose: a deploy does not end it without being asked by its owner.
    let bob = "GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@acme.example";
    job(
        &shop,
        bob,
        "hold prod --package shop --reason later",
        0,
        "that reason stays, and yours was not recorded",
    );
    shop.rel("status prod --format json").json("/environments/0/hold/reason", "migration");
    // The rollback is still the one that was done last.
    shop.rel("rollback prod --yes -q --format json").json("/already", true);
}

#[test]
fn who_publishes_a_release_is_a_person_for_approve_and_adopt_alone() {
    let shop = shop(GUARDED);
    let event = shop.file("event.json");
    std::fs::write(&event, r#"{"action":"published","sender":{"login":"ada","type":"User"}}"#).unwrap();
    let event = event.display();
    let release = format!(
        "CI=true GITHUB_ACTIONS=true GITHUB_ACTOR=ada GITHUB_EVENT_NAME=release GITHUB_EVENT_PATH={event}"
    );
    job(&shop, PUSH, "approve prod v1.1.0 -q", 4, "only a person can approve");
    for words in ["approve prod v1.1.0", "adopt prod v1.0.0"] {
        shop.shell(&format!("{release} rel {words} -q")).code_is(0);
    }
    let words = "deploy prod v1.1.0 --yes --override INC-412 -q";
    job(&shop, &release, words, 4, "prod accepts --override only at a terminal");
}
