//! The remote is unreachable: before, during and after a push.

use super::{CONFIG, at, shop, subjects};
use crate::support::Sandbox;
use rel::internals::{Colour, Context, Settings, terminal};
use rel::internals::{Decision, Ledger, RecordOutcome};
use rel::internals::{EventKind, EventPayload, Release, State, Timestamp};
use snapbox::str;

fn disconnect(shop: &Sandbox) {
    std::fs::rename(shop.root().join("origin"), shop.root().join("away")).unwrap();
}

fn reconnect(shop: &Sandbox) {
    std::fs::rename(shop.root().join("away"), shop.root().join("origin")).unwrap();
}

/// Records the start and the end of a rollback while the remote is unreachable, and returns the printed lines.
fn rollback_unrecorded(shop: &Sandbox) -> String {
    shop.git("config user.name Ada");
    shop.git("config user.email ada@acme.example");
    let now = Timestamp::parse("2026-11-20T11:00:00Z");
    let settings = Settings { folder: Some(shop.folder().to_owned()), now, ..Settings::default() };
    let context = Context::new(settings, terminal(Colour::Never)).unwrap();
    let mut ledger = Ledger::open(&context).unwrap();
    let running = ledger.snapshot().environment("shop", "prod").unwrap().unwrap().running.unwrap().release;
    let draft = |state: State, release: &Release| EventPayload {
        state: Some(state),
        release: Some(release.clone()),
        from: Some(running.clone()),
        hold: true,
        ..EventPayload::new(EventKind::Rollback).at(Some("shop"), Some("prod"))
    };
    let mut lines = String::new();
    let mut operation = None;
    for state in [State::Deploying, State::Healthy] {
        let mut decide = |_: &rel::internals::Snapshot| {
            let draft = EventPayload { operation: operation.clone(), ..draft(state.clone(), &running) };
            Ok(Decision::Record(vec![draft]))
        };
        let RecordOutcome::Pending { events, line, why } = ledger.append_or_queue(&mut decide).unwrap()
        else {
            panic!("the remote is unreachable");
        };
        assert_eq!(why.kind.code(), 6);
        operation = Some(events[0].id.clone());
        lines = format!("{lines}{line}\n");
    }
    lines
}

