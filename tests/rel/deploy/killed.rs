//! `rel deploy` and `rel rollback` killed before and after every call of git: what status says, and the way on.

use super::stage::{PLAIN, Stage, running};
use crate::support::{Sandbox, deadly};

/// From a fresh clone of depth 1, on-call goes back to 1.0.0, whatever was left.
#[track_caller]
fn there_is_a_way_on(shop: Sandbox, at: &str) -> String {
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

/// Every state that was found between the first call and the last.
fn at_every_call(verb: &str) -> Vec<String> {
    let start = running(PLAIN);
    let calls = deadly(&start.copy(), verb, 0, "never");
    assert!(calls >= 4, "{calls} calls");
    let mut seen = Vec::new();
    for (call, when) in (1..=calls).flat_map(|call| [(call, "before"), (call, "after")]) {
        let shop = start.copy();
        deadly(&shop, verb, call, when);
        let left = there_is_a_way_on(shop, &format!("{when} call {call} of {calls}"));
        if seen.last() != Some(&left) {
            seen.push(left);
        }
    }
    seen
}

#[test]
fn a_deploy() {
    let seen = at_every_call("deploy prod v1.2.0 --yes");
    assert_eq!(seen, ["1.1.0 healthy", "1.1.0 deploying", "1.2.0 healthy"]);
}

#[test]
fn a_rollback() {
    let seen = at_every_call("rollback prod --yes --reason broken");
    assert_eq!(seen, ["1.1.0 healthy", "1.1.0 deploying, held", "1.0.0 healthy, held"]);
}
