//! What a clone did while the ledger could not be reached: once the remote is back, it shows and sends that first, and
//! nothing is lost without a word.

use super::fixture::{Fixture, PLAIN, running};
use crate::support::{Run, Sandbox};
use serde_json::Value;

fn cut_off(shop: &Sandbox) {
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
}

fn reconnect(shop: &Sandbox) {
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
}

/// Prod rolled back from 1.1.0 to 1.0.0 while the remote was gone, and the remote is back.
fn rolled_back_unrecorded() -> Sandbox {
    let shop = running(&PLAIN.replace("verify =", "override_in_ci = true\nverify ="));
    cut_off(&shop);
    let run = shop.rel("rollback prod --yes");
    run.code_is(0);
    assert!(run.stderr.contains("UNRECORDED"), "{}", run.stderr);
    reconnect(&shop);
    shop.forget_calls();
    shop
}

/// The subjects of the ledger on the remote from its fifth event on: those before are the deploys of the fixture.
fn recorded(shop: &Sandbox) -> Vec<String> {
    let origin = shop.file("origin/shop.git").display().to_string();
    let log = shop.git_words(&["-C", &origin, "log", "--reverse", "--format=%s", "rel-ledger"]);
    log.lines().skip(4).map(str::to_owned).collect()
}

const ROLLBACK: [&str; 2] =
    ["rollback shop v1.0.0 → prod: deploying, by Ada", "rollback shop v1.0.0 → prod: healthy, by Ada"];

#[test]
fn status_shows_the_state_that_unrecorded_events_make_once_the_remote_is_back() {
    let shop = rolled_back_unrecorded();
    let run = shop.rel("status prod");
    assert!(run.stdout.contains("v1.0.0  healthy") && run.stdout.contains("UNRECORDED"), "{}", run.stdout);
    assert!(run.stdout.contains("held by Ada's rollback"), "{}", run.stdout);
    assert!(run.stderr.contains("UNRECORDED: 2 events are pending; `rel sync` sends them"), "{}", run.stderr);
    let run = shop.rel("status prod --format json");
    run.json("/environments/0/version", "1.0.0");
    run.json("/environments/0/recorded", false);
    run.json("/environments/0/pending", 2);
    shop.rel("history prod --format json").json("/events/0/recorded", false);
    // Showing it sends nothing.
    assert!(recorded(&shop).is_empty());
}

#[test]
fn a_deploy_cannot_bring_back_what_an_unrecorded_rollback_removed() {
    let shop = rolled_back_unrecorded();
    let run = shop.rel("deploy prod v1.1.0 --yes");
    run.code_is(4);
    assert!(run.stderr.contains("v1.1.0 was marked bad by Ada"), "{}", run.stderr);
    assert!(run.stderr.contains("prod has been held by Ada"), "{}", run.stderr);
    assert_eq!(shop.calls(), "");
    shop.rel("deploy staging v1.1.0 --yes").code_is(4);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn unrecorded_events_are_sent_before_anything_else_is_recorded() {
    for verb in ["hold staging", "deploy staging v1.0.0 --yes", "rollback prod v1.1.0 --override now --yes"] {
        let shop = rolled_back_unrecorded();
        let run = shop.rel(verb);
        run.code_is(0);
        assert!(run.stderr.contains(&format!("recorded: {} (", ROLLBACK[1])), "{verb}: {}", run.stderr);
        let recorded = recorded(&shop);
        assert_eq!(recorded[..2], ROLLBACK, "{verb}");
        assert!(
            recorded.len() > 2 && recorded.iter().all(|subject| !subject.contains("late")),
            "{recorded:?}"
        );
        shop.rel("sync").fails(0, "no events are pending\n");
        shop.rel("ledger verify -q").code_is(0);
    }
}

#[test]
fn sending_what_a_clone_kept_fetches_no_older_events() {
    let shop = running(PLAIN);
    shop.clone_to("other", "");
    let shop = shop.inside("other");
    shop.rel("status -q").code_is(0);
    cut_off(&shop);
    shop.rel("rollback prod --yes -q").code_is(0);
    reconnect(&shop);
    shop.rel("sync -q").code_is(0);
    let entries = std::fs::read_dir(shop.file("other/.git/rel")).unwrap();
    let mut copies = entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("HEAD").exists());
    let copy = copies.next().unwrap().display().to_string();
    assert_eq!(shop.git(&format!("-C {copy} rev-list --count refs/rel/tip")), "3");
}

