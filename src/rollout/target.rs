//! Where a rollback leads: what it leaves, whose work it ends, and the releases that it may return to. Pure. Leans on
//! `model`.

use crate::model::{EnvironmentState, EventKind, Healthy, Lock, Pin, Release};

/// What a rollback has to choose from.
#[derive(Debug)]
pub(super) struct Choice<'s> {
    /// What runs, or is being brought: what the rollback leaves. `None` where nothing is known.
    pub from: Option<&'s Release>,
    /// The operation under way that it ends.
    pub ends: Option<&'s Lock>,
    /// It repeats a rollback that did not end well.
    pub again: bool,
    /// The releases that were healthy before, the best first.
    pub candidates: Vec<&'s Healthy>,
}

/// The choice. Where a deploy is under way or did not end healthy, that release is the one that runs, and the best is the
/// last healthy one; bad ones, those once rolled back from and newer ones are left out.
pub(super) fn choose<'s>(state: &'s EnvironmentState, is_bad: &dyn Fn(&Pin) -> bool) -> Choice<'s> {
    let ends = state.lock.as_ref();
    let running = state.running.as_ref();
    let running_release = running.map(|running| &running.release);
    let by_itself = ends.is_some_and(|lock| state.returns_by_itself(lock));
    // A return by itself leaves what failed, and so does whoever takes it over.
    let from = match ends.and_then(|lock| lock.release.as_ref()).filter(|_| !by_itself) {
        Some(brought) => Some(brought),
        None => running_release,
    };
    let returning = ends.is_some_and(|lock| lock.kind == EventKind::Rollback) && !by_itself;
    let failed = ends.is_none()
        && running.is_some_and(|running| !running.state.is_usable())
        && state.hold.as_ref().is_some_and(|hold| hold.rollback.is_some());
    let again = returning || failed;
    let newer = |release: &Release| match (&release.version, from.and_then(|from| from.version.as_ref())) {
        (Some(version), Some(from)) => version.precedence(from).is_gt(),
        _ => false,
    };
    let fits = |healthy: &&Healthy| {
        let release = &healthy.release;
        let same = from.is_some_and(|from| from.pin.same_artifacts(&release.pin));
        (again || !same) && !newer(release) && !healthy.rolled_back_from && !is_bad(&release.pin)
    };
    Choice { from, ends, again, candidates: state.healthy.iter().filter(fits).collect() }
}

/// A rollback to this release that ended well and whose hold still stands: the same command again does nothing.
pub(super) fn already<'s>(
    state: &'s EnvironmentState,
    target: Option<&Pin>,
) -> Option<&'s crate::model::Hold> {
    let hold = state.hold.as_ref().filter(|hold| hold.rollback.is_some())?;
    let running =
        state.running.as_ref().filter(|running| running.state.is_usable() && state.lock.is_none())?;
    // An override may have brought something else since: the hold stands, but it is no rollback's release that runs.
    let returned = running.operation == hold.rollback;
    let same = target.is_none_or(|target| target.same_artifacts(&running.release.pin));
    (returned && same).then_some(hold)
}

#[cfg(test)]
mod tests {
    use super::{already, choose};
    use crate::model::{CommitId, EnvironmentState, EventId, Pin};
    use serde_json::{Value, json};

    fn release(number: u8) -> Value {
        let version = format!("1.{number}.0");
        json!({ "version": version, "tag": format!("v{version}"), "commit": CommitId::from_bytes([number; 20]).to_string() })
    }

    fn ada() -> Value {
        json!({ "id": "ada@acme.example" })
    }

