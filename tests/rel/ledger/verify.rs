//! `rel ledger verify` proves every event, its commit message included, and names everything that is wrong in one run.

use super::tamper::{forge, origin, signed};
use super::{CONFIG, at, clone, shop};
use crate::support::{Run, Sandbox};
use std::path::PathBuf;

/// A clone of the ledger's branch in which the newest event can be changed by hand.
struct Forger<'s> {
    shop: &'s Sandbox,
    folder: PathBuf,
}

impl<'s> Forger<'s> {
    fn new(shop: &'s Sandbox) -> Self {
        shop.git("clone -q -b rel-ledger --single-branch ../origin/shop.git ../forger");
        Forger { shop, folder: shop.root().join("forger") }
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.folder.join(path)).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(self.folder.join(path), text.replace(from, to)).unwrap();
    }

    /// Commits what was changed as the newest event, with this subject, and verifies that in a clone that never saw another.
    fn verify(&self, subject: Option<&str>) -> Run {
        let folder = self.folder.display().to_string();
        let message = self.shop.git_words(&["-C", &folder, "log", "-1", "--format=%B"]);
        let (first, rest) = message.split_once('\n').unwrap();
        let message = format!("{}\n{rest}\n", subject.unwrap_or(first));
        self.shop.git_words(&[
            "-C",
            &folder,
            "commit",
            "-q",
            "--no-gpg-sign",
            "--cleanup=verbatim",
            "--allow-empty",
            "--amend",
            "-a",
            "-m",
            &message,
        ]);
        self.shop.git(&format!("-C {folder} push -q --force origin rel-ledger"));
        let name = self.shop.id("HEAD")[..4].to_owned()
            + &self.shop.git_words(&["-C", &folder, "rev-parse", "HEAD"]);
        let fresh = clone(self.shop, &name).display().to_string();
        self.shop.shell(&format!("rel -C {fresh} ledger verify"))
    }
}

/// Prod is held, and a person approved v1.0.0 for it.
fn held() -> Sandbox {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold staging").code_is(0);
    at(&shop, "12:01", "hold prod --package shop").code_is(0);
    at(&shop, "12:02", "approve prod v1.0.0").code_is(0);
    shop
}

const SUBJECT: &str = "quarantine shop v1.0.0 → prod, by Ada";

#[test]
fn an_event_of_an_unknown_kind_changes_only_its_own_record() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold staging").code_is(0);
    at(&shop, "12:01", "freeze prod --package shop").code_is(0);
    at(&shop, "12:02", "thaw prod --package shop").code_is(0);
    let forger = Forger::new(&shop);
    // Keys that this version does not know may stand anywhere. Thawing is what the kind `thaw` does, and no other.
    for path in ["event.json", "state/shop/prod.json"] {
        forger.replace(path, "\"kind\": \"thaw\"", "\"ward\": 7,\n    \"kind\": \"quarantine\"");
    }
    let subject = "quarantine shop → prod, by Ada";
    let run = forger.verify(Some(subject));
    run.code_is(5);
    let message =
        "state/shop/prod.json has more changes than its kind quarantine, which is unknown, may make";
    assert!(run.stderr.contains(message), "{}", run.stderr);
    let state = std::fs::read_to_string(forger.folder.join("state/shop/prod.json")).unwrap();
    let parent =
        shop.git_words(&["-C", &forger.folder.display().to_string(), "show", "HEAD^:state/shop/prod.json"]);
    let mut json: serde_json::Value = serde_json::from_str(&state).unwrap();
    let before: serde_json::Value = serde_json::from_str(&parent).unwrap();
    json["freeze"] = before["freeze"].clone();
    std::fs::write(forger.folder.join("state/shop/prod.json"), json.to_string()).unwrap();
    forger.verify(Some(subject)).code_is(0);
    forger.replace("env/staging.json", "\"hold\": {", "\"held\": {");
    let run = forger.verify(Some(subject));
    run.code_is(5);
    assert!(run.stderr.contains("a file that has nothing to do with this event"), "{}", run.stderr);
}

