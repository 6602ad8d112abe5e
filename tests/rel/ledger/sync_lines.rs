//! What `rel sync` takes: operations that were really under way, each once, starts before ends, whatever the clocks say.

use super::{CONFIG, at, clone, shop, subjects};
use crate::support::{Run, Sandbox};
use serde_json::{Value, json};

/// Prod runs 1.0.0.
fn adopted() -> Sandbox {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "adopt prod v1.0.0").code_is(0);
    shop
}

/// A template of an event of this repository, made by another person on another machine.
fn event(shop: &Sandbox, id: u32, changes: &Value) -> Value {
    let origin = shop.root().join("origin/shop.git").display().to_string();
    let text = shop.git_words(&["-C", &origin, "show", "rel-ledger:state/shop/prod.json"]);
    let state: Value = serde_json::from_str(&text).unwrap();
    let mut event = json!({
        "format": 1, "id": format!("01ARZ3NDEKTSV4RRFFQ69G5F{id:02}"), "sequence": 2, "kind": "rollback", "state": "healthy",
        "repository": state["newest"]["repository"], "actor": { "id": "bob@acme.example", "name": "Bob" }, "host": "desktop",
        "at": "2026-11-20T11:00:00Z", "package": "shop", "environment": "prod", "release": state["running"]["release"],
    });
    for (key, value) in changes.as_object().unwrap() {
        if value.is_null() {
            event.as_object_mut().unwrap().remove(key);
        } else {
            event[key] = value.clone();
        }
    }
    event
}

/// Pastes events as one line each.
fn paste(shop: &Sandbox, time: &str, events: &[Value]) -> Run {
    let lines: String = events.iter().map(|event| format!("[{event}]\n")).collect();
    std::fs::write(shop.root().join("lines"), lines).unwrap();
    at(shop, time, "sync - < ../lines")
}

/// The start and the end of an operation of this kind.
fn operation(shop: &Sandbox, kind: &str, id: u32) -> [Value; 2] {
    let start = event(shop, id, &json!({ "kind": kind, "state": "deploying" }));
    let changes =
        json!({ "kind": kind, "operation": start["id"], "sequence": 3, "at": "2026-11-20T11:05:00Z" });
    let end = event(shop, id + 1, &changes);
    [start, end]
}

#[test]
fn a_hand_written_end_without_a_start_is_refused() {
    let shop = adopted();
    let start = "01ARZ3NDEKTSV4RRFFQ69G5F99";
    for (changes, message) in [
        (json!({ "kind": "deploy" }), "is a deploy that rel did not carry out"),
        (json!({ "kind": "deploy", "state": "recorded" }), "is a deploy that rel did not carry out"),
        (json!({ "kind": "deploy", "operation": start }), "ends a deploy that was never started"),
        (json!({ "kind": "rollback", "operation": start }), "ends a rollback that was never started"),
        (json!({ "kind": "deploy", "state": "deploying" }), "starts a deploy whose end is missing"),
        (
            json!({ "kind": "adopt" }),
            "was made by bob@acme.example, and is not a deploy, promotion or rollback",
        ),
        (json!({ "kind": "unhold", "state": null }), "is not a deploy, promotion or rollback"),
        (
            json!({ "kind": "approve", "actor": { "id": "ada@acme.example" } }),
            "is not a deploy, promotion or rollback",
        ),
        (json!({ "kind": "quarantine" }), "is not a deploy, promotion or rollback"),
        (json!({ "state": "splendid" }), "is not complete: its state is splendid"),
        (json!({ "state": null }), "is not complete: it has no state"),
        (json!({ "release": null }), "is not complete: it has no release"),
        (json!({ "package": null }), "is not a deploy, promotion or rollback"),
    ] {
        let run = paste(&shop, "12:00", &[event(&shop, 1, &changes)]);
        run.code_is(5);
        assert!(run.stderr.contains(message), "{changes}: {}", run.stderr);
    }
    assert_eq!(subjects(&shop).len(), 1);
}

