//! A rollback is no way forward: only what was healthy in the environment is exempt from its policy.

use super::fixture::{Fixture, PLAIN, running, shop};
use crate::support::Terminal;
use snapbox::str;

const STRICT: &str = "[environment.staging]\ndeploy = ['./play', 'deploy']\n\
    [environment.prod]\naccept = 'final'\nfrom = 'staging'\ndeploy = ['./play', 'deploy']\n";

#[test]
fn where_nothing_runs_a_release_is_deployed_and_not_rolled_back_to() {
    let shop = shop(STRICT);
    for words in ["rollback prod v1.0.0 --yes -q", "rollback prod v1.0.0 --yes -q --override INC-412"] {
        shop.rel(words).fails(
            4,
            str![[r#"
error: nothing runs in prod yet that a rollback could replace
hint: rel deploy prod v1.0.0

"#]],
        );
    }
    shop.rel("rollback prod --yes -q").code_is(4);
    assert_eq!(shop.calls(), "");
}

/// Returns a shop whose prod ran 1.3.0 and runs 1.5.0, after staging, and never ran 1.4.0.
fn strict() -> crate::support::Sandbox {
    let shop = shop(STRICT);
    for version in ["v1.3.0", "v1.4.0", "v1.5.0"] {
        shop.change(&["settings"], "feat: more");
        shop.git_words(&["tag", "-a", "-m", version, version]);
    }
    shop.git("push -q origin main --tags");
    for version in ["v1.3.0", "v1.5.0"] {
        shop.rel(&format!("deploy staging {version} -q")).code_is(0);
        shop.rel(&format!("deploy prod {version} -q")).code_is(0);
    }
    shop.forget_calls();
    shop
}

#[test]
fn a_release_that_was_never_healthy_here_is_asked_like_a_deploy() {
    let shop = strict();
    shop.git("switch -q -c side v1.3.0");
    shop.write("play", &format!("#!/bin/sh\necho evil >> '{}'\n", shop.file("told").display()));
    shop.git("add play");
    shop.commit("feat: nothing to see");
    for name in ["v1.3.0+evil", "v1.3.999"] {
        shop.git_words(&["tag", "-a", "-m", name, name]);
        shop.git_words(&["push", "-q", "origin", name]);
    }
    shop.rel("rollback prod v1.3.999 --yes -q").fails(
        4,
        str![[r#"
error: prod cannot be rolled back to v1.3.999, for 2 reasons
  1. prod accepts only final versions of a branch that makes final versions: v1.3.999 is not on the default branch of origin
     hint: git branch --remotes --contains v1.3.999   # merge it first
  2. v1.3.999 was never healthy in staging
     hint: rel deploy staging v1.3.999

"#]],
    );
    shop.rel("rollback prod v1.3.0+evil --yes -q").code_is(4);
    // An ancestor of what runs, which never ran here.
    let run = shop.rel("rollback prod v1.4.0 --yes -q");
    run.code_is(4);
    assert!(run.stderr.contains("v1.4.0 was never healthy in staging"), "{}", run.stderr);
    assert_eq!(shop.calls(), "");
    assert_eq!(shop.state("prod"), "1.5.0 healthy");
    shop.rel("deploy staging v1.5.0 -q").code_is(0);
}

#[test]
fn a_rollback_with_override_passes_the_policy_and_is_recorded() {
    let shop = strict();
    let terminal = Terminal::start(&shop, "rollback prod v1.4.0 --override INC-412");
    terminal.press("Roll prod back to v1.4.0?", "y");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(shop.state("prod"), "1.4.0 healthy, held");
    let history = shop.rel("history prod --all --format json");
    let events: serde_json::Value = serde_json::from_str(&history.stdout).unwrap();
    let text = events.to_string();
    assert!(text.contains("from: v1.4.0 was never healthy in staging"), "{events:#}");
    // Its own hold does not stop the next one.
    shop.rel("rollback prod v1.3.0 --yes -q").code_is(0);
}

#[test]
fn a_healthy_release_is_returned_to_as_it_ran_whatever_its_tag_says() {
    let shop = strict();
    let build = shop.id("v1.3.0");
    shop.write("play", &format!("#!/bin/sh\necho evil >> '{}'\n", shop.file("told").display()));
    shop.git("add play");
    shop.commit("feat: nothing to see");
    let evil = shop.id("HEAD");
    let text = format!("1.3.0\n\nRel-Package: shop\nRel-Build: {evil}\n");
    shop.git_words(&["tag", "-f", "-a", "--cleanup=verbatim", "-m", &text, "v1.3.0"]);
    shop.git("push -q -f origin v1.3.0");
    let run = shop.rel("rollback prod v1.3.0 --yes --trust tag -q");
    run.code_is(4);
    assert!(run.stderr.contains("v1.3.0 was never healthy in staging"), "{}", run.stderr);
    let run = shop.rel("rollback prod v1.3.0 --yes --format json");
    run.code_is(0);
    run.json("/commit", build.as_str());
    let warning = "warning: tag v1.3.0 names another build by now; the recorded one is used\n";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    assert_eq!(shop.calls(), "rollback deploy prod 1.3.0 -\n");
}

#[test]
fn a_healthy_release_is_returned_to_without_its_tag_or_with_a_broken_one() {
    let shop = running(PLAIN);
    let text = format!("1.0.0\n\nRel-Build: {}\n", shop.id("HEAD"));
    shop.git_words(&["tag", "-f", "-a", "--cleanup=verbatim", "-m", &text, "v1.0.0"]);
    let run = shop.rel("rollback prod v1.0.0 --dry-run");
    run.code_is(0);
    assert!(run.stderr.contains("the Rel- trailers of tag v1.0.0 are incomplete"), "{}", run.stderr);
    shop.git("tag -d v1.0.0");
    shop.git("push -q origin :refs/tags/v1.0.0");
    shop.rel("rollback prod v1.0.0 --yes -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

/// Neither the remote nor a copy of its ledger: a person who names a release may know what runs.
#[test]
fn without_any_ledger_only_a_person_at_a_terminal_rolls_back() {
    let shop = running(PLAIN);
    shop.clone_to("oncall", "");
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    let oncall = shop.inside("oncall");
    let run = oncall.rel("rollback prod v1.0.0 --yes -q");
    run.code_is(6);
    assert!(run.stderr.contains("nothing is known of what ran in prod"), "{}", run.stderr);
    assert_eq!(oncall.calls(), "");
    let terminal = Terminal::start(&oncall, "rollback prod v1.0.0");
    terminal.press("Roll prod back to v1.0.0?", "y");
    let (_, screen) = terminal.end();
    assert!(screen.contains("nothing is known of what ran in prod"), "{screen}");
    assert_eq!(oncall.calls(), "rollback deploy prod 1.0.0 -\nrollback verify prod 1.0.0 -\n");
}

/// The release and the one before it share their image; a mark on it would refuse the release that it returns to.
#[test]
fn a_rollback_to_the_same_images_marks_nothing_bad() {
    let rules = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
        [environment.prod]\ndeploy = ['./play', 'deploy', '{image.api}']\n";
    let shop = shop(rules);
    for version in ["1.3.0", "1.4.0"] {
        shop.write(".gitignore", "images/\n");
        shop.git("add .gitignore");
        shop.change(&["settings"], "feat: more");
        let digest =
            crate::support::layout::image(&shop.folder().join("images"), &format!("v{version}"), "one", "x");
        let build = shop.id("HEAD");
        let text = format!(
            "{version}\n\nRel-Package: shop\nRel-Build: {build}\nRel-Image: api oci:./images@{digest}\n"
        );
        shop.git_words(&["tag", "-a", "--cleanup=verbatim", "-m", &text, &format!("v{version}")]);
        shop.git("push -q origin main --tags");
        shop.rel(&format!("deploy prod v{version} -q")).code_is(0);
    }
    shop.rel("rollback prod --yes -q --format json").json("/version", "1.3.0");
    assert_eq!(shop.state("prod"), "1.3.0 healthy, held");
    let run = shop.rel("rollback prod --yes");
    assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
}
