//! Which release a rollback leaves, and which it may return to. Pure.

use crate::model::{BadBuild, EnvironmentState, EventKind, Healthy, Hold, Lock, Pin, Release};

/// Whether deploying two pins has the same result.
type SameResult<'a> = &'a dyn Fn(&Pin, &Pin) -> bool;

/// The releases that a rollback chooses from.
#[derive(Debug)]
pub(super) struct RollbackCandidates<'s> {
    /// The release that runs or is being deployed, which the rollback replaces. `None` where nothing is known.
    pub from: Option<&'s Release>,
    /// The running operation that the rollback ends.
    pub running_operation: Option<&'s Lock>,
    /// Whether the rollback repeats one that did not end healthy.
    pub repeats: bool,
    /// The release that the repeated rollback replaced.
    replaced_before: Option<&'s Release>,
    /// The releases that were healthy before, the best first.
    pub candidates: Vec<&'s Healthy>,
}

impl<'s> RollbackCandidates<'s> {
    /// Returns whether a rollback to `target` repeats one to the same release.
    pub(super) fn is_repeated(&self, target: &Pin, same_result: SameResult<'_>) -> bool {
        self.repeats && self.from.is_some_and(|from| same_result(&from.pin, target))
    }

    /// Returns the release that a rollback to `target` replaces. One that is repeated replaces what the first one did.
    pub(super) fn replaced_by(&self, target: &Pin, same_result: SameResult<'_>) -> Option<&'s Release> {
        let other = |release: &&Release| !same_result(&release.pin, target);
        match self.is_repeated(target, same_result) {
            true => self.replaced_before.filter(other),
            false => self.from.filter(other),
        }
    }
}

/// Returns the candidates. Where a deploy is running or did not end healthy, the rollback replaces that release, and the best
/// candidate is the last healthy one. Bad releases, those that were rolled back before and newer ones are left out.
pub(super) fn rollback_candidates<'s>(
    state: &'s EnvironmentState,
    bad: &[BadBuild],
    same_result: SameResult<'_>,
) -> RollbackCandidates<'s> {
    let lock = state.lock.as_ref();
    let running = state.running.as_ref();
    let automatic = lock.is_some_and(|lock| state.returns_by_itself(lock));
    // An automatic rollback replaces the release that failed, and so does a rollback that takes it over.
    let from = match lock.and_then(|lock| lock.release.as_ref()).filter(|_| !automatic) {
        Some(deployed) => Some(deployed),
        None => running.map(|running| &running.release),
    };
    let rollback_running = lock.is_some_and(|lock| lock.kind == EventKind::Rollback) && !automatic;
    // A deploy that was to end the hold of a rollback and failed leaves that hold too.
    let held_for = state.hold.as_ref().and_then(|hold| hold.rollback.as_ref());
    let rollback_failed = lock.is_none()
        && held_for.is_some()
        && running
            .is_some_and(|running| !running.state.is_usable() && running.operation.as_ref() == held_for);
    let repeats = rollback_running || rollback_failed;
    let newer = |release: &Release| match (&release.version, from.and_then(|from| from.version.as_ref())) {
        (Some(version), Some(from)) => version.precedence(from).is_gt(),
        _ => false,
    };
    let suitable = |healthy: &&Healthy| {
        let release = &healthy.release;
        let same_as = |other: &Release| same_result(&other.pin, &release.pin);
        (repeats || !from.is_some_and(same_as))
            && !newer(release)
            && !state.healthy.iter().any(|other| other.rolled_back_from && same_as(&other.release))
            && !bad.iter().any(|mark| mark.release.pin.same_commit_or_all_digests(&release.pin))
    };
    let candidates = state.healthy.iter().filter(suitable).collect();
    let operation = lock.filter(|_| rollback_running).map(|lock| &lock.operation).or(held_for);
    let began = Some(&state.newest).filter(|newest| repeats && operation == Some(newest.operation_id()));
    let replaced_before = began.and_then(|event| event.from.as_ref());
    RollbackCandidates { from, running_operation: lock, repeats, replaced_before, candidates }
}

