//! The state of an environment after an event.

use crate::model::{
    Approval, EnvironmentState, Event, EventKind, Freeze, GlobalState, Healthy, Hold, Interval, Lock,
    REMEMBERED, Release, Running, State, Timestamp,
};
use serde_json::Map;

/// How many open approvals are kept.
const MAX_APPROVALS: usize = 50;

/// Returns the state of a package in an environment after an event of its chain.
pub(super) fn next_environment_state(before: Option<EnvironmentState>, event: &Event) -> EnvironmentState {
    let mut state = match before {
        Some(before) => EnvironmentState { newest: event.clone(), ..before },
        None => first_state(event),
    };
    match event.kind {
        EventKind::Deploy | EventKind::Promote | EventKind::Rollback => operation(&mut state, event),
        EventKind::Adopt => set_healthy(&mut state, event, &State::Recorded),
        EventKind::Hold => {
            // A person's hold replaces that of a rollback, which remains the one that was done last.
            let rollback = state.hold.take().and_then(|before| before.rollback);
            state.hold = Some(Hold { rollback, ..hold(event) });
        }
        EventKind::Unhold => state.hold = None,
        EventKind::Freeze => state.freeze = Some(freeze(event)),
        EventKind::Thaw => state.freeze = None,
        EventKind::Approve => approve(&mut state, event),
        EventKind::Unlock => unlock(&mut state, event),
        EventKind::Bad | EventKind::Good | EventKind::Other(_) => {}
    }
    state
}

/// Returns the holds and freezes of a whole environment, or of everything, after an event of that chain.
pub(super) fn next_global_state(before: Option<GlobalState>, event: &Event) -> GlobalState {
    let (mut held, mut frozen, rest) =
        before.map_or((None, None, Map::new()), |before| (before.hold, before.freeze, before.rest));
    match event.kind {
        EventKind::Hold => held = Some(hold(event)),
        EventKind::Unhold => held = None,
        EventKind::Freeze => frozen = Some(freeze(event)),
        EventKind::Thaw => frozen = None,
        _ => {}
    }
    GlobalState { newest: event.clone(), hold: held, freeze: frozen, rest }
}

fn first_state(event: &Event) -> EnvironmentState {
    EnvironmentState {
        newest: event.clone(),
        running: None,
        lock: None,
        hold: None,
        freeze: None,
        approvals: Vec::new(),
        healthy: Vec::new(),
        refused: None,
        rest: Map::new(),
    }
}

fn hold(event: &Event) -> Hold {
    Hold {
        by: event.actor.clone(),
        since: event.at,
        reason: event.reason.clone(),
        event: event.id.clone(),
        rollback: None,
    }
}

fn freeze(event: &Event) -> Freeze {
    Freeze {
        by: event.actor.clone(),
        since: event.at,
        until: event.until,
        reason: event.reason.clone(),
        event: event.id.clone(),
    }
}

/// Applies the start or the end of a deploy, a promotion or a rollback.
fn operation(state: &mut EnvironmentState, event: &Event) {
    let decides = decides_what_runs(state, event);
    if decides || event.is_unproven_sync() {
        apply_hold(state, event);
    }
    // An operation of a single event, which another system carried out, ends any other one.
    if decides && event.operation.is_none() && !event.is_start() {
        state.lock = None;
    }
    if let Some(from) = event.from.as_ref().filter(|_| event.kind == EventKind::Rollback && !event.automatic)
    {
        let releases =
            state.healthy.iter_mut().filter(|healthy| healthy.release.pin.same_commit_and_digests(&from.pin));
        releases.for_each(|healthy| healthy.rolled_back_from = true);
    }
    // Refused from the start of an automatic rollback, however that ends.
    if event.automatic {
        state.refused.clone_from(&event.from);
    }
    let own = state.lock.as_ref().is_none_or(|lock| lock.operation == *event.operation_id());
    match &event.state {
        Some(State::Deploying) if decides => state.lock = Some(lock(event)),
        Some(State::Healthy | State::Recorded) if own => {
            release_lock(state, event);
            set_healthy(state, event, &State::Recorded);
            clear_rolled_back_from(state, event);
            clear_used(state, event);
        }
        Some(State::Failed | State::Unknown | State::Mixed) if own => {
            release_lock(state, event);
            set_failed(state, event);
        }
        Some(State::Superseded) if own => release_lock(state, event),
        _ => {}
    }
}

