//! What a refusal or a failure says comes next: commands that help, and nothing that is not so.

use super::fixture::{Fixture, PLAIN, running, shop};
use crate::support::{Run, Sandbox};
use snapbox::str;

/// Returns the JSON of a run.
#[track_caller]
fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr))
}

#[track_caller]
fn list(value: &serde_json::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().filter_map(|entry| entry.as_str()).collect()
}

#[test]
fn commands_are_hints_and_reasons_are_causes_of_one_refusal_and_of_several() {
    let shop = shop("[environment.prod]\napprovals = 1\ndeploy = ['./play', 'deploy']\n");
    let approve = "rel approve prod v1.0.0 --reason \"…\"   # by another person";
    let one = json(&shop.rel("deploy prod v1.0.0 --format json -q"));
    assert_eq!(list(&one["hints"])[0], approve, "{one:#}");
    shop.rel("hold prod --reason migration -q").code_is(0);
    let several = json(&shop.rel("deploy prod v1.0.0 --format json -q"));
    assert_eq!(list(&several["hints"])[..2], [approve, "rel unhold prod --reason \"…\""], "{several:#}");
    assert_eq!(list(&several["causes"]).len(), 2, "{several:#}");
    assert!(list(&several["causes"]).iter().all(|cause| !cause.contains("rel ")), "{several:#}");
}