#[test]
fn reads_use_the_copy_and_say_its_age() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "adopt prod v1.0.0").code_is(0);
    at(&shop, "11:00", "status").code_is(0);
    disconnect(&shop);
    at(&shop, "14:00", "status prod").gives(
        0,
        str![[r#"
environment  runs    state     since    by   remarks
prod         v1.0.0  recorded  4 h ago  Ada

"#]],
        "warning: cannot reach origin; showing the copy from 2026-11-20T11:00:00Z (3 h ago)\n",
    );
    let run = at(&shop, "14:00", "hold prod");
    run.code_is(6);
    assert!(run.stderr.contains("nothing was recorded"), "{}", run.stderr);
    reconnect(&shop);
    at(&shop, "14:01", "hold prod").code_is(0);
}

#[test]
fn without_a_copy_a_read_fails() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "hold prod").code_is(0);
    shop.git("clone -q ../origin/shop.git ../fresh");
    disconnect(&shop);
    let fresh = shop.inside("fresh");
    let run = at(&fresh, "12:00", "status");
    run.code_is(6);
    assert!(
        run.stderr.starts_with("error: cannot reach origin, and there is no copy of its ledger here\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_push_that_arrived_despite_an_error_is_one_event() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "hold staging").code_is(0);
    // The remote takes it, and the connection breaks behind it.
    shop.script("git", "if [ \"$1\" = push ]; then \"$REAL_GIT\" \"$@\"; echo 'fatal: the remote end hung up' >&2; exit 128; fi\nexec \"$REAL_GIT\" \"$@\"\n");
    at(&shop, "12:00", "hold prod").fails(0, "recorded: hold prod, by Ada\n");
    assert_eq!(subjects(&shop).len(), 2);
    // Somebody else acted in between: it is still there, below the tip.
    shop.script("git", "if [ \"$1\" = push ]; then \"$REAL_GIT\" \"$@\"; cd \"$HOME/../shop\"; unset GIT_DIR; PATH=\"${PATH#*:}\" REL_NOW=2026-11-20T12:01:00Z rel unhold staging >/dev/null 2>&1; exit 128; fi\nexec \"$REAL_GIT\" \"$@\"\n");
    at(&shop, "12:01", "hold dev").fails(0, "recorded: hold dev, by Ada\n");
    assert_eq!(subjects(&shop).last().unwrap(), "unhold staging, by Ada");
    assert_eq!(subjects(&shop).len(), 4);
    shop.remove_scripts();
    at(&shop, "12:02", "ledger verify").code_is(0);
}

#[test]
fn a_push_that_never_arrived_records_nothing() {
    let shop = shop(CONFIG);
    shop.script("git", "if [ \"$1\" = push ]; then echo 'fatal: Could not read from remote repository.' >&2; exit 128; fi\nexec \"$REAL_GIT\" \"$@\"\n");
    let run = at(&shop, "12:00", "hold prod");
    run.code_is(6);
    assert!(run.stderr.starts_with("error: the event cannot be sent to origin\n"), "{}", run.stderr);
    shop.remove_scripts();
    at(&shop, "12:00", "status").code_is(0);
    at(&shop, "12:01", "hold prod").fails(0, "recorded: hold prod, by Ada\n");
}

#[test]
fn the_message_of_a_refusing_hook_is_shown() {
    let shop = shop(CONFIG);
    let hook = shop.root().join("origin/shop.git/hooks/pre-receive");
    crate::support::program(&hook, "#!/bin/sh\necho 'tickets only' >&2\nexit 1\n");
    let run = at(&shop, "12:00", "hold prod");
    run.code_is(6);
    assert!(run.stderr.contains("pre-receive hook declined"), "{}", run.stderr);
}

#[test]
fn pending_events_are_sent_once_with_both_times() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "adopt prod v1.0.0").code_is(0);
    disconnect(&shop);
    let lines = rollback_unrecorded(&shop);
    let run = at(&shop, "12:00", "status prod");
    assert!(run.stderr.contains("UNRECORDED: 2 events are pending; `rel sync` sends them"), "{}", run.stderr);
    at(&shop, "12:00", "sync").code_is(6);
    reconnect(&shop);
    at(&shop, "12:30", "sync --dry-run").code_is(0);
    assert_eq!(subjects(&shop).len(), 1);
    at(&shop, "12:30", "sync").code_is(0);
    at(&shop, "12:31", "sync").fails(0, "no events are pending\n");
    assert_eq!(
        subjects(&shop)[1..],
        ["rollback shop v1.0.0 → prod: deploying, by Ada", "rollback shop v1.0.0 → prod: healthy, by Ada"]
    );
    // The line, on another machine, later: it is there already.
    std::fs::write(shop.root().join("lines"), &lines).unwrap();
    shop.git("clone -q ../origin/shop.git ../other");
    let other = shop.inside("other");
    let run = other.shell("REL_NOW=2026-11-20T12:45:00Z rel sync - < ../lines");
    run.code_is(0);
    assert_eq!(run.stderr.matches("already recorded: ").count(), 2, "{}", run.stderr);
    assert_eq!(subjects(&other).len(), 3);
    let run = at(&other, "13:00", "history prod --format json");
    run.json("/events/0/late", false);
    run.json("/events/0/recorded_at", "2026-11-20T12:30:00Z");
    at(&other, "13:00", "ledger verify").code_is(0);
    at(&other, "13:00", "status prod --format json").json("/environments/0/state", "healthy");
}

#[test]
fn an_event_synced_after_somebody_acted_is_late() {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "adopt prod v1.0.0").code_is(0);
    shop.git("clone -q ../origin/shop.git ../other");
    disconnect(&shop);
    let lines = rollback_unrecorded(&shop);
    reconnect(&shop);
    shop.tag("v1.0.1");
    shop.git("push -q origin --tags");
    let other = shop.inside("other");
    other.shell("REL_NOW=2026-11-20T11:30:00Z rel adopt prod v1.0.1").code_is(0);
    std::fs::write(other.root().join("lines"), &lines).unwrap();
    other.shell("REL_NOW=2026-11-20T12:00:00Z rel sync - < ../lines").code_is(0);
    let run = other.shell("REL_NOW=2026-11-20T12:00:00Z rel status prod --format json");
    run.json("/environments/0/version", "1.0.1");
    let run = other.shell("REL_NOW=2026-11-20T12:00:00Z rel history prod --format json");
    run.json("/events/0/late", true);
    run.json("/events/0/kind", "rollback");
    assert!(subjects(&other).last().unwrap().ends_with("[late]"));
}