#[test]
fn names_and_formats_are_checked() {
    let shop = adopted();
    for (changes, code, message) in [
        (json!({ "environment": "a/b" }), 2, "names \"a/b\", which is not a valid name"),
        (json!({ "environment": "prod\n" }), 2, "names \"prod\\n\", which is not a valid name"),
        (json!({ "environment": "../../x" }), 2, "which is not a valid name"),
        (json!({ "environment": "qa" }), 2, "there is no environment qa"),
        (json!({ "package": "web" }), 2, "there is no package web"),
        (json!({ "format": 7 }), 4, "has format 7, and this version of rel writes format 1"),
        (json!({ "format": 0 }), 4, "has format 0"),
    ] {
        let run = paste(&shop, "12:00", &[event(&shop, 1, &changes)]);
        run.code_is(code);
        assert!(run.stderr.contains(message), "{changes}: {}", run.stderr);
    }
    // Everything that is wrong is named at once, and nothing is recorded.
    let wrong = [json!({ "environment": "qa" }), json!({ "package": "web" }), json!({ "format": 7 })];
    let events: Vec<Value> = (1..).zip(&wrong).map(|(id, changes)| event(&shop, id, changes)).collect();
    let run = paste(&shop, "12:00", &events);
    run.code_is(2);
    for message in ["there is no environment qa", "there is no package web", "has format 7"] {
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
    assert_eq!(subjects(&shop).len(), 1);
}

#[test]
fn a_whole_operation_of_another_person_is_taken_once() {
    for kind in ["rollback", "deploy"] {
        let shop = adopted();
        let [start, end] = operation(&shop, kind, 1);
        paste(&shop, "12:00", &[start.clone(), end.clone()]).code_is(0);
        let run = at(&shop, "12:01", "status prod --format json");
        run.json("/environments/0/state", "healthy");
        run.json("/environments/0/by", "bob@acme.example");
        let run = paste(&shop, "12:02", &[start, end]);
        assert_eq!(run.stderr.matches("already recorded: ").count(), 2, "{}", run.stderr);
        assert_eq!(subjects(&shop).len(), 3);
        at(&shop, "12:03", "ledger verify").code_is(0);
    }
}

/// What ended failed does not become healthy by a line.
#[test]
fn an_operation_ends_once() {
    let shop = adopted();
    let [start, mut end] = operation(&shop, "deploy", 1);
    end["state"] = "failed".into();
    let mut other = end.clone();
    (other["id"], other["state"]) = ("01ARZ3NDEKTSV4RRFFQ69G5F07".into(), "healthy".into());
    let run = paste(&shop, "12:00", &[start.clone(), end.clone(), other.clone()]);
    run.code_is(5);
    assert!(run.stderr.contains("is another end of the deploy"), "{}", run.stderr);
    paste(&shop, "12:01", &[start, end.clone()]).code_is(0);
    let run = paste(&shop, "12:02", &[other]);
    run.code_is(5);
    assert!(run.stderr.contains("is another end of the deploy"), "{}", run.stderr);
    paste(&shop, "12:03", &[end]).code_is(0);
    at(&shop, "12:04", "status prod --format json").json("/environments/0/state", "failed");
    assert_eq!(subjects(&shop).len(), 3);
}

#[test]
fn the_start_is_recorded_before_its_end_whatever_the_clock_says() {
    let shop = adopted();
    let [mut start, mut end] = operation(&shop, "rollback", 3);
    // The clock stepped back in between, so the end has the earlier id and time.
    end["id"] = "01ARZ3NDEKTSV4RRFFQ69G5F01".into();
    (start["at"], end["at"]) = ("2026-11-20T11:30:00Z".into(), "2026-11-20T11:00:00Z".into());
    paste(&shop, "12:00", &[end, start]).code_is(0);
    assert_eq!(
        subjects(&shop)[1..],
        ["rollback shop v1.0.0 → prod: deploying, by Bob", "rollback shop v1.0.0 → prod: healthy, by Bob"]
    );
    at(&shop, "12:01", "status prod --format json").json("/environments/0/state", "healthy");
    at(&shop, "12:01", "ledger verify").code_is(0);
}

/// The machine whose clock is wrong recorded it with a time that is long past, or still to come.
#[test]
fn an_event_is_recorded_once_however_far_the_clocks_differ() {
    for day in ["2026-11-16", "2026-11-24"] {
        let shop = adopted();
        let [mut start, mut end] = operation(&shop, "rollback", 1);
        for event in [&mut start, &mut end] {
            event["at"] = format!("{day}T11:00:00Z").into();
        }
        paste(&shop, "12:00", &[start.clone(), end.clone()]).code_is(0);
        for time in ["13:00", "14:00"] {
            at(&shop, time, "hold prod --package shop").code_is(0);
            at(&shop, time, "unhold prod --package shop").code_is(0);
        }
        let other = clone(&shop, "other").display().to_string();
        let run = shop.shell(&format!("rel -C {other} sync - < ../lines"));
        assert_eq!(run.stderr.matches("already recorded: ").count(), 2, "{day}: {}", run.stderr);
        at(&shop, "15:00", "ledger verify").code_is(0);
    }
}

#[test]
fn a_kept_file_is_checked_like_a_line() {
    let shop = adopted();
    let copy = std::fs::read_dir(shop.folder().join(".git/rel")).unwrap().next().unwrap().unwrap().path();
    let folder = copy.join("pending");
    std::fs::create_dir_all(&folder).unwrap();
    let forged = event(&shop, 1, &json!({ "kind": "approve", "actor": { "id": "ada@acme.example" } }));
    let file = folder.join("01ARZ3NDEKTSV4RRFFQ69G5F01.json");
    std::fs::write(&file, forged.to_string()).unwrap();
    at(&shop, "12:00", "sync --dry-run").code_is(5);
    at(&shop, "12:00", "hold staging").code_is(5);
    let run = at(&shop, "12:00", "sync");
    run.code_is(5);
    let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: rm ")).unwrap();
    shop.shell(&format!("rm {}", hint.replace("$ROOT", &shop.root().display().to_string()))).code_is(0);
    assert!(!file.exists());
    at(&shop, "12:01", "sync").code_is(0);
    assert_eq!(subjects(&shop).len(), 1);
}

#[test]
fn a_pasted_line_lifts_no_hold() {
    let shop = adopted();
    at(&shop, "10:30", "hold prod --package shop --reason INC-412").code_is(0);
    let [mut start, mut end] = operation(&shop, "deploy", 1);
    for event in [&mut start, &mut end] {
        event["ends_hold"] = true.into();
    }
    paste(&shop, "12:00", &[start, end]).code_is(0);
    at(&shop, "12:01", "status prod --format json").json("/environments/0/hold/reason", "INC-412");
}