#[test]
fn a_second_rollback_names_the_release_further_back_and_says_what_is_recorded() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    let first = json(&shop.rel("rollback prod --yes -q --format json"));
    let second = shop.rel("rollback prod --yes --format json");
    second.code_is(0);
    assert!(
        second.stderr.contains("hint: rel rollback prod v1.0.0   # to go further back"),
        "{}",
        second.stderr
    );
    let said = json(&second);
    assert_eq!((&said["already"], &said["recorded"]), (&true.into(), &true.into()), "{said:#}");
    assert_eq!((&said["state"], &said["event"]), (&"healthy".into(), &first["event"]), "{said:#}");
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
    let run = shop.rel("rollback prod --yes");
    assert!(
        run.stderr.contains("hint: rel history prod   # no earlier healthy release is left"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_rollback_that_was_killed_is_not_done() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.0.0", "30");
    let mut dead = shop.spawn(&["rollback", "prod", "--yes"]);
    shop.wait_for_call("rollback deploy prod 1.0.0 -");
    dead.kill().unwrap();
    dead.wait().unwrap();
    std::fs::remove_file(shop.file("slow-deploy-1.0.0")).unwrap();
    for words in ["rollback prod --yes -q", "rollback prod v1.0.0 --yes -q"] {
        shop.rel(words).fails(
            5,
            str![[r#"
error: Ada is rolling prod back to v1.0.0
  because: started just now on [..]
hint: rel status prod   # whether it has ended
hint: rel rollback prod v1.0.0 --take-over   # if that run is dead

"#]],
        );
    }
    shop.rel("rollback prod v1.0.0 --take-over --yes -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn a_rollback_without_a_target_says_what_ran_and_why_it_is_not_chosen() {
    let shop = shop(PLAIN);
    shop.rel("rollback prod --yes -q").fails(
        4,
        str![[r#"
error: no release was ever healthy in prod
hint: rel deploy prod VERSION

"#]],
    );
    shop.rel("deploy prod v1.0.0 -q").code_is(0);
    shop.rel("rollback prod --yes -q").fails(
        4,
        str![[r#"
error: v1.0.0 is the only release that was ever healthy in prod
hint: rel deploy prod VERSION   # a release with the fix

"#]],
    );
    shop.rel("deploy prod v1.1.0 -q").code_is(0);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    shop.rel("rollback prod --keep-good --yes -q").code_is(0);
    shop.rel("bad v1.0.0 --reason leaks -q").code_is(0);
    shop.rel("unhold prod -q").code_is(0);
    shop.rel("rollback prod --yes -q").fails(
        4,
        str![[r#"
error: no earlier healthy release of prod is left to choose
  because: v1.2.0 ran there and was rolled back
  because: v1.0.0 ran there and was marked bad by Ada at [..]Z: leaks
hint: rel rollback prod v1.2.0
hint: rel rollback prod v1.0.0 --override "REASON"   # although it is bad

"#]],
    );
}

#[test]
fn a_rollback_to_a_newer_release_does_not_mark_the_older_one_bad() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    shop.rel("rollback prod --keep-good --yes -q").code_is(0);
    let run = shop.rel("rollback prod v1.2.0 --yes");
    run.code_is(0);
    assert!(!run.stderr.contains("v1.1.0 is bad everywhere"), "{}", run.stderr);
    shop.rel("good v1.1.0").fails(0, "v1.1.0 is not marked bad\n");
    shop.rel("deploy staging v1.1.0 -q").code_is(0);
}

#[test]
fn swapped_arguments_of_a_promotion_get_the_command_the_other_way_round() {
    let shop = shop(PLAIN);
    shop.rel("deploy staging v1.1.0 -q").code_is(0);
    shop.rel("deploy prod v1.0.0 -q").code_is(0);
    shop.rel("promote prod staging -q").fails(
        4,
        str![[r#"
error: v1.0.0 is older than v1.1.0, which runs in staging
hint: rel promote staging prod   # the other way round
hint: rel rollback staging v1.0.0 --keep-good   # without --keep-good, v1.1.0 is marked bad

"#]],
    );
}

#[test]
fn a_rollback_is_named_only_where_there_is_a_release_to_return_to() {
    let shop = shop(PLAIN);
    shop.behave("fail-deploy-1.0.0", "");
    let run = shop.rel("deploy prod v1.0.0 -q");
    run.code_is(8);
    assert!(!run.stderr.contains("rel rollback"), "{}", run.stderr);
    // Nor where the remote of the ledger is gone.
    shop.git("remote set-url origin ../gone.git");
    let run = shop.rel("deploy prod v1.0.0 -q");
    run.code_is(6);
    assert!(!run.stderr.contains("rel rollback"), "{}", run.stderr);
}

const RETURNS: &str = "[environment.prod]\nrollback_on_failure = true\ndeploy = ['./play', 'deploy']\n\
    verify = ['./play', 'verify']\n";

#[test]
fn a_way_back_that_failed_too_is_said_to_have_failed() {
    let shop = running(RETURNS);
    shop.behave("fail-verify-1.2.0", "");
    shop.behave("fail-deploy-1.1.0", "");
    shop.rel("deploy prod v1.2.0 -q").code_is(8);
    let run = shop.rel("deploy prod v1.2.0 -q");
    run.code_is(4);
    let says = "v1.2.0 failed in prod, and the automatic rollback that followed failed too";
    assert!(run.stderr.contains(says), "{}", run.stderr);
}

/// What a check stopped at 10 % ran all the same.
#[test]
fn what_ran_for_a_moment_is_not_said_never_to_have_run() {
    let shop = running(RETURNS);
    shop.behave("fail-verify-1.2.0", "");
    shop.rel("deploy prod v1.2.0 -q").code_is(8);
    std::fs::remove_file(shop.file("fail-verify-1.2.0")).unwrap();
    let run = shop.rel("deploy prod v1.2.0 --retry --dry-run");
    run.code_is(0);
    assert!(run.stderr.contains("v1.2.0  was never healthy here"), "{}", run.stderr);
}

#[test]
fn a_dry_run_needs_the_name_that_recording_needs() {
    let shop = Sandbox::new();
    shop.write("release.toml", "[environment.prod]\ndeploy = ['true']\n").git("add release.toml");
    shop.commit("feat: first").tag("v1.0.0");
    shop.git("push -q origin main --tags");
    for words in ["hold prod --dry-run", "deploy prod v1.0.0 --dry-run", "adopt prod v1.0.0 --dry-run"] {
        let run = shop.rel(words);
        run.code_is(2);
        assert!(run.stderr.contains("release.toml has no `name`"), "{words}: {}", run.stderr);
    }
}