/// Returns the hold of a rollback to this release (to any, for `None`) that ended healthy: the same command again does
/// nothing while the hold exists.
pub(super) fn completed_rollback<'s>(
    state: &'s EnvironmentState,
    target: Option<&Pin>,
    same_result: SameResult<'_>,
) -> Option<&'s Hold> {
    let hold = state.hold.as_ref().filter(|hold| hold.rollback.is_some())?;
    let running =
        state.running.as_ref().filter(|running| running.state.is_usable() && state.lock.is_none())?;
    // An override may have deployed something else since, which leaves the hold.
    let runs_its_release = running.operation == hold.rollback;
    let is_target = target.is_none_or(|target| same_result(target, &running.release.pin));
    (runs_its_release && is_target).then_some(hold)
}

#[cfg(test)]
mod tests {
    use super::{completed_rollback, rollback_candidates};
    use crate::model::{BadBuild, CommitId, EnvironmentState, EventId, Pin};
    use serde_json::{Value, json};

    fn release(number: u8) -> Value {
        let version = format!("1.{number}.0");
        json!({ "version": version, "tag": format!("v{version}"), "commit": CommitId::from_bytes([number; 20]).to_string() })
    }

    fn bad_mark(number: u8) -> BadBuild {
        let since = "2026-11-20T03:12:00Z";
        let mark = json!({ "release": release(number), "names": [], "by": ada(), "since": since, "event": "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
        serde_json::from_value(mark).unwrap()
    }

    fn ada() -> Value {
        json!({ "id": "ada@acme.example" })
    }

    /// Returns a state: what runs and how; healthy releases, newest first, and whether each was rolled back from; the lock with
    /// its release and kind; whether a rollback holds.
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

    #[test]
    fn the_target_is_the_last_healthy_release_before_the_current_one() {
        let plain = [(3, false), (2, false), (1, false)];
        let returned = [(2, false), (3, true), (1, false)];
        for (what, state, bad, expected) in [
            ("the one before", state((3, "healthy"), &plain, None, false), None, (3, Some(2))),
            ("not a bad one", state((3, "healthy"), &plain, None, false), Some(2), (3, Some(1))),
            (
                "not one that was rolled back from",
                state((2, "healthy"), &returned, None, true),
                None,
                (2, Some(1)),
            ),
            (
                "a deploy is running",
                state((3, "healthy"), &plain, Some((4, "deploy")), false),
                None,
                (4, Some(3)),
            ),
            ("a deploy failed", state((4, "failed"), &plain, None, false), None, (4, Some(3))),
            (
                "a redeploy is running",
                state((3, "healthy"), &plain, Some((3, "deploy")), false),
                None,
                (3, Some(2)),
            ),
            ("a rollback failed", state((2, "failed"), &returned, None, true), None, (2, Some(2))),
            (
                "a rollback is running",
                state((3, "healthy"), &plain, Some((2, "rollback")), true),
                None,
                (2, Some(2)),
            ),
            (
                "never a newer one",
                state((1, "healthy"), &[(1, false), (2, false)], None, true),
                None,
                (1, None),
            ),
            ("no candidate", state((1, "healthy"), &[(1, false)], None, false), None, (1, None)),
        ] {
            let commit = |number: u8| CommitId::from_bytes([number; 20]);
            let bad: Vec<BadBuild> = bad.into_iter().map(bad_mark).collect();
            let rollback = rollback_candidates(&state, &bad, &Pin::same_commit_and_digests);
            let to = rollback.candidates.first().map(|healthy| healthy.release.pin.commit);
            let from = rollback.from.map(|release| release.pin.commit);
            assert_eq!((from, to), (Some(commit(expected.0)), expected.1.map(commit)), "{what}");
        }
    }

    #[test]
    fn a_completed_rollback_is_recognised_while_its_hold_exists() {
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
            ("the hold was lifted", state((2, "healthy"), &healthy, None, false), None, false),
            ("an override deployed something else", overridden, None, false),
            ("a deploy started", state((2, "healthy"), &healthy, Some((4, "deploy")), true), None, false),
        ] {
            let target = target.map(pin);
            assert_eq!(
                completed_rollback(&state, target.as_ref(), &Pin::same_commit_and_digests).is_some(),
                expected,
                "{what}"
            );
        }
    }
}