/// Whether an event decides what runs. A late event does only if nobody acted after it happened.
pub(super) fn decides_what_runs(state: &EnvironmentState, event: &Event) -> bool {
    !event.late
        || state.running.as_ref().is_none_or(|running| running.since <= event.at)
            && state.lock.as_ref().is_none_or(|lock| lock.since <= event.at)
}

fn apply_hold(state: &mut EnvironmentState, event: &Event) {
    if event.hold {
        let rollback = Some(event.operation_id().clone());
        state.hold = Some(match state.hold.take() {
            // A person's hold keeps its author and reason.
            Some(before) if before.rollback.is_none() => Hold { rollback, ..before },
            _ => Hold { rollback, ..hold(event) },
        });
    }
    // A hold that somebody else set since is not lifted by what is recorded later.
    if event.ends_hold && !event.is_unproven_sync() {
        state.hold = None;
    }
}

fn lock(event: &Event) -> Lock {
    Lock {
        operation: event.id.clone(),
        kind: event.kind.clone(),
        actor: event.actor.clone(),
        host: event.host.clone(),
        since: event.at,
        deadline: event.deadline,
        release: event.release.clone(),
    }
}

/// Ends the lock of the event's operation.
fn release_lock(state: &mut EnvironmentState, event: &Event) {
    if state.lock.as_ref().is_some_and(|lock| lock.operation == *event.operation_id()) {
        state.lock = None;
    }
}

/// Records that the event's release runs and is healthy. `default` is its state if the event has none.
fn set_healthy(state: &mut EnvironmentState, event: &Event, default: &State) {
    let Some(release) = &event.release else { return };
    let (at, unproven) = (event.at, event.unproven);
    if !decides_what_runs(state, event) {
        let until = state.running.as_ref().map(|running| running.since);
        let position = state.healthy.iter().position(|healthy| last_began(healthy) <= Some(at));
        remember_healthy(state, event, release, Interval { since: at, until, unproven }, position);
        return;
    }
    let known =
        state.healthy.iter().find(|healthy| healthy.release.pin.same_commit_and_digests(&release.pin));
    let open = known.and_then(|known| known.intervals.last()).filter(|interval| interval.until.is_none());
    // What is proven stays so when it is adopted; what was adopted is proven only from the time at which it is deployed.
    let continued = open.copied().filter(|open| !open.unproven || unproven);
    // Soak time never counts from before the time of recording.
    let recorded = event.synced.as_ref().filter(|_| unproven).map_or(at, |synced| at.max(synced.at));
    let (since, still_proven) =
        continued.map_or((recorded, false), |continued| (continued.since, !continued.unproven));
    let known_as_proven = event.kind != EventKind::Adopt && known.is_some_and(Healthy::is_proven);
    // What ran before stopped being healthy when this operation began.
    end_intervals(state, event.began.unwrap_or(at));
    let interval = Interval { since, until: None, unproven: unproven && !still_proven && !known_as_proven };
    remember_healthy(state, event, release, interval, Some(0));
    state.running = Some(Running {
        release: release.clone(),
        state: event.state.clone().unwrap_or_else(|| default.clone()),
        since: at,
        by: event.actor.clone(),
        event: event.id.clone(),
        operation: Some(event.operation_id().clone()),
        unproven: unproven && !known_as_proven,
    });
}

/// Adds a release and the interval in which it was healthy to those that are remembered.
fn remember_healthy(
    state: &mut EnvironmentState,
    event: &Event,
    release: &Release,
    interval: Interval,
    position: Option<usize>,
) {
    let known =
        state.healthy.iter().position(|healthy| healthy.release.pin.same_commit_and_digests(&release.pin));
    let mut entry = match known {
        Some(known) => state.healthy.remove(known),
        None => Healthy {
            release: release.clone(),
            by: event.actor.clone(),
            intervals: Vec::new(),
            rolled_back_from: false,
        },
    };
    // An interval that was never interrupted is replaced by its continuation.
    entry.intervals.retain(|known| known.since != interval.since);
    entry.intervals.push(interval);
    entry.intervals.sort_by_key(|interval| interval.since);
    (entry.release, entry.by) = (release.clone(), event.actor.clone());
    let position = position.unwrap_or(usize::MAX).min(state.healthy.len());
    state.healthy.insert(position, entry);
    state.healthy.truncate(REMEMBERED);
}

