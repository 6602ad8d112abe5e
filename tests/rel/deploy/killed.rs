//! `rel deploy` and `rel rollback` killed before and after every git command: what status shows, and that a rollback
//! works afterwards.

use super::fixture::{Fixture, PLAIN, running};
use crate::support::{Sandbox, crashing_git};

/// Checks that a rollback to 1.0.0 works from a fresh clone of depth 1, whatever was left.
#[track_caller]
fn rollback_works(shop: Sandbox, at: &str) -> String {
    shop.wait_until_quiet();
    let left = shop.state("prod");
    shop.clone_to("next", "--depth 1");
    let next = shop.inside("next");
    let words = ["rollback", "prod", "v1.0.0", "--yes", "--take-over", "--reason", "the runner died"];
    let run = next.rel_words(&words);
    assert_eq!(run.code, 0, "{at}, after {left}: {}", run.stderr);
    assert_eq!(next.state("prod"), "1.0.0 healthy, held", "{at}");
    next.rel("ledger verify --format json").json("/ok", true);
    left
}

/// Returns every state that was found between the first git command and the last.
fn at_every_call(verb: &str) -> Vec<String> {
    let start = running(PLAIN);
    let calls = crashing_git(&start.copy(), verb, 0, "never");
    assert!(calls >= 4, "{calls} calls");
    let mut seen = Vec::new();
    for (call, when) in (1..=calls).flat_map(|call| [(call, "before"), (call, "after")]) {
        let shop = start.copy();
        crashing_git(&shop, verb, call, when);
        let left = rollback_works(shop, &format!("{when} call {call} of {calls}"));
        if seen.last() != Some(&left) {
            seen.push(left);
        }
    }
    seen
}

#[test]
fn a_deploy_killed_at_any_git_command_can_be_rolled_back() {
    let seen = at_every_call("deploy prod v1.2.0 --yes");
    assert_eq!(seen, ["1.1.0 healthy", "1.1.0 deploying", "1.2.0 healthy"]);
}

#[test]
fn a_rollback_killed_at_any_git_command_can_be_repeated() {
    let seen = at_every_call("rollback prod --yes --reason broken");
    assert_eq!(seen, ["1.1.0 healthy", "1.1.0 deploying, held", "1.0.0 healthy, held"]);
}