/// Whether the push arrived is unknown, because somebody rewound the ledger at that moment.
#[test]
fn a_start_that_may_be_recorded_is_named_with_the_command_that_unlocks_it() {
    let shop = running(PLAIN);
    let origin = shop.file("origin/shop.git").display().to_string();
    shop.script(
        "git",
        &format!(
            "if [ \"$1\" = push ]; then \"$REAL_GIT\" \"$@\"; unset GIT_DIR; cd '{origin}'; \
             \"$REAL_GIT\" update-ref refs/heads/sent refs/heads/rel-ledger; \
             \"$REAL_GIT\" update-ref refs/heads/rel-ledger refs/heads/rel-ledger~3; exit 128; fi\n\
             exec \"$REAL_GIT\" \"$@\"\n"
        ),
    );
    let run = shop.shell("rel deploy prod v1.2.0 --yes");
    shop.remove_scripts();
    run.code_is(5);
    assert!(run.stderr.contains("whether it was recorded is unknown"), "{}", run.stderr);
    assert!(!run.stderr.contains("run the same command again:"), "{}", run.stderr);
    assert_eq!(shop.calls(), "");
    shop.git(&format!("-C {origin} update-ref refs/heads/rel-ledger refs/heads/sent"));
    shop.rel("deploy prod v1.2.0 --yes").code_is(5);
    let unlock = run.stderr.lines().find_map(|line| line.strip_prefix("hint: rel unlock ")).unwrap();
    shop.shell(&format!("rel unlock {unlock}")).code_is(0);
    shop.rel("deploy prod v1.2.0 --yes").code_is(0);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
}

#[test]
fn what_cannot_be_sent_first_stops_a_deploy_and_not_a_rollback() {
    let shop = rolled_back_unrecorded();
    let hook = shop.file("origin/shop.git/hooks/pre-receive");
    crate::support::program(&hook, "#!/bin/sh\necho 'closed for today' >&2\nexit 1\n");
    let run = shop.rel("hold staging");
    run.code_is(6);
    assert!(run.stderr.contains("nothing was recorded"), "{}", run.stderr);
    shop.rel("deploy staging v1.0.0 --yes").code_is(6);
    let run = shop.rel("rollback prod v1.1.0 --override now --yes");
    run.code_is(0);
    assert!(run.stderr.contains("UNRECORDED"), "{}", run.stderr);
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    std::fs::remove_file(hook).unwrap();
    shop.rel("sync").code_is(0);
    let recorded = recorded(&shop);
    assert_eq!(recorded.len(), 4, "{recorded:?}");
    assert_eq!(recorded[..2], ROLLBACK);
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    shop.rel("ledger verify -q").code_is(0);
}

/// Another clone deployed the bad release meanwhile.
fn overtaken() -> (Sandbox, Run) {
    let shop = running(PLAIN);
    shop.clone_to("other", "");
    cut_off(&shop);
    shop.rel("rollback prod --yes -q").code_is(0);
    reconnect(&shop);
    let shop = shop.inside("other");
    shop.shell("REL_NOW=$(( $(date +%s) + 60 )) rel deploy prod v1.1.0 --yes -q").code_is(0);
    let shop = shop.inside("shop");
    let run = shop.shell("REL_NOW=$(( $(date +%s) + 120 )) rel sync");
    (shop, run)
}

#[test]
fn sync_says_what_a_late_rollback_no_longer_decides() {
    let (shop, run) = overtaken();
    run.code_is(0);
    assert_eq!(run.stderr.matches("warning: ").count(), 1, "{}", run.stderr);
    let warning = "warning: the rollback of prod to v1.0.0 at ";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    assert!(
        run.stderr.contains("was recorded too late to decide what runs there: v1.1.0 by Ada, at "),
        "{}",
        run.stderr
    );
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    shop.rel("ledger verify -q").code_is(0);
}