#[test]
fn pending_events_are_part_of_the_state_while_the_remote_is_unreachable() {
    let shop = shop(
        "name = \"shop\"\n\n[environment.prod]\ndeploy = [\"sh\", \"-c\", \"echo {version} >> $HOME/../deployed\"]\n",
    );
    at(&shop, "10:00", "deploy prod v1.0.0 --yes").code_is(0);
    shop.commit("fix: rounding").tag("v1.0.1");
    shop.git("push -q origin main --tags");
    at(&shop, "11:00", "deploy prod v1.0.1 --yes").code_is(0);
    disconnect(&shop);
    let deployed = || std::fs::read_to_string(shop.root().join("deployed")).unwrap();
    at(&shop, "12:00", "rollback prod --yes").code_is(0);
    assert_eq!(deployed(), "1.0.0\n1.0.1\n1.0.0\n");
    // The same again, by the next one on call.
    let run = at(&shop, "12:05", "rollback prod --yes");
    run.code_is(0);
    assert_eq!(deployed(), "1.0.0\n1.0.1\n1.0.0\n", "{}", run.stderr);
    let run = at(&shop, "12:06", "status prod");
    assert!(run.stdout.contains("v1.0.0") && run.stdout.contains("UNRECORDED"), "{}", run.stdout);
    at(&shop, "12:06", "status prod --format json").json("/environments/0/recorded", false);
    let run = at(&shop, "12:06", "history prod --format json");
    run.json("/events/0/recorded", false);
    run.json("/events/0/kind", "rollback");
    run.json("/events/1/recorded", true);
    reconnect(&shop);
    at(&shop, "12:30", "sync").code_is(0);
    assert_eq!(subjects(&shop).len(), 6);
    at(&shop, "12:31", "ledger verify").code_is(0);
    let run = at(&shop, "12:31", "status prod --format json");
    run.json("/environments/0/recorded", true);
    run.json("/environments/0/version", "1.0.0");
    at(&shop, "12:31", "sync --dry-run").fails(0, "no events are pending\n");
}

#[test]
fn a_rollback_waits_ten_seconds_for_a_silent_remote() {
    let shop = shop("name = \"shop\"\n\n[environment.prod]\ndeploy = [\"true\"]\n");
    at(&shop, "10:00", "deploy prod v1.0.0 --yes").code_is(0);
    shop.commit("fix: rounding").tag("v1.0.1");
    shop.git("push -q origin main --tags");
    at(&shop, "11:00", "deploy prod v1.0.1 --yes").code_is(0);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    std::thread::spawn(move || silent.incoming().collect::<Vec<_>>());
    // The address alone changes, so the copy is still that of this remote.
    shop.git(&format!("remote set-url origin git://127.0.0.1:{port}/x"));
    let begun = std::time::Instant::now();
    let run = at(&shop, "12:00", "rollback prod --yes");
    run.code_is(0);
    assert!(run.stderr.contains("UNRECORDED"), "{}", run.stderr);
    assert!(begun.elapsed().as_secs() < 25, "{:?}", begun.elapsed());
}

#[test]
fn a_connection_that_breaks_once_is_tried_again() {
    for verb in ["push", "ls-remote", "fetch"] {
        let shop = shop(CONFIG);
        at(&shop, "10:00", "hold staging").code_is(0);
        let other = super::clone(&shop, "other");
        shop.shell(&format!("cd {} && rel hold prod -q", other.display())).code_is(0);
        let once = shop.root().join("once").display().to_string();
        let reset = "fatal: unable to access 'x': Recv failure: Connection reset by peer";
        shop.script("git", &format!("if [ \"$1\" = {verb} ] && [ ! -e {once} ]; then : > {once}; echo \"{reset}\" >&2; exit 128; fi\nexec \"$REAL_GIT\" \"$@\"\n"));
        at(&shop, "12:00", "hold dev").fails(0, "recorded: hold dev, by Ada\n");
        assert!(std::path::Path::new(&once).exists(), "{verb}");
        assert_eq!(subjects(&shop).len(), 3);
    }
}

#[test]
fn a_refused_push_is_not_tried_again_and_names_the_permission() {
    let shop = shop(CONFIG);
    let count = shop.root().join("count").display().to_string();
    let denied = "fatal: unable to access 'x': The requested URL returned error: 403";
    shop.script("git", &format!("if [ \"$1\" = push ]; then echo x >> {count}; echo \"{denied}\" >&2; exit 128; fi\nexec \"$REAL_GIT\" \"$@\"\n"));
    let run = at(&shop, "12:00", "hold dev");
    run.code_is(6);
    assert!(run.stderr.starts_with("error: origin rejected the event\n"), "{}", run.stderr);
    assert!(run.stderr.contains("allow everyone who records events to push"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(count).unwrap().lines().count(), 1);
}
