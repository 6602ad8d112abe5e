//! `rel rollback`: during a hanging deploy, concurrently, killed, without its remote or registry, from a fresh clone.

use super::fixture::{Fixture, PLAIN, running, shop};
use crate::support::{Sandbox, Terminal};
use snapbox::str;
use std::time::{Duration, Instant};

#[expect(clippy::print_stdout, reason = "durations are shown with --nocapture")]
fn timed<T>(what: &str, act: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = act();
    let took = begun.elapsed();
    println!("{what}: {:.2} s", took.as_secs_f64());
    (result, took)
}

#[test]
fn a_rollback_sets_hold_and_bad_mark_and_does_nothing_the_second_time() {
    let shop = running(PLAIN);
    let run = shop.rel("rollback prod --yes --reason INC-412");
    run.gives(
        0,
        "",
        str![[r#"
rollback prod (shop)
  from     v1.1.0  healthy, deployed just now by Ada
  to       v1.0.0  was healthy here, deployed just now by Ada
  source   the ledger
  removes  1 commit
           [..] feat: coupons
  run      rollback: ./play deploy
  run      verify: ./play verify
  then     prod accepts no deploys until: rel unhold prod --reason "…"
           v1.1.0 is bad everywhere until: rel good v1.1.0 --reason "…"
  note     ada@acme.example is not verified: the ledger requires no signatures
rollback
verify
prod runs v1.0.0: healthy

"#]],
    );
    assert_eq!(shop.calls(), "rollback deploy prod 1.0.0 -\nrollback verify prod 1.0.0 -\n");
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    shop.rel("rollback prod --yes").fails(
        0,
        str![[r#"
prod was already rolled back to v1.0.0 by Ada, just now; nothing to do
hint: rel history prod   # no earlier healthy release is left

"#]],
    );
    shop.rel("rollback prod v1.0.0 --yes --format json -q").json("/already", true);
    shop.rel("deploy staging v1.1.0 -q").code_is(4);
    shop.rel("deploy prod v1.2.0 -q").code_is(4);
    // A CI run that was started by hand does not end the hold that a person set.
    let ci = "CI=true GITHUB_ACTIONS=true GITHUB_ACTOR=ada GITHUB_EVENT_NAME=workflow_dispatch";
    shop.shell(&format!("{ci} rel deploy prod v1.2.0 -q")).code_is(4);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn without_a_terminal_a_rollback_needs_yes() {
    let shop = running(PLAIN);
    let run = shop.rel("rollback prod -q");
    run.code_is(4);
    assert!(run.stderr.contains("pass --yes"), "{}", run.stderr);
    assert_eq!(shop.calls(), "");
}

const CANARY: &str = "[environment.prod]\nsteps = [\n\
    { run = ['./play', 'split'], weight = 10, wait = '10m', check = ['./play', 'monitor'] },\n\
    { run = ['./play', 'split'], weight = 100 },\n]\nrollback = ['./play', 'split']\n";

/// A deploy waits ten minutes in its canary step; meanwhile on-call rolls back from another clone.
#[test]
fn a_rollback_supersedes_a_waiting_deploy_within_seconds() {
    let shop = shop(CANARY);
    shop.rel("deploy prod v1.0.0 -q --record-only").code_is(0);
    shop.forget_calls();
    let mut deploy = shop.spawn(&["deploy", "prod", "v1.1.0"]);
    shop.wait_for_call("deploy split prod 1.1.0 10");
    shop.clone_to("oncall", "");
    let begun = Instant::now();
    let oncall = shop.inside("oncall");
    let mut rollback = oncall.spawn(&["rollback", "prod", "--yes"]);
    oncall.wait_for_call("rollback split prod 1.0.0 -");
    let deployed = begun.elapsed();
    assert!(rollback.wait().unwrap().success());
    let status = deploy.wait().unwrap();
    let ended = begun.elapsed();
    println!(
        "the good release is deployed after {:.2} s; the deploy ends after {:.2} s",
        deployed.as_secs_f64(),
        ended.as_secs_f64()
    );
    assert!(deployed < Duration::from_secs(5), "{deployed:?}");
    assert!(ended < Duration::from_secs(20), "{ended:?}");
    assert_eq!(status.code(), Some(5));
    assert_eq!(oncall.calls().lines().count(), 2, "{}", oncall.calls());
    assert_eq!(oncall.state("prod"), "1.0.0 healthy, held");
    let history = oncall.rel("history prod --all --format json");
    let events: serde_json::Value = serde_json::from_str(&history.stdout).unwrap();
    let superseded =
        |event: &serde_json::Value| event["state"] == "superseded" && event["version"] == "1.1.0";
    assert!(events["events"].as_array().unwrap().iter().any(superseded), "{events:#}");
}

/// The hanging command ignores SIGTERM.
#[test]
fn a_rollback_kills_the_process_group_of_a_hanging_deploy() {
    let shop = running(PLAIN);
    shop.behave("hang-deploy-1.2.0", "");
    let mut deploy = shop.spawn(&["deploy", "prod", "v1.2.0"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    let (run, took) =
        timed("rollback beside a hanging command", || shop.rel("rollback prod --yes -q --format json"));
    run.json("/version", "1.1.0");
    run.json("/from_version", "1.2.0");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let (status, _) = timed("until the deploy ends", || deploy.wait().unwrap());
    assert_eq!(status.code(), Some(5));
    shop.no_process_is_left();
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
}

#[test]
fn two_concurrent_rollbacks_to_the_same_release_run_once() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.0.0", "2");
    shop.clone_to("other", "");
    let mut first = shop.spawn(&["rollback", "prod", "--yes"]);
    shop.wait_for_call("rollback deploy prod 1.0.0 -");
    let shop = shop.inside("other");
    let run = shop.rel("rollback prod --yes");
    // It is not done: the other one may fail, or be dead.
    run.code_is(5);
    assert!(run.stderr.contains("Ada is rolling prod back to v1.0.0"), "{}", run.stderr);
    assert!(run.stderr.contains("rel rollback prod v1.0.0 --take-over"), "{}", run.stderr);
    assert!(first.wait().unwrap().success());
    shop.rel("rollback prod --yes").code_is(0);
    assert_eq!(shop.calls().lines().filter(|line| line.contains(" deploy ")).count(), 1, "{}", shop.calls());
}

#[test]
fn a_concurrent_rollback_to_another_release_needs_take_over() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    shop.forget_calls();
    shop.behave("slow-deploy-1.1.0", "30");
    let mut first = shop.spawn(&["rollback", "prod", "--yes"]);
    shop.wait_for_call("rollback deploy prod 1.1.0 -");
    shop.rel("rollback prod v1.0.0 --yes -q").fails(
        5,
        str![[r#"
error: Ada is rolling prod back to v1.1.0
  because: started just now on [..]
hint: rel status prod   # whether it has ended
hint: rel rollback prod v1.0.0 --take-over   # if that run is dead

"#]],
    );
    shop.rel("rollback prod v1.0.0 --yes --take-over -q").code_is(0);
    assert_eq!(first.wait().unwrap().code(), Some(5));
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

/// After SIGKILL in any stage, hold and mark exist since the first event, and the hint names `--take-over`.
#[test]
fn a_killed_rollback_keeps_hold_and_mark_and_can_be_taken_over() {
    for stage in ["deploy", "verify"] {
        let shop = running(PLAIN);
        shop.behave(&format!("slow-{stage}-1.0.0"), "2");
        let mut child = shop.spawn(&["rollback", "prod", "--yes"]);
        shop.wait_for_call(&format!("rollback {stage} prod 1.0.0 -"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(shop.state("prod"), "1.1.0 deploying, held", "killed in {stage}");
        shop.rel("deploy prod v1.2.0 -q").code_is(5);
        let run = shop.rel("rollback prod --yes");
        run.code_is(5);
        assert!(
            run.stderr.contains("rel rollback prod v1.0.0 --take-over   # if that run is dead"),
            "{}",
            run.stderr
        );
        std::fs::remove_file(shop.file(&format!("slow-{stage}-1.0.0"))).unwrap();
        shop.rel("rollback prod --yes --take-over -q --format json").json("/version", "1.0.0");
        assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
        std::thread::sleep(Duration::from_secs(2));
    }
}

#[test]
fn a_failed_rollback_keeps_hold_and_mark_and_runs_again() {
    let shop = running(PLAIN);
    shop.behave("fail-verify-1.0.0", "");
    shop.rel("rollback prod --yes -q").code_is(8);
    assert_eq!(shop.state("prod"), "1.0.0 failed, held");
    std::fs::remove_file(shop.file("fail-verify-1.0.0")).unwrap();
    // It replaces what the first one did.
    let run = shop.rel("rollback prod --dry-run");
    for line in ["from     v1.1.0", "removes  1 commit", "v1.1.0 is bad everywhere until", "repeats it"] {
        assert!(run.stderr.contains(line), "{line}: {}", run.stderr);
    }
    let run = shop.rel("rollback prod --yes -q --format json");
    run.json("/version", "1.0.0");
    run.json("/from_version", "1.1.0");
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    let run = shop.rel("deploy staging v1.1.0");
    run.code_is(4);
    assert!(run.stderr.contains("v1.1.0 was marked bad"), "{}", run.stderr);
    // The release that it returned to is not marked.
    shop.rel("deploy staging v1.0.0 -q").code_is(0);
}

#[test]
fn a_repeated_rollback_does_not_mark_again_what_is_good() {
    let shop = running(PLAIN);
    shop.behave("fail-verify-1.0.0", "");
    shop.rel("rollback prod --yes -q").code_is(8);
    shop.rel("good v1.1.0 -q").code_is(0);
    std::fs::remove_file(shop.file("fail-verify-1.0.0")).unwrap();
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.rel("deploy staging v1.1.0 -q").code_is(0);
}

#[test]
fn a_release_that_was_deployed_again_is_a_target_again() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    shop.rel("good v1.1.0 -q").code_is(0);
    shop.rel("unhold prod -q").code_is(0);
    shop.rel("deploy prod v1.1.0 -q --yes").code_is(0);
    shop.rel("deploy prod v1.2.0 -q --yes").code_is(0);
    shop.rel("rollback prod --yes -q --format json").json("/version", "1.1.0");
    shop.rel("ledger verify -q").code_is(0);
}

#[test]
fn a_plan_says_which_releases_it_does_not_choose_and_why() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q --yes").code_is(0);
    assert!(!shop.rel("rollback prod --dry-run").stderr.contains("not chosen"));
    shop.rel("bad v1.1.0 -q").code_is(0);
    let run = shop.rel("rollback prod --dry-run");
    assert!(run.stderr.contains("not chosen: v1.1.0 ran there and was marked bad by Ada"), "{}", run.stderr);
}

#[test]
fn a_target_that_was_only_recorded_is_not_called_healthy() {
    let shop = shop(PLAIN);
    shop.rel("deploy staging v1.0.0 --record-only -q").code_is(0);
    shop.rel("deploy staging v1.1.0 -q").code_is(0);
    let run = shop.rel("rollback staging --dry-run");
    assert!(run.stderr.contains("v1.0.0  recorded here by Ada, never verified by rel"), "{}", run.stderr);
}

#[test]
fn what_a_dead_run_started_may_go_on_and_the_plan_says_so() {
    let shop = running(PLAIN);
    shop.behave("slow-deploy-1.2.0", "2");
    let mut child = shop.spawn(&["deploy", "prod", "v1.2.0", "--yes"]);
    shop.wait_for_call("deploy deploy prod 1.2.0 -");
    child.kill().unwrap();
    child.wait().unwrap();
    let warning = "commands of that run may still be running";
    let run = shop.rel("unlock prod");
    run.code_is(4);
    assert!(run.stderr.contains(&format!("{warning} on ")), "{}", run.stderr);
    let run = shop.shell("REL_NOW=$(( $(date +%s) + 90000 )) rel rollback prod --dry-run");
    assert!(run.stderr.contains(&format!("{warning} on ")), "{}", run.stderr);
    shop.shell("REL_NOW=$(( $(date +%s) + 90000 )) rel unlock prod -q").code_is(0);
    let run = shop.shell("REL_NOW=$(( $(date +%s) + 90001 )) rel rollback prod --dry-run");
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    std::thread::sleep(Duration::from_secs(2));
}

#[test]
fn a_hold_that_a_person_set_after_a_rollback_is_theirs() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    let run = shop.rel("status prod");
    assert!(run.stdout.contains("held by Ada's rollback"), "{}", run.stdout);
    shop.rel_words(&["hold", "prod", "--package", "shop", "--reason", "db migration", "-q"]).code_is(0);
    let run = shop.rel("status prod");
    assert!(run.stdout.contains("held by Ada ") && !run.stdout.contains("rollback"), "{}", run.stdout);
    let run = shop.rel("deploy prod v1.2.0");
    assert!(run.stderr.contains("(db migration)"), "{}", run.stderr);
}

#[test]
fn without_the_remote_a_rollback_runs_unrecorded_and_sync_sends_it_once() {
    let shop = running(PLAIN);
    shop.git("remote set-url origin ../gone.git");
    let run = shop.rel("rollback prod --yes --format json");
    run.json("/version", "1.0.0");
    run.json("/recorded", false);
    assert!(run.stderr.contains("UNRECORDED: "), "{}", run.stderr);
    assert_eq!(run.stderr.matches("UNRECORDED").count(), 1, "{}", run.stderr);
    assert_eq!(run.stderr.matches("rel sync - <<'END'").count(), 1, "{}", run.stderr);
    let lines = run.stderr.lines().skip_while(|line| !line.contains("<<'END'")).skip(1);
    assert_eq!(lines.take_while(|line| *line != "END").count(), 2, "began and ended: {}", run.stderr);
    assert_eq!(shop.calls(), "rollback deploy prod 1.0.0 -\nrollback verify prod 1.0.0 -\n");
    shop.git("remote set-url origin ../origin/shop.git");
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    shop.rel("sync -q").code_is(0);
    shop.rel("sync -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    let history = shop.rel("history prod --all --format json");
    let events: serde_json::Value = serde_json::from_str(&history.stdout).unwrap();
    let rollbacks =
        events["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "rollback").count();
    assert_eq!(rollbacks, 2, "started and ended: {events:#}");
}

/// The remote disappears while the deploy runs: the deploy finishes, but does not report success.
#[test]
fn a_deploy_whose_result_cannot_be_recorded_fails_with_6() {
    let shop = running(PLAIN);
    shop.behave("slow-verify-1.2.0", "2");
    let origin = shop.file("origin");
    let child = shop.start("exec rel deploy prod v1.2.0 --format json");
    shop.wait_for_call("deploy verify prod 1.2.0 -");
    std::fs::rename(&origin, shop.file("cut")).unwrap();
    let run = shop.ended(child);
    run.code_is(6);
    run.json("/schema", "rel.error/1");
    std::fs::rename(shop.file("cut"), &origin).unwrap();
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
    shop.rel("sync -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
}

#[test]
fn a_rollback_works_from_a_fresh_clone_of_depth_one() {
    let shop = running(PLAIN);
    for number in 0..30 {
        shop.commit(&format!("feat: {number}"));
    }
    shop.git("push -q origin main");
    shop.clone_to("ci", "--depth 1 --single-branch --no-tags");
    let shop = shop.inside("ci");
    let (run, took) = timed("rollback from a fresh clone of depth 1", || shop.rel("rollback prod --yes"));
    run.code_is(0);
    assert!(run.stderr.contains("removes  1 commit"), "{}", run.stderr);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(shop.calls(), "rollback deploy prod 1.0.0 -\nrollback verify prod 1.0.0 -\n");
}

#[test]
fn an_irreversible_change_needs_cross_with_its_release() {
    let shop = running(PLAIN);
    shop.commit("feat: no emails\n\nRollback-Unsafe: drops column email");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.commit("feat: more");
    shop.git_words(&["tag", "-a", "-m", "1.4.0", "v1.4.0"]);
    shop.git("push -q origin main --tags");
    shop.rel("deploy prod v1.4.0 -q").code_is(0);
    let commit = shop.id("v1.3.0");
    shop.rel("rollback prod --yes -q").fails(
        4,
        format!(
            "error: v1.3.0 has an irreversible change: drops column email ({})\n\
             hint: rel rollback prod v1.1.0 --cross v1.3.0\n",
            &commit[..7]
        ),
    );
    shop.rel("rollback prod v1.1.0 --cross v1.3.0 --yes -q").code_is(0);
}

#[test]
fn a_bad_release_is_a_target_only_by_name_and_with_override() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    shop.rel("bad v1.1.0 --reason crashes -q").code_is(0);
    shop.rel("rollback prod --dry-run -q --format json").json("/version", "1.0.0");
    let run = shop.rel("rollback prod v1.1.0 --yes -q");
    run.code_is(4);
    assert!(run.stderr.contains("rel rollback prod v1.1.0 --override \"REASON\""), "{}", run.stderr);
    shop.rel("rollback prod v1.1.0 --override INC-412 --yes -q").code_is(4);
    let (code, screen) = Terminal::run(&shop, &[], "rollback prod v1.1.0 --override INC-412 --yes -q");
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn a_named_release_goes_further_back_and_keep_good_marks_nothing() {
    let shop = running(PLAIN);
    shop.rel("deploy prod v1.2.0 -q").code_is(0);
    shop.rel("rollback prod --keep-good --yes -q --format json").json("/version", "1.1.0");
    shop.rel("deploy staging v1.2.0 -q").code_is(0);
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn a_missing_image_is_refused_with_the_next_release_that_has_images() {
    let rules = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
        [environment.prod]\ndeploy = ['./play', 'deploy', '{image.api}']\n";
    let shop = shop(rules);
    let images = shop.folder().join("images");
    let mut digests = Vec::new();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        digests.push(crate::support::layout::image(&images, &format!("v{version}"), version, "x"));
        shop.rel(&format!("deploy prod v{version} -q")).code_is(0);
    }
    let layout = images.join("index.json");
    let whole = std::fs::read_to_string(&layout).unwrap();
    let mut index: serde_json::Value = serde_json::from_str(&whole).unwrap();
    index["manifests"].as_array_mut().unwrap().retain(|entry| entry["digest"] != digests[1].as_str());
    std::fs::write(&layout, index.to_string()).unwrap();
    std::fs::remove_file(images.join("blobs/sha256").join(&digests[1][7..])).unwrap();
    let run = shop.rel("rollback prod --yes -q");
    run.code_is(7);
    assert!(run.stderr.contains("the images of v1.1.0 are gone"), "{}", run.stderr);
    assert!(
        run.stderr.contains("rel rollback prod v1.0.0   # the next release whose images exist"),
        "{}",
        run.stderr
    );
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
}

/// For example, a disk that is not mounted.
#[test]
fn an_unreadable_layout_does_not_prove_that_images_are_missing() {
    let rules = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
        [environment.prod]\ndeploy = ['./play', 'deploy', '{image.api}']\n";
    let shop = shop(rules);
    let images = shop.folder().join("images");
    for version in ["1.0.0", "1.1.0"] {
        crate::support::layout::image(&images, &format!("v{version}"), version, "x");
        shop.rel(&format!("deploy prod v{version} -q")).code_is(0);
    }
    std::fs::rename(&images, shop.file("unmounted")).unwrap();
    let run = shop.rel("deploy prod v1.1.0 -q");
    run.code_is(6);
    assert!(run.stderr.contains("oci:./images cannot be reached"), "{}", run.stderr);
    let run = shop.rel("rollback prod --yes");
    run.code_is(0);
    let warning = "warning: not checked: images of v1.0.0: oci:./images cannot be reached";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

/// The registry accepts connections and never answers. The rollback says what it waits for.
#[test]
fn a_rollback_waits_only_seconds_for_a_silent_registry() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let rules = format!(
        "[[image]]\nname = 'api'\nrepository = '{host}/api'\n[environment.prod]\ndeploy = ['./play', 'deploy']\n"
    );
    let shop = shop(&rules);
    release_with_images(&shop, &host, |_| {});
    let (run, took) = timed("rollback beside a silent registry", || shop.rel("rollback prod --yes"));
    run.code_is(0);
    assert!(run.stderr.contains(&format!("waiting for {host}, 4 s at most\n")), "{}", run.stderr);
    assert!(run.stderr.contains("warning: not checked: images of v1.3.0"), "{}", run.stderr);
    assert!(took > Duration::from_secs(4) && took < Duration::from_secs(9), "{took:?}");
}

#[test]
fn a_rollback_target_is_named_like_that_of_a_deploy() {
    let rules = "[package.api]\npaths = ['api/**']\n[package.web]\npaths = ['web/**']\n[version]\ntag = '{package}-v{version}'\n\
        [environment.prod]\ndeploy = ['./play', 'deploy']\n[environment.dev]\naccept = 'any'\ndeploy = ['./play', 'deploy']\n";
    let shop = shop(rules);
    for name in ["api-v1.0.0", "web-v1.0.0", "web-v1.1.0"] {
        shop.git_words(&["tag", "-a", "-m", name, name]);
        shop.git("push -q origin main --tags");
        for environment in ["prod", "dev"] {
            shop.rel(&format!("deploy {environment} {name} -q")).code_is(0);
        }
        shop.commit("feat: more");
    }
    for environment in ["prod", "dev"] {
        shop.rel(&format!("rollback {environment} api-v1.0.0 --package web --yes -q")).fails(
            2,
            str![[r#"
error: api-v1.0.0 is a tag of api, not of web
hint: use --package api, or leave --package out: a tag names its package

"#]],
        );
    }
    for words in ["HEAD~1", "main", "1", &shop.id("web-v1.0.0")] {
        let run = shop.rel(&format!("rollback prod {words} --package web --yes -q"));
        run.code_is(2);
        assert!(run.stderr.contains("is neither a version nor a tag"), "{}", run.stderr);
    }
    // If an environment accepts commits, a build that was released keeps its version.
    shop.forget_calls();
    let commit = shop.id("web-v1.0.0");
    shop.rel(&format!("rollback dev {commit} --package web --yes -q --format json"))
        .json("/version", "1.0.0");
    assert_eq!(shop.calls(), "rollback deploy dev 1.0.0 -\n");
}

#[test]
fn the_plan_lists_other_environments_and_fits_80_columns() {
    let rules = "[environment.staging]\ndeploy = ['./play', 'deploy']\n[environment.production-europe-west]\n\
        deploy = ['./play', 'deploy']\n";
    let shop = shop(rules);
    for version in ["v1.0.0", "v1.1.0"] {
        for environment in ["staging", "production-europe-west"] {
            shop.rel(&format!("deploy {environment} {version} -q")).code_is(0);
        }
    }
    let run = shop.rel("rollback staging --dry-run");
    run.code_is(0);
    assert!(run.stderr.contains("  note     v1.1.0 also runs in production-europe-west\n"), "{}", run.stderr);
    let run = shop.rel("rollback production-europe-west --dry-run");
    assert!(run.stderr.lines().all(|line| line.chars().count() <= 80), "{}", run.stderr);
    assert!(
        run.stderr.contains("\n           rel unhold production-europe-west --reason \"…\"\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_unreachable_registry_is_only_a_warning() {
    let rules = "[[image]]\nname = 'api'\nrepository = '127.0.0.1:9/api'\n[registry.'127.0.0.1:9']\nhttp = true\n\
        [environment.prod]\ndeploy = ['./play', 'deploy']\n";
    let shop = shop(rules);
    release_with_images(&shop, "127.0.0.1:9", |version| {
        shop.rel(&format!("deploy prod v{version} -q")).code_is(6);
    });
    let run = shop.rel("rollback prod --yes");
    run.code_is(0);
    assert!(run.stderr.contains("warning: not checked: images of v1.3.0"), "{}", run.stderr);
    assert_eq!(shop.calls(), "rollback deploy prod 1.3.0 -\n");
}

/// Creates v1.3.0 and v1.4.0, whose tags name digests on a host, and adopts both in prod.
fn release_with_images(shop: &Sandbox, host: &str, before: impl Fn(&str)) {
    let digest = "0a".repeat(32);
    for version in ["1.3.0", "1.4.0"] {
        shop.commit("feat: more");
        let build = shop.id("HEAD");
        let digest = format!("{}{}", &version[2..3], &digest[1..]);
        let text = format!(
            "{version}\n\nRel-Package: shop\nRel-Build: {build}\nRel-Image: api {host}/api@sha256:{digest}\n"
        );
        shop.git_words(&["tag", "-a", "--cleanup=verbatim", "-m", &text, &format!("v{version}")]);
        shop.git("push -q origin main --tags");
        before(version);
        shop.rel(&format!("adopt prod v{version} -q")).code_is(0);
    }
}