#[test]
fn a_late_rollback_still_holds_and_marks() {
    let (shop, _) = overtaken();
    let shop = shop.inside("other");
    let run = shop.rel("deploy prod v1.2.0 --yes");
    // A person's deploy of a newer release would end the hold; this one is no person's.
    run.code_is(4);
    assert!(run.stderr.contains("prod has been held by Ada"), "{}", run.stderr);
    let run = shop.rel("deploy staging v1.1.0 --yes");
    run.code_is(4);
    assert!(run.stderr.contains("v1.1.0 was marked bad by Ada"), "{}", run.stderr);
}

#[test]
fn a_late_rollback_is_marked_in_json() {
    let shop = running(PLAIN);
    shop.clone_to("other", "");
    cut_off(&shop);
    shop.rel("rollback prod --yes -q").code_is(0);
    reconnect(&shop);
    let shop = shop.inside("other");
    shop.shell("REL_NOW=$(( $(date +%s) + 60 )) rel deploy prod v1.1.0 --yes -q").code_is(0);
    let shop = shop.inside("shop");
    let run = shop.shell("REL_NOW=$(( $(date +%s) + 120 )) rel sync -q --format json");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    for event in json["events"].as_array().unwrap() {
        assert_eq!((&event["late"], &event["decides"]), (&true.into(), &false.into()), "{json:#}");
    }
}

/// What is recorded later may claim anything, so it opens no way to the next environment.
#[test]
fn what_is_synced_does_not_count_for_from_and_soak() {
    let rules = "[environment.staging]\ndeploy = ['./play', 'deploy']\n\
        [environment.prod]\nfrom = 'staging'\ndeploy = ['./play', 'deploy']\n";
    let shop = super::fixture::shop(rules);
    shop.behave("slow-deploy-1.0.0", "2");
    let child = shop.spawn(&["deploy", "staging", "v1.0.0"]);
    shop.wait_for_call("deploy deploy staging 1.0.0 -");
    cut_off(&shop);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(6));
    reconnect(&shop);
    shop.rel("sync -q").code_is(0);
    assert_eq!(shop.state("staging"), "1.0.0 healthy");
    let run = shop.rel("deploy prod v1.0.0 --yes");
    run.code_is(4);
    assert!(run.stderr.contains("staging"), "{}", run.stderr);
    std::fs::remove_file(shop.file("slow-deploy-1.0.0")).unwrap();
    shop.rel("deploy staging v1.0.0 --yes -q").code_is(0);
    shop.rel("deploy prod v1.0.0 --yes -q").code_is(0);
}

/// Only the remote could tell other clones of the rollback; this one knows of it.
#[test]
fn a_deploy_ends_when_its_own_clone_rolls_back_unrecorded() {
    let closed = |shop: &Sandbox| {
        let hook = shop.file("origin/shop.git/hooks/pre-receive");
        crate::support::program(&hook, "#!/bin/sh\nexit 1\n");
    };
    for (what, interrupt) in [("refused", &closed as &dyn Fn(&Sandbox)), ("cut off", &cut_off)] {
        let shop = running(PLAIN);
        shop.behave("slow-deploy-1.2.0", "4");
        let mut deploy = shop.spawn(&["deploy", "prod", "v1.2.0", "--yes"]);
        shop.wait_for_call("deploy deploy prod 1.2.0 -");
        interrupt(&shop);
        let run = shop.rel("rollback prod --yes");
        run.code_is(0);
        assert!(run.stderr.contains("UNRECORDED"), "{what}: {}", run.stderr);
        assert!(!deploy.wait().unwrap().success(), "{what}");
        assert!(!shop.calls().contains("deploy verify prod 1.2.0"), "{what}: {}", shop.calls());
        assert!(shop.state("prod").starts_with("1.1.0 healthy, held"), "{what}: {}", shop.state("prod"));
    }
}
