//! Deploy and rollback at a terminal: the plan, the confirmation and the keys.

use super::fixture::{Fixture, PLAIN, running};
use crate::support::Terminal;

const PROTECTED: &str = "[environment.prod]\nprotected = true\ndeploy = ['./play', 'deploy']\n";

#[test]
fn a_rollback_shows_the_plan_and_asks_once() {
    let shop = running(PLAIN);
    let terminal = Terminal::start(&shop, "rollback prod --reason INC-412");
    terminal.press("Roll prod back to v1.0.0?", "y");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    for line in [
        "  from     v1.1.0  healthy, deployed just now by Ada",
        "  to       v1.0.0  was healthy here, deployed just now by Ada",
        "  removes  1 commit",
        "           v1.1.0 is bad everywhere until: rel good v1.1.0 --reason",
        "prod runs v1.0.0: healthy",
    ] {
        assert!(screen.contains(line), "{line}:\n{screen}");
    }
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn a_deploy_that_ends_a_hold_asks_once() {
    let shop = running(PLAIN);
    shop.rel("rollback prod --yes -q").code_is(0);
    for (keys, code, state) in [("n", 4, "1.0.0 healthy, held"), ("y", 0, "1.2.0 healthy")] {
        let terminal = Terminal::start(&shop, "deploy prod v1.2.0");
        terminal.press("Deploy v1.2.0 to prod and end the hold?", keys);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
        assert_eq!(shop.state("prod"), state);
    }
}

#[test]
fn no_exits_with_4_and_ctrl_c_with_130() {
    let shop = running(PLAIN);
    for (keys, code) in [("n", 4), ("\u{3}", 130)] {
        let terminal = Terminal::start(&shop, "rollback prod");
        terminal.press("Roll prod back to v1.0.0?", keys);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
    }
    assert_eq!(shop.calls(), "");
    assert_eq!(shop.state("prod"), "1.1.0 healthy");
}

#[test]
fn a_protected_environment_asks_for_the_version() {
    let shop = running(PROTECTED);
    for (words, code) in [("yes\r", 4), ("v1.1.0\r", 4), ("1.0.0\r", 0)] {
        let terminal = Terminal::start(&shop, "rollback prod");
        terminal.press("Type v1.0.0 to confirm", words);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
    }
    assert_eq!(shop.calls(), "rollback deploy prod 1.0.0 -\n");
}

/// Ctrl-C after the confirmation.
#[test]
fn ctrl_c_stops_the_deployer_and_is_recorded() {
    let shop = running(PLAIN);
    shop.behave("hang-deploy-1.0.0", "");
    let terminal = Terminal::start(&shop, "rollback prod");
    terminal.press("Roll prod back to v1.0.0?", "y");
    shop.wait_for_call("rollback deploy prod 1.0.0 -");
    terminal.press("rollback", "\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    shop.no_process_is_left();
    assert_eq!(shop.state("prod"), "1.0.0 unknown, held");
}

#[test]
fn the_package_is_asked_for_at_a_terminal() {
    let rules = "[package.api]\npaths = ['api/**']\n[package.web]\npaths = ['web/**']\n[version]\ntag = '{package}-v{version}'\n\
        [environment.prod]\ndeploy = ['./play', 'deploy']\n";
    let shop = super::fixture::shop(rules);
    for name in ["api-v1.0.0", "api-v1.1.0", "web-v1.0.0", "web-v1.1.0"] {
        shop.git_words(&["tag", "-a", "-m", name, name]);
        shop.commit("feat: more");
    }
    shop.git("push -q origin main --tags");
    for (hour, name) in ["api-v1.0.0", "api-v1.1.0", "web-v1.0.0", "web-v1.1.0"].into_iter().enumerate() {
        shop.shell(&format!("REL_NOW=2026-11-20T1{hour}:00:00Z rel deploy prod {name} -q")).code_is(0);
    }
    shop.rel("rollback prod --yes").code_is(2);
    let terminal = Terminal::start(&shop, "rollback prod --yes");
    terminal.press("Which package of prod?", "\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("rollback prod (web)"), "{screen}");
}
