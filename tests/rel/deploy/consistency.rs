//! The record matches what happened, and what is executed matches the confirmed plan, even if somebody else acts in between,
//! the remote comes back, or an automatic rollback is not possible.

use super::fixture::{Fixture, PLAIN, running};
use crate::support::Terminal;

#[test]
fn a_plan_is_refused_if_somebody_else_acted_before_the_confirmation() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    let terminal = Terminal::start(&shop, "rollback prod");
    terminal.press("Roll prod back to v1.1.0?", "");
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
    terminal.press("Roll prod back to v1.1.0?", "y");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(5), "{screen}");
    assert!(screen.contains("prod has changed since the plan was made"), "{screen}");
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

/// The hold of the rollback remains after the deploy, and another event follows.
#[test]
fn a_deploy_with_override_is_not_taken_for_the_completed_rollback() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    let (code, screen) = Terminal::run(&shop, &[], "deploy prod v1.1.0 --override INC-412 -q");
    assert_eq!(code, 0, "{screen}");
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    shop.rel("hold prod --package shop --reason closed -q").code_is(0);
    let run = shop.rel("rollback prod --yes -q --format json");
    run.json("/already", false);
    run.json("/version", "1.0.0");
}

#[test]
fn a_remote_that_comes_back_gets_the_started_event_first() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.0.0", "2");
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    let mut rollback = shop.spawn(&["rollback", "prod", "--yes"]);
    shop.wait_for_call("rollback deploy prod 1.0.0 -");
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    assert!(rollback.wait().unwrap().success());
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    let run = shop.rel("deploy staging v1.1.0 -q");
    run.code_is(4);
    assert!(run.stderr.contains("v1.1.0 was marked bad"), "{}", run.stderr);
}

#[test]
fn a_record_only_deploy_ends_an_expired_lock() {
    let shop = running(&PLAIN.replace("verify =", "timeout = '5s'\nverify ="));
    shop.behave("slow-deploy-1.2.0", "3");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    child.kill().unwrap();
    child.wait().unwrap();
    let later = "REL_NOW=$(( $(date +%s) + 3600 ))";
    shop.shell(&format!("{later} rel deploy prod v1.2.0 --record-only -q")).code_is(0);
    let run = shop.shell(&format!("{later} rel status prod --format json"));
    run.json("/environments/0/state", "recorded");
    run.json("/environments/0/version", "1.2.0");
}

const RETURNS: &str = "[environment.prod]\nrollback_on_failure = true\ndeploy = ['./play', 'deploy']\n\
    verify = ['./play', 'verify']\n";

#[test]
fn an_automatic_rollback_never_crosses_an_irreversible_change() {
    let shop = running(RETURNS);
    shop.commit("feat: no emails\n\nRollback-Unsafe: drops column email");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin main --tags");
    shop.behave("fail-verify-1.3.0", "");
    let run = shop.rel("deploy prod v1.3.0 -q");
    run.code_is(8);
    let expected =
        "prod is not rolled back automatically: v1.3.0 has an irreversible change: drops column email";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert_eq!(shop.calls(), "deploy deploy prod 1.3.0 -\ndeploy verify prod 1.3.0 -\n");
    assert_eq!(shop.state("prod"), "1.3.0 failed");
}

#[test]
fn a_failed_redeploy_is_not_rolled_back() {
    let shop = running(RETURNS);
    shop.behave("fail-verify-1.1.0", "");
    shop.rel("deploy prod v1.1.0 -q").code_is(8);
    assert!(!shop.calls().contains("rollback"), "{}", shop.calls());
    assert_eq!(shop.state("prod"), "1.1.0 failed");
}

#[test]
fn a_failed_release_is_refused_even_if_the_automatic_rollback_failed() {
    let shop = running(RETURNS);
    shop.behave("fail-verify-1.2.0", "");
    shop.behave("fail-deploy-1.1.0", "");
    shop.rel("deploy prod v1.2.0 -q").code_is(8);
    let run = shop.rel("deploy prod v1.2.0 -q");
    run.code_is(4);
    assert!(
        run.stderr.contains("v1.2.0 failed in prod, and the automatic rollback that followed failed too"),
        "{}",
        run.stderr
    );
}

/// The tagged commit changes more than `rel` itself writes, so what the tag names was not built for it.
#[test]
fn a_tag_whose_build_commit_was_not_built_for_it_is_refused() {
    let shop = running(&PLAIN.replace("verify =", "tree = 'release'\nverify ="));
    let build = shop.id("HEAD");
    let evil = format!("#!/bin/sh\necho evil >> '{}'\n", shop.file("told").display());
    shop.write("play", &evil);
    shop.git("add play");
    shop.commit("chore: release");
    let text = format!("1.3.0\n\nRel-Package: shop\nRel-Build: {build}\n");
    shop.git_words(&["tag", "-a", "--cleanup=verbatim", "-m", &text, "v1.3.0"]);
    shop.git("push -q origin main --tags");
    let tagged = shop.id("HEAD");
    shop.rel("deploy prod v1.3.0 -q").fails(
        5,
        format!(
            "error: tag v1.3.0 names a build commit that was not built for it\n\
             \x20 because: Rel-Build is {build}, and the tag is on {tagged}\n\
             \x20 because: Rel-Build must be the tagged commit, or the first one below the release commits of rel\n\
             hint: git cat-file tag v1.3.0\n"
        ),
    );
    assert_eq!(shop.calls(), "");
}
