//! Programs of commands, looked for before the first event in the tree in which they run.

use super::fixture::{Fixture, running};
use crate::support::Sandbox;

/// The shop, where a program was added after the releases, with which release.toml deploys from now on.
fn with_a_new_program(rules: &str) -> Sandbox {
    let shop = running("[environment.prod]\ndeploy = ['./play', 'deploy']\n");
    std::fs::create_dir(shop.folder().join("ops")).unwrap();
    std::fs::copy(shop.folder().join("play"), shop.folder().join("ops/release")).unwrap();
    shop.write("release.toml", &format!("name = 'shop'\n[environment.prod]\n{rules}\n"));
    shop.git("add .");
    shop.commit("feat: deploy in another way");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin main --tags");
    shop.rel("deploy prod v1.3.0 -q").code_is(0);
    shop.forget_calls();
    shop
}

#[test]
fn a_rollback_to_a_tree_without_the_program_is_refused_before_the_first_event() {
    let shop = with_a_new_program("deploy = ['./ops/release', 'deploy']\nverify = ['ops/release', 'verify']");
    let before = shop.rel("ledger log --format json").stdout;
    let run = shop.rel("rollback prod --yes");
    run.code_is(4);
    assert!(run.stderr.contains("./ops/release does not exist in the tree of v1.1.0\n"), "{}", run.stderr);
    let hint = "hint: rel rollback prod v1.1.0 --tree config   # runs the commands of the configuration\n";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    assert_eq!(shop.rel("ledger log --format json").stdout, before, "nothing is held or marked bad");
    assert_eq!(shop.calls(), "");
    let run = shop.rel("rollback prod v1.1.0 --tree config --yes");
    run.code_is(0);
    assert_eq!(shop.calls(), "rollback deploy prod 1.1.0 -\nrollback verify prod 1.1.0 -\n");
    assert_eq!(shop.state("prod"), "1.1.0 healthy, held");
    let log = shop.rel("ledger log --format json").stdout;
    let commit = &shop.id("HEAD")[..7];
    let recorded = format!("the tree of v1.1.0: with --tree config, commands run in {commit}");
    assert_eq!(log.matches(&recorded).count(), 2, "{log}");
}

#[test]
fn a_program_that_an_earlier_command_creates_is_not_missing() {
    let rules = "deploy = [['sh', '-c', 'cp play built'], ['./built', 'deploy']]";
    let shop = with_a_new_program(rules);
    shop.rel("rollback prod --yes -q").code_is(0);
    assert_eq!(shop.calls(), "rollback deploy prod 1.1.0 -\n");
}

#[test]
fn a_deploy_is_refused_where_a_program_is_not_in_its_tree() {
    let shop = with_a_new_program("deploy = ['./ops/release', 'deploy']");
    shop.rel("hold prod").code_is(0);
    shop.git("update-index --chmod=-x ops/release");
    shop.commit("feat: more").git_words(&["tag", "-a", "-m", "1.4.0", "v1.4.0"]);
    shop.git("push -q origin main --tags");
    shop.rel("unhold prod").code_is(0);
    shop.git("checkout -q -f v1.3.0");
    let run = shop.rel("deploy prod v1.4.0 --yes");
    run.code_is(4);
    assert!(run.stderr.contains("./ops/release is not executable in the tree of v1.4.0"), "{}", run.stderr);
    assert_eq!(shop.state("prod"), "1.3.0 healthy");
}