    /// What runs, in which state; the healthy ones, newest first; what is being brought, how; and whether a rollback holds.
    fn state(
        running: (u8, &str),
        healthy: &[(u8, bool)],
        lock: Option<(u8, &str)>,
        held: bool,
    ) -> EnvironmentState {
        let (id, since) = ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "2026-11-20T03:12:00Z");
        let healthy: Vec<Value> = healthy
            .iter()
            .map(|(number, left)| {
                json!({ "release": release(*number), "by": ada(), "intervals": [{ "since": since }], "rolled_back_from": left })
            })
            .collect();
        let lock = lock.map(|(number, kind)| {
            json!({ "operation": id, "kind": kind, "actor": ada(), "host": "h", "since": since, "release": release(number) })
        });
        let hold = held.then(|| json!({ "by": ada(), "since": since, "event": id, "rollback": id }));
        serde_json::from_value(json!({
            "newest": { "format": 1, "id": id, "sequence": 1, "host": "h", "at": since, "kind": "rollback", "actor": ada(),
                "repository": { "name": "shop", "root": "01".repeat(20) } },
            "running": { "release": release(running.0), "state": running.1, "since": since, "by": ada(), "event": id, "operation": id },
            "healthy": healthy, "lock": lock, "hold": hold,
        }))
        .unwrap()
    }

    /// What it leaves, and where it goes.
    #[test]
    fn the_last_good_one_that_is_not_the_one_that_runs() {
        let plain = [(3, false), (2, false), (1, false)];
        let returned = [(2, false), (3, true), (1, false)];
        for (what, state, bad, expected) in [
            ("the one before", state((3, "healthy"), &plain, None, false), None, (3, Some(2))),
            ("not a bad one", state((3, "healthy"), &plain, None, false), Some(2), (3, Some(1))),
            ("not the one that was left", state((2, "healthy"), &returned, None, true), None, (2, Some(1))),
            (
                "a deploy is under way",
                state((3, "healthy"), &plain, Some((4, "deploy")), false),
                None,
                (4, Some(3)),
            ),
            ("it failed", state((4, "failed"), &plain, None, false), None, (4, Some(3))),
            (
                "what runs is deployed again",
                state((3, "healthy"), &plain, Some((3, "deploy")), false),
                None,
                (3, Some(2)),
            ),
            ("a rollback failed", state((2, "failed"), &returned, None, true), None, (2, Some(2))),
            (
                "a rollback is under way",
                state((3, "healthy"), &plain, Some((2, "rollback")), true),
                None,
                (2, Some(2)),
            ),
            ("never forward", state((1, "healthy"), &[(1, false), (2, false)], None, true), None, (1, None)),
            ("nothing", state((1, "healthy"), &[(1, false)], None, false), None, (1, None)),
        ] {
            let commit = |number: u8| CommitId::from_bytes([number; 20]);
            let is_bad = |pin: &Pin| bad.is_some_and(|bad| pin.commit == commit(bad));
            let choice = choose(&state, &is_bad);
            let to = choice.candidates.first().map(|healthy| healthy.release.pin.commit);
            let from = choice.from.map(|release| release.pin.commit);
            assert_eq!((from, to), (Some(commit(expected.0)), expected.1.map(commit)), "{what}");
        }
    }

    #[test]
    fn the_same_command_again_does_nothing_while_the_hold_stands() {
        let pin = |number: u8| Pin::new(CommitId::from_bytes([number; 20]), Vec::new());
        let healthy = [(2, false), (3, true)];
        let mut overridden = state((3, "healthy"), &healthy, None, true);
        if let Some(running) = &mut overridden.running {
            running.operation = EventId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAW");
        }
        for (what, state, target, expected) in [
            ("again", state((2, "healthy"), &healthy, None, true), None, true),
            ("again by name", state((2, "healthy"), &healthy, None, true), Some(2), true),
            ("further back", state((2, "healthy"), &healthy, None, true), Some(1), false),
            ("it did not end well", state((2, "failed"), &healthy, None, true), None, false),
            ("the hold is over", state((2, "healthy"), &healthy, None, false), None, false),
            ("an override brought something else", overridden, None, false),
            ("something began", state((2, "healthy"), &healthy, Some((4, "deploy")), true), None, false),
        ] {
            let target = target.map(pin);
            assert_eq!(already(&state, target.as_ref()).is_some(), expected, "{what}");
        }
    }
}