#[test]
fn an_event_of_an_unknown_kind_lifts_no_hold_and_approves_nothing() {
    let shop = held();
    let forger = Forger::new(&shop);
    forger.replace("event.json", "\"kind\": \"approve\"", "\"kind\": \"quarantine\"");
    forger.replace("state/shop/prod.json", "\"kind\": \"approve\"", "\"kind\": \"quarantine\"");
    let run = forger.verify(Some(SUBJECT));
    run.code_is(5);
    assert!(run.stderr.contains("state/shop/prod.json has more changes than its kind"), "{}", run.stderr);
    // Without the approval it is a record like any other.
    let state = shop.root().join("forger/state/shop/prod.json");
    let mut json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&state).unwrap()).unwrap();
    json.as_object_mut().unwrap().remove("approvals");
    std::fs::write(&state, serde_json::to_string_pretty(&json).unwrap() + "\n").unwrap();
    let run = forger.verify(Some(SUBJECT));
    run.code_is(0);
    assert!(run.stderr.contains("warning: 1 event of a kind or format that this version"), "{}", run.stderr);
    json.as_object_mut().unwrap().remove("hold");
    std::fs::write(&state, serde_json::to_string_pretty(&json).unwrap() + "\n").unwrap();
    forger.verify(Some(SUBJECT)).code_is(5);
}

#[test]
fn a_commit_message_that_is_not_that_of_its_event_is_found() {
    let shop = held();
    let forger = Forger::new(&shop);
    forger.verify(None).code_is(0);
    let run = forger.verify(Some("unhold prod, by Bob"));
    run.code_is(5);
    assert!(run.stderr.contains("its commit message is not that of its event"), "{}", run.stderr);
}

#[test]
fn verify_goes_on_after_a_fault_and_names_all_of_them() {
    let shop = signed();
    at(&shop, "12:00", "hold prod").code_is(0);
    at(&shop, "12:01", "hold staging").code_is(0);
    forge(&shop, "env/prod.json", "\"hold\": {", "\"hald\": {");
    forge(&shop, "event.json", "\"kind\"", "\"find\"");
    forge(&shop, "format", "1", "one");
    // Every other command is stopped by the tip, and its hint does not lead in a circle.
    let run = at(&shop, "12:02", "status");
    run.code_is(5);
    assert!(run.stderr.contains("hint: rel ledger verify"), "{}", run.stderr);
    let run = at(&shop, "12:02", "ledger verify");
    run.code_is(5);
    assert!(!run.stderr.contains("hint: rel ledger verify"), "{}", run.stderr);
    for message in [
        "it changes a file that has nothing to do with this event",
        "its id ",
        "its commit message is not that of its event",
        "cannot parse event.json of the ledger",
    ] {
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    }
    assert_eq!(run.stderr.matches("its signature is not accepted").count(), 3, "{}", run.stderr);
    let run = at(&shop, "12:02", "ledger verify -q --format json");
    run.json("/ok", false);
    run.json("/events", 5);
}

#[test]
fn a_rewritten_ledger_can_be_verified() {
    let shop = shop(CONFIG);
    at(&shop, "12:00", "hold prod").code_is(0);
    at(&shop, "12:01", "unhold prod").code_is(0);
    origin(&shop, "update-ref refs/heads/rel-ledger refs/heads/rel-ledger^");
    let run = at(&shop, "12:02", "ledger verify");
    run.code_is(5);
    assert!(run.stderr.contains("the ledger has 1 problem in 1 event\n"), "{}", run.stderr);
    assert!(run.stderr.contains("was rewritten"), "{}", run.stderr);
}

#[test]
fn an_event_of_a_newer_format_is_not_proven() {
    let shop = held();
    let forger = Forger::new(&shop);
    forger.replace("event.json", "\"format\": 1", "\"format\": 2");
    let run = forger.verify(None);
    run.code_is(5);
    assert!(
        run.stderr.contains("it has format 2, which this version of rel cannot verify"),
        "{}",
        run.stderr
    );
}

/// Half of a ledger is no proof of the whole.
#[test]
fn what_is_missing_and_cannot_be_fetched_is_not_proven() {
    let shop = held();
    shop.git(&format!("clone -q --depth 1 file://{} ../ci", shop.root().join("origin/shop.git").display()));
    let ci = shop.inside("ci");
    at(&ci, "12:10", "status").code_is(0);
    std::fs::rename(ci.root().join("origin"), ci.root().join("away")).unwrap();
    let run = at(&ci, "12:11", "ledger verify");
    run.code_is(5);
    assert!(run.stderr.contains("this commit is missing here"), "{}", run.stderr);
}
