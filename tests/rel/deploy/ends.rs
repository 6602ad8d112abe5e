//! Deploys that do not succeed: the recorded state, processes, and the return to the previous release.

use super::fixture::{Fixture, PLAIN, running};
use snapbox::str;
use std::time::{Duration, Instant};

#[test]
fn a_deployer_that_fails_says_why_and_the_state_is_failed() {
    let shop = running(PLAIN);
    shop.behave("fail-verify-1.2.0", "");
    shop.rel("deploy prod v1.2.0 -q").fails(
        8,
        str![[r#"
error: verify: `./play verify` exited with code 3
  because: | verify: it broke
  because: verification failed
hint: rel deploy prod v1.2.0
hint: rel rollback prod   # back to v1.1.0

"#]],
    );
    assert_eq!(shop.state("prod"), "1.2.0 failed");
    // The rollback goes to what ran before.
    shop.rel("rollback prod --yes -q --format json").json("/version", "1.1.0");
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
}

#[test]
fn targets_that_disagree_are_mixed() {
    let shop = running(PLAIN);
    let report = r#"{"targets":[{"name":"eu","version":"1.2.0","state":"healthy"},{"name":"us","version":"1.1.0","state":"healthy"}]}"#;
    shop.behave("report-deploy-1.2.0", report);
    let run = shop.rel("deploy prod v1.2.0 -q");
    run.code_is(9);
    assert!(run.stderr.contains("targets disagree: 1.2.0 (1/2), 1.1.0 (1/2)"), "{}", run.stderr);
    assert_eq!(shop.state("prod"), "1.2.0 mixed");
}

/// A timeout of one second, ten seconds of grace, then SIGKILL for everything that ignores SIGTERM.
#[test]
fn a_deployer_that_hangs_is_killed_with_all_its_children_and_the_state_is_unknown() {
    let shop = running(&PLAIN.replace(
        "deploy = ['./play', 'deploy']\nverify",
        "timeout = '1s'\ndeploy = ['./play', 'deploy']\nverify",
    ));
    shop.behave("hang-deploy-1.2.0", "");
    let begun = Instant::now();
    let run = shop.rel("deploy prod v1.2.0 -q");
    let took = begun.elapsed();
    run.code_is(9);
    assert!(took > Duration::from_secs(10) && took < Duration::from_secs(16), "{took:?}");
    assert!(run.stderr.contains("did not finish within 1 s"), "{}", run.stderr);
    shop.no_process_is_left();
    assert_eq!(shop.state("prod"), "1.2.0 unknown");
}

#[test]
fn a_signal_is_passed_on_and_recorded_within_seven_seconds() {
    let shop = running(PLAIN);
    shop.behave("hang-deploy-1.2.0", "");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    let begun = Instant::now();
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = child.wait().unwrap();
    let took = begun.elapsed();
    assert_eq!(status.code(), Some(130));
    assert!(took > Duration::from_secs(3) && took < Duration::from_secs(7), "{took:?}");
    shop.no_process_is_left();
    assert_eq!(shop.state("prod"), "1.2.0 unknown");
}

/// A failing check goes back to the previous release, whatever `rollback_on_failure` says.
const STEPS: &str = "[environment.staging]\ndeploy = ['./play', 'deploy']\n[environment.prod]\nsteps = [\n\
    { run = ['./play', 'split'], weight = 10, wait = '1s', check = ['./play', 'monitor'] },\n\
    { run = ['./play', 'split'], weight = 100 },\n]\nverify = ['./play', 'verify']\n";

#[test]
fn a_failing_check_goes_back_without_a_bad_mark_or_a_hold() {
    let shop = running(STEPS);
    shop.behave("fail-monitor-1.2.0", "");
    let run = shop.rel("deploy prod v1.2.0 -q");
    run.code_is(8);
    assert!(run.stderr.contains("prod was rolled back to v1.1.0"), "{}", run.stderr);
    // Nothing is to be gone back from, and the same release asks for a word.
    assert!(
        run.stderr.ends_with("hint: rel deploy prod v1.2.0 --retry   # deploys it again\n"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("rel rollback"), "{}", run.stderr);
    assert_eq!(
        shop.calls(),
        "deploy split prod 1.2.0 10\ndeploy monitor prod 1.2.0 10\nrollback split prod 1.1.0 100\nrollback verify prod 1.1.0 -\n"
    );
    assert_eq!(shop.state("prod"), "1.1.0 healthy");
    shop.rel("deploy prod v1.2.0 -q").fails(
        4,
        str![[r#"
error: v1.2.0 failed in prod, and an automatic rollback followed
hint: rel deploy prod v1.2.0 --retry
hint: --override "REASON" overrides the policy at a terminal, and is recorded

"#]],
    );
    std::fs::remove_file(shop.file("fail-monitor-1.2.0")).unwrap();
    shop.rel("deploy prod v1.2.0 --retry -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
}

#[test]
fn an_automatic_rollback_that_fails_is_not_repeated() {
    let shop = running(STEPS);
    shop.behave("fail-monitor-1.2.0", "");
    shop.behave("fail-split-1.1.0", "");
    let run = shop.rel("deploy prod v1.2.0 -q");
    run.code_is(8);
    assert!(run.stderr.contains("prod could not be rolled back to v1.1.0"), "{}", run.stderr);
    assert_eq!(shop.calls().lines().filter(|line| line.starts_with("rollback")).count(), 1);
    assert!(run.stderr.contains("hint: rel rollback prod   # back to v1.1.0"), "{}", run.stderr);
    assert_eq!(shop.state("prod"), "1.2.0 failed");
    shop.rel("deploy prod v1.2.0 -q").code_is(4);
    // The good one is what on-call goes back to, and stays good; what failed first is bad.
    std::fs::remove_file(shop.file("fail-split-1.1.0")).unwrap();
    let run = shop.rel("rollback prod --yes -q --format json");
    run.json("/version", "1.1.0");
    run.json("/from_version", "1.2.0");
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    shop.rel("deploy staging v1.1.0 -q").code_is(0);
    shop.rel("deploy staging v1.2.0 -q").code_is(4);
}

/// The runner dies during an automatic rollback: a take-over or an unlock still leaves the release that failed.
#[test]
fn an_automatic_rollback_that_is_killed_leaves_the_failed_release() {
    for unlocks in [true, false] {
        let shop = running(STEPS);
        shop.behave("fail-monitor-1.2.0", "");
        shop.behave("slow-split-1.1.0", "2");
        let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
        shop.wait_for_call("rollback split prod 1.1.0 100");
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(shop.file("slow-split-1.1.0")).unwrap();
        let take_over = if unlocks {
            let run = shop.rel("deploy prod v1.2.0");
            let id = run.stderr.split("--event ").nth(1).unwrap().split(' ').next().unwrap();
            shop.rel(&format!("unlock prod --event {id} -q")).code_is(0);
            assert_eq!(shop.state("prod"), "1.2.0 unknown");
            shop.rel("deploy prod v1.2.0 -q").code_is(4);
            ""
        } else {
            " --take-over"
        };
        let run = shop.rel(&format!("rollback prod{take_over} --yes -q --format json"));
        run.json("/version", "1.1.0");
        run.json("/from_version", "1.2.0");
        shop.rel("deploy staging v1.2.0 -q").code_is(4);
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// SIGKILL in every stage of a deploy: what status shows, and how to continue.
#[test]
fn a_deploy_that_is_killed_leaves_a_lock_with_its_owner() {
    for stage in ["deploy", "verify"] {
        let shop = running(PLAIN);
        shop.behave(&format!("slow-{stage}-1.2.0"), "3");
        let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
        shop.wait_for_call(&format!("deploy {stage} prod 1.2.0 -"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(shop.state("prod"), "1.1.0 deploying", "killed in {stage}");
        let run = shop.rel("deploy prod v1.2.0");
        run.code_is(5);
        assert!(run.stderr.contains("prod is locked: deploy of v1.2.0 by Ada"), "{}", run.stderr);
        let unlock = run.stderr.lines().find(|line| line.contains("rel unlock")).unwrap();
        let id = unlock.split("--event ").nth(1).unwrap().split(' ').next().unwrap();
        match stage {
            // One way: somebody who knows that it is dead unlocks, and deploys again.
            "deploy" => {
                shop.rel(&format!("unlock prod --event {id} -q")).code_is(0);
                assert_eq!(shop.state("prod"), "1.2.0 unknown");
                shop.rel("deploy prod v1.2.0 -q").code_is(0);
                assert_eq!(shop.state("prod"), "1.2.0 healthy");
            }
            // The other: a rollback takes over without asking.
            _ => {
                shop.rel("rollback prod --yes -q --format json").json("/version", "1.1.0");
                assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
            }
        }
        std::thread::sleep(Duration::from_secs(3));
    }
}

#[test]
fn a_lock_past_its_deadline_is_unknown_and_blocks_no_deploy() {
    let shop = running(&PLAIN.replace("verify =", "timeout = '5s'\nverify ="));
    shop.behave("slow-deploy-1.2.0", "3");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    child.kill().unwrap();
    child.wait().unwrap();
    let later = shop.shell("REL_NOW=$(( $(date +%s) + 3600 )) rel status prod --format json");
    later.json("/environments/0/state", "unknown");
    shop.shell("REL_NOW=$(( $(date +%s) + 3600 )) rel deploy prod v1.2.0 -q").code_is(0);
}

#[test]
fn a_command_that_prints_without_pause_is_ended_when_a_rollback_takes_over() {
    let shop = running(PLAIN);
    shop.behave("chat-deploy-1.2.0", "");
    let deploy = shop.start("rel deploy prod v1.2.0 -q");
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    shop.rel("rollback prod --yes -q").code_is(0);
    let run = shop.ended(deploy);
    run.code_is(5);
    assert!(run.stderr.contains("a rollback took over in deploy"), "{}", run.stderr);
    assert!(!shop.calls().contains("had the last word"), "{}", shop.calls());
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
}

#[test]
fn the_lock_is_checked_between_many_short_commands() {
    let commands: Vec<String> = (1..=9).map(|number| format!("['./play', 'part{number}']")).collect();
    let shop = running(&PLAIN.replace(
        "deploy = ['./play', 'deploy']\nverify",
        &format!("deploy = [{}]\nrollback = ['./play', 'back']\nverify", commands.join(", ")),
    ));
    (1..=9).for_each(|number| shop.behave(&format!("slow-part{number}-1.2.0"), "1"));
    let deploy = shop.start("rel deploy prod v1.2.0 -q");
    shop.wait_for_call("deploy part1 prod 1.2.0 -");
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.ended(deploy).code_is(5);
    assert!(!shop.calls().contains("part9"), "{}", shop.calls());
}

#[test]
fn a_command_that_finished_while_a_rollback_took_over_is_reported_as_possibly_live() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.2.0", "2");
    let deploy = shop.start("rel deploy prod v1.2.0 -q");
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    shop.rel("rollback prod --yes -q").code_is(0);
    let run = shop.ended(deploy);
    run.code_is(5);
    let last = "`./play deploy` finished, so its version may already be live";
    assert!(run.stderr.contains(last), "{}", run.stderr);
}

#[test]
fn targets_in_a_bad_state_are_never_healthy() {
    let target =
        |version: &str, state: &str| format!(r#"{{"name":"eu","version":"{version}","state":"{state}"}}"#);
    let cases = [
        (vec![target("1.2.0", "failed")], false, 8, "failed"),
        (vec![target("1.1.0", "healthy")], false, 8, "failed"),
        (vec![target("1.2.0", "healthy"), target("1.1.0", "healthy")], true, 9, "mixed"),
        (vec![target("v1.2.0", "ok"), target("1.2.0", "healthy")], false, 0, "healthy"),
    ];
    for (targets, fails, code, state) in cases {
        let shop = running(PLAIN);
        shop.behave("report-deploy-1.2.0", &format!(r#"{{"targets":[{}]}}"#, targets.join(",")));
        if fails {
            shop.behave("fail-deploy-1.2.0", "");
        }
        shop.rel("deploy prod v1.2.0 -q").code_is(code);
        assert_eq!(shop.state("prod"), format!("1.2.0 {state}"));
    }
}

fn signal(child: &std::process::Child, name: &str) {
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
}

#[test]
fn a_lost_terminal_ends_the_deployer_and_is_recorded() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.2.0", "60");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    signal(&child, "-HUP");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(shop.state("prod"), "1.2.0 unknown");
}

#[test]
fn an_interrupt_during_the_grace_period_of_a_timeout_is_noticed() {
    let shop = running(&PLAIN.replace("verify =", "timeout = '1s'\nverify ="));
    shop.behave("hang-deploy-1.2.0", "");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    std::thread::sleep(Duration::from_secs(2));
    signal(&child, "-TERM");
    let begun = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    shop.no_process_is_left();
}

#[test]
fn an_unlock_is_named_and_an_unreadable_state_does_not_end_an_operation() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.2.0", "2");
    let deploy = shop.start("rel deploy prod v1.2.0 -q");
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    let run = shop.rel("deploy prod v1.2.0");
    let id = run.stderr.split("--event ").nth(1).unwrap().split_whitespace().next().unwrap();
    shop.rel(&format!("unlock prod --event {id} -q")).code_is(0);
    let run = shop.ended(deploy);
    run.code_is(5);
    assert!(run.stderr.contains("rel unlock removed the lock before verify"), "{}", run.stderr);

    let shop = running(PLAIN);
    shop.git("clone -q -b rel-ledger --single-branch ../origin/shop.git ../forger");
    shop.behave("slow-deploy-1.0.0", "2");
    let rollback = shop.start("rel rollback prod --yes -q");
    shop.wait_for_call("rollback deploy prod 1.0.0 -");
    let place = shop.file("forger").display().to_string();
    shop.git(&format!("-C {place} pull -q"));
    let state = shop.git(&format!("-C {place} ls-files *prod.json"));
    std::fs::write(shop.file("forger").join(state.trim()), "{").unwrap();
    shop.git(&format!("-C {place} commit -q --no-gpg-sign -am broken"));
    shop.git(&format!("-C {place} push -q origin rel-ledger"));
    let run = shop.ended(rollback);
    assert!(shop.calls().contains("rollback verify prod 1.0.0 -"), "{}", run.stderr);
}

/// The remote disappears between two steps, and comes back: the deploy waits for it, and runs the next step only then.
#[test]
fn a_deploy_starts_no_further_step_while_the_ledger_cannot_be_read() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.2.0", "1");
    let deploy = shop.start("rel deploy prod v1.2.0");
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    std::thread::sleep(Duration::from_secs(4));
    assert!(!shop.calls().contains("verify prod 1.2.0"), "{}", shop.calls());
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    let run = shop.ended(deploy);
    run.code_is(0);
    assert!(run.stderr.contains("no further step begins until the ledger can be read"), "{}", run.stderr);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
}