/// When the last interval of a release began.
fn last_began(healthy: &Healthy) -> Option<Timestamp> {
    healthy.intervals.last().map(|interval| interval.since)
}

/// Ends the intervals of all releases that were healthy until now.
fn end_intervals(state: &mut EnvironmentState, at: Timestamp) {
    let open = state.healthy.iter_mut().flat_map(|healthy| &mut healthy.intervals);
    for interval in open.filter(|interval| interval.until.is_none()) {
        interval.until = Some(at.max(interval.since));
    }
}

/// A release that runs again on purpose, and is healthy, may be returned to like any other.
fn clear_rolled_back_from(state: &mut EnvironmentState, event: &Event) {
    let Some(release) = event.release.as_ref().filter(|_| decides_what_runs(state, event)) else { return };
    let again = |healthy: &&mut Healthy| healthy.release.pin.same_commit_and_digests(&release.pin);
    state.healthy.iter_mut().filter(again).for_each(|healthy| healthy.rolled_back_from = false);
}

/// Removes the approvals that a healthy deploy used, and the refusal of an earlier release.
fn clear_used(state: &mut EnvironmentState, event: &Event) {
    let Some(release) = &event.release else { return };
    if event.kind == EventKind::Rollback {
        return;
    }
    // An approval of a build covers a merge of the same tree too, so what it was used for shows in the digests.
    let digests = || release.pin.images.iter().map(|image| &image.digest);
    let used = |approval: &Approval| {
        approval.commit == release.pin.commit
            || (!approval.digests.is_empty() && approval.digests.iter().eq(digests()))
    };
    state.approvals.retain(|approval| !used(approval));
    if event.from.as_ref().is_none_or(|from| !from.pin.same_commit_and_digests(&release.pin)) {
        state.refused = None;
    }
}

/// Records that the event's release runs, perhaps, and is not healthy. What was healthy before is not known to be so any
/// more, from the time at which the operation began.
fn set_failed(state: &mut EnvironmentState, event: &Event) {
    if !decides_what_runs(state, event) {
        return;
    }
    end_intervals(state, event.began.unwrap_or(event.at));
    // An automatic rollback that failed: what runs is still the release that failed first, which stays refused.
    let failed_first = event.from.as_ref().filter(|_| event.automatic && event.kind == EventKind::Rollback);
    if failed_first.is_some() {
        state.refused = failed_first.cloned();
    }
    let Some(release) = failed_first.or(event.release.as_ref()) else { return };
    state.running = Some(Running {
        release: release.clone(),
        state: event.state.clone().unwrap_or(State::Unknown),
        since: event.at,
        by: event.actor.clone(),
        event: event.id.clone(),
        operation: Some(event.operation_id().clone()),
        unproven: false,
    });
}

fn approve(state: &mut EnvironmentState, event: &Event) {
    let Some(release) = &event.release else { return };
    let approval = Approval {
        by: event.actor.clone(),
        at: event.at,
        commit: release.pin.commit,
        digests: release.pin.images.iter().map(|image| image.digest.clone()).collect(),
        config: event.config.clone(),
        event: event.id.clone(),
    };
    state.approvals.retain(|other| other.by.id != approval.by.id || other.commit != approval.commit);
    state.approvals.push(approval);
    let surplus = state.approvals.len().saturating_sub(MAX_APPROVALS);
    state.approvals.drain(..surplus);
}

/// Ends an operation whose owner is gone: how far it got is unknown.
fn unlock(state: &mut EnvironmentState, event: &Event) {
    let Some(lock) = state
        .lock
        .take_if(|lock| event.operation.as_ref().is_none_or(|operation| lock.operation == *operation))
    else {
        return;
    };
    end_intervals(state, lock.since);
    let left = state.running.as_ref().filter(|_| state.returns_by_itself(&lock));
    let left = left.map(|running| running.release.clone());
    if left.is_some() {
        state.refused.clone_from(&left);
    }
    if let Some(release) = left.or(lock.release) {
        state.running = Some(Running {
            release,
            state: State::Unknown,
            since: lock.since,
            by: lock.actor,
            event: lock.operation.clone(),
            operation: Some(lock.operation),
            unproven: false,
        });
    }
}
