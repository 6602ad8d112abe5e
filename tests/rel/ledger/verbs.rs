//! Each verb records one event and says so; it records none if it is so already.

use super::{CONFIG, at, shop, subjects};
use crate::support::Terminal;
use snapbox::str;

#[test]
fn hold_and_unhold() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod --reason INC-412").fails(
        0,
        str![[r#"
recorded: hold prod, by Ada (INC-412)

"#]],
    );
    at(&shop, "12:05", "hold prod").fails(
        0,
        str![[r#"
prod has been held by Ada since 2026-11-20T12:00:00Z (INC-412)

"#]],
    );
    at(&shop, "12:06", "unhold prod --dry-run").prints("would record: unhold prod\n");
    at(&shop, "12:06", "unhold prod").code_is(0);
    at(&shop, "12:07", "unhold prod").fails(0, "prod is not held\n");
    assert_eq!(subjects(&shop), ["hold prod, by Ada (INC-412)", "unhold prod, by Ada"]);
    at(&shop, "12:08", "hold prdo").fails(
        2,
        str![[r#"
error: there is no environment prdo
  because: release.toml defines dev, prod, staging
hint: did you mean prod?

"#]],
    );
}

#[test]
fn freeze_and_thaw() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "freeze prod --until 2h")
        .fails(0, "recorded: freeze prod until 2026-11-20T14:00:00Z, by Ada\n");
    at(&shop, "12:00", "freeze --all --until 18:00 --reason party").code_is(0);
    at(&shop, "12:01", "freeze --all --until 18:00").fails(
        0,
        "everything has been frozen until 2026-11-20T18:00:00Z by Ada since 2026-11-20T12:00:00Z (party)\n",
    );
    at(&shop, "12:02", "thaw prod").code_is(0);
    at(&shop, "12:03", "thaw prod").fails(
        4,
        str![[r#"
error: prod is frozen because everything is
  because: frozen until 2026-11-20T18:00:00Z by Ada since 2026-11-20T12:00:00Z (party)
hint: rel thaw --all

"#]],
    );
    at(&shop, "12:04", "thaw --all").code_is(0);
    at(&shop, "12:05", "thaw --all").fails(0, "no freeze was set with --all\n");
    at(&shop, "12:06", "freeze prod --until yesterday").code_is(2);
    at(&shop, "12:06", "freeze").code_is(2);
}

#[test]
fn bad_marks_a_build_under_every_name() {
    let shop = shop(CONFIG);
    shop.tag("v1.0.1");
    let id = shop.id("HEAD");
    at(&shop, "12:00", "bad 1.0.0 --reason leaks").fails(0, "recorded: bad shop v1.0.0, by Ada (leaks)\n");
    let words = " was marked bad by Ada at 2026-11-20T12:00:00Z (leaks)\n";
    at(&shop, "12:01", "bad v1.0.1").fails(0, format!("v1.0.1{words}"));
    at(&shop, "12:01", &format!("bad {id}")).fails(0, format!("{}{words}", &id[..7]));
    at(&shop, "12:02", "good v1.0.1").fails(0, "recorded: good shop v1.0.1, by Ada\n");
    at(&shop, "12:03", "good v1.0.0").fails(0, "v1.0.0 is not marked bad\n");
    at(&shop, "12:04", "bad 9.9.9").code_is(7);
}

#[test]
fn approve_adopt_and_unlock() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "adopt prod v1.0.0")
        .fails(0, "recorded: adopt shop v1.0.0 → prod: recorded, by Ada\n");
    at(&shop, "12:01", "adopt prod 1.0.0")
        .fails(0, "v1.0.0 has been running in prod since 2026-11-20T12:00:00Z\n");
    at(&shop, "12:02", "approve prod 1.0.0").fails(
        0,
        str![[r#"
hint: you are approving as ada@acme.example; this identity is not proven: [ledger] allowed_signers is not set
recorded: approve shop v1.0.0 → prod, by Ada

"#]],
    );
    let again = at(&shop, "12:03", "approve prod 1.0.0");
    assert!(
        again.stderr.ends_with("v1.0.0 was already approved by ada@acme.example at 2026-11-20T12:02:00Z\n"),
        "{}",
        again.stderr
    );
    at(&shop, "12:04", "unlock prod").fails(0, "no operation is in progress in prod\n");
    at(&shop, "12:05", "adopt prod HEAD").code_is(2);
}

#[test]
fn json_says_what_was_recorded() {
    let shop = shop(CONFIG);
    let run = at(&shop, "12:00", "-q hold prod --reason INC-412 --format json");
    run.json("/schema", "rel.event/1");
    run.json("/kind", "hold");
    run.json("/environment", "prod");
    run.json("/by", "ada@acme.example");
    run.json("/recorded", true);
    let run = at(&shop, "12:00", "-q hold prod --format json");
    run.json("/already", true);
}

#[test]
fn recording_needs_the_name_of_the_repository() {
    let shop = shop("[environment.prod]\n");
    at(&shop, "12:00", "status").code_is(0);
    at(&shop, "12:00", "hold prod").fails(
        2,
        str![[r#"
error: release.toml has no `name`, which every event needs
  because: rel does not take the name from the folder
hint: add to release.toml, and merge it into the default branch:
  name = "shop"

"#]],
    );
}

#[test]
fn reasons_are_one_clean_line_without_secrets() {
    let shop = shop(CONFIG);
    let line = "REL_NOW=2026-11-20T12:00:00Z DEPLOY_TOKEN=s3cr3t-value rel hold prod --reason \"$(printf 'a\\033[31mb\\nc s3cr3t-value')\"";
    shop.shell(line).fails(0, "recorded: hold prod, by Ada (a[31mb c ***)\n");
    let long = "x".repeat(2_000);
    at(&shop, "12:01", &format!("freeze prod --reason {long}")).code_is(0);
    assert!(subjects(&shop).iter().all(|subject| subject.len() < 600));
}

#[test]
fn a_config_file_is_used_and_recorded_as_an_override() {
    let shop = shop(CONFIG);
    shop.write("mine.toml", &format!("{CONFIG}[environment.mine]\n"));
    at(&shop, "12:00", "hold mine").code_is(2);
    at(&shop, "12:00", "--config mine.toml hold mine").code_is(4);
    let terminal = Terminal::start(&shop, "--config mine.toml hold mine");
    assert_eq!(terminal.end().0, Some(0));
    let run = at(&shop, "12:00", "ledger export");
    let event: serde_json::Value = serde_json::from_str(run.stdout.lines().next_back().unwrap()).unwrap();
    assert!(event["overrides"][0].as_str().unwrap().starts_with("--config "), "{event}");
}

#[test]
fn the_remotes_default_branch_decides_and_not_the_work_tree() {
    let shop = shop(CONFIG);
    shop.write("release.toml", &format!("{CONFIG}[environment.mine]\n"));
    at(&shop, "12:00", "hold mine").code_is(2);
    shop.git("add release.toml");
    shop.commit("feat: mine");
    at(&shop, "12:00", "hold mine").code_is(2);
    shop.git("push -q origin main");
    at(&shop, "12:00", "hold mine").code_is(0);
}

#[test]
fn nothing_to_thaw_and_missing_arguments_are_reported() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "thaw --all").fails(0, "no freeze was set with --all\n");
    for verb in ["freeze", "thaw"] {
        let run = at(&shop, "12:00", verb);
        run.code_is(2);
        assert!(run.stderr.contains("--all"), "{}", run.stderr);
    }
    at(&shop, "12:00", "history prod -n 0").code_is(2);
}

#[test]
fn hints_name_the_package_that_they_mean() {
    let shop = shop(
        "name = \"shop\"\n\n[package.api]\npaths = [\"api\"]\n\n[package.web]\npaths = [\"web\"]\n\n[environment.prod]\n",
    );
    at(&shop, "12:00", "status")
        .fails(0, "nothing has been deployed yet; start with `rel deploy ENV VERSION`, or `rel adopt ENV VERSION` for what is already running\n");
    let run = at(&shop, "12:00", "deploy prod web-v0.1.0 --package api");
    run.code_is(2);
    assert!(run.stderr.contains("web-v0.1.0 is a tag of web, not of api"), "{}", run.stderr);
    let run = at(&shop, "12:00", "deploy prod v0.1.0 --package api");
    run.code_is(2);
    assert!(run.stderr.contains("which names its package: api-v0.1.0"), "{}", run.stderr);
    at(&shop, "12:00", "adopt prod api-v0.1.0 --package api").code_is(7);
    at(&shop, "12:01", "hold prod --package api").code_is(0);
    at(&shop, "12:01", "hold prod --package web").code_is(0);
    let run = at(&shop, "12:02", "status");
    assert!(run.stdout.replace('\n', " ").contains("--package web"), "{}", run.stdout);
}
