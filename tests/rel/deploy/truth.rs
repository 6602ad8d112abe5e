//! What is recorded is what happened, and what is done is what was shown: somebody acts in between, a remote comes back,
//! a way back is closed.

use super::stage::{PLAIN, Stage, running};
use crate::support::Terminal;

#[test]
fn a_rollback_that_somebody_overtook_is_planned_anew() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    let terminal = Terminal::start(&shop, "rollback prod");
    terminal.press("Roll prod back to v1.1.0?", "");
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
    terminal.press("Roll prod back to v1.1.0?", "y");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(5), "{screen}");
    assert!(screen.contains("prod changed since the plan was made"), "{screen}");
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

/// The hold of a rollback stands, something else was brought over it, and then anything at all was recorded.
#[test]
fn what_an_override_brought_is_no_rollback() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.rel("deploy prod v1.1.0 --override INC-412 -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    shop.rel("hold prod --package shop --reason closed -q").code_is(0);
    let run = shop.rel("rollback prod --yes -q --format json");
    run.json("/already", false);
    run.json("/version", "1.0.0");
}

#[test]
fn a_remote_that_comes_back_while_it_runs_gets_the_beginning_first() {
    let shop = running(PLAIN);
    shop.cue("slow-deploy-1.0.0", "2");
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    let mut rollback = shop.spawn(&["rollback", "prod", "--yes"]);
    shop.awaits("rollback deploy prod 1.0.0 -");
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    assert!(rollback.wait().unwrap().success());
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    let run = shop.rel("deploy staging v1.1.0 -q");
    run.code_is(4);
    assert!(run.stderr.contains("v1.1.0 was marked bad"), "{}", run.stderr);
}

#[test]
fn what_is_only_recorded_ends_a_lock_whose_time_is_over() {
    let shop = running(&PLAIN.replace("verify =", "timeout = '5s'\nverify ="));
    shop.cue("slow-deploy-1.2.0", "3");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.awaits("deploy deploy prod 1.2.0 -");
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
fn by_itself_it_goes_through_no_one_way_door_and_the_result_is_recorded() {
    let shop = running(RETURNS);
    shop.commit("feat: no emails\n\nRollback-Unsafe: drops column email");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin main --tags");
    shop.cue("fail-verify-1.3.0", "");
    let run = shop.rel("deploy prod v1.3.0 -q");
    run.code_is(8);
    let told = "no automatic rollback of prod: v1.3.0 has an irreversible change: drops column email";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(shop.told(), "deploy deploy prod 1.3.0 -\ndeploy verify prod 1.3.0 -\n");
    assert_eq!(shop.state("prod"), "1.3.0 failed");
}

#[test]
fn what_ran_already_is_brought_again_and_does_not_return() {
    let shop = running(RETURNS);
    shop.cue("fail-verify-1.1.0", "");
    shop.rel("deploy prod v1.1.0 -q").code_is(8);
    assert!(!shop.told().contains("rollback"), "{}", shop.told());
    assert_eq!(shop.state("prod"), "1.1.0 failed");
}

#[test]
fn what_was_left_is_refused_even_where_the_way_back_failed() {
    let shop = running(RETURNS);
    shop.cue("fail-verify-1.2.0", "");
    shop.cue("fail-deploy-1.1.0", "");
    shop.rel("deploy prod v1.2.0 -q").code_is(8);
    let run = shop.rel("deploy prod v1.2.0 -q");
    run.code_is(4);
    assert!(
        run.stderr.contains("v1.2.0 failed in prod, and an automatic rollback followed"),
        "{}",
        run.stderr
    );
}

/// A tag upon the build that changes more than `rel` itself writes: nobody built that, and nothing of it is run.
#[test]
fn a_tagged_commit_that_brings_more_is_not_the_tree_of_the_build() {
    let shop = running(&PLAIN.replace("verify =", "tree = 'release'\nverify ="));
    let build = shop.id("HEAD");
    let evil = format!("#!/bin/sh\necho evil >> '{}'\n", shop.file("told").display());
    shop.write("play", &evil);
    shop.git("add play");
    shop.commit("chore: release");
    let text = format!("1.3.0\n\nRel-Package: shop\nRel-Build: {build}\n");
    shop.git_words(&["tag", "-a", "--cleanup=verbatim", "-m", &text, "v1.3.0"]);
    shop.git("push -q origin main --tags");
    shop.rel("deploy prod v1.3.0 -q").code_is(0);
    assert_eq!(shop.told(), "deploy deploy prod 1.3.0 -\ndeploy verify prod 1.3.0 -\n");
}
