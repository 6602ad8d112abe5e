//! What an event does to one environment: pure. Leans on `model`.

use crate::model::{
    Approval, EnvironmentState, Event, EventKind, Freeze, GlobalState, Healthy, Hold, Interval, Lock,
    REMEMBERED, Release, Running, State, Timestamp,
};
use serde_json::Map;

/// So many open approvals are kept.
const APPROVALS: usize = 50;

/// The state of package and environment after an event of its chain.
pub(super) fn after(before: Option<EnvironmentState>, event: &Event) -> EnvironmentState {
    let mut state = match before {
        Some(before) => EnvironmentState { newest: event.clone(), ..before },
        None => fresh(event),
    };
    match event.kind {
        EventKind::Deploy | EventKind::Promote | EventKind::Rollback => operation(&mut state, event),
        EventKind::Adopt => arrive(&mut state, event, &State::Recorded),
        EventKind::Hold => state.hold = Some(hold(event)),
        EventKind::Unhold => state.hold = None,
        EventKind::Freeze => state.freeze = Some(freeze(event)),
        EventKind::Thaw => state.freeze = None,
        EventKind::Approve => approve(&mut state, event),
        EventKind::Unlock => unlock(&mut state, event),
        EventKind::Bad | EventKind::Good | EventKind::Other(_) => {}
    }
    state
}

/// What holds for a whole environment, or for everything, after an event of that chain.
pub(super) fn whole_after(before: Option<GlobalState>, event: &Event) -> GlobalState {
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

fn fresh(event: &Event) -> EnvironmentState {
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

/// A deploy, a promotion or a rollback begins or ends.
fn operation(state: &mut EnvironmentState, event: &Event) {
    let decides = decides(state, event);
    if decides {
        holds(state, event);
        // What is only recorded is an operation of one event: it leaves no other one under way.
        if event.operation.is_none() && !event.is_start() {
            state.lock = None;
        }
    }
    if let Some(from) = event.from.as_ref().filter(|_| event.kind == EventKind::Rollback && !event.automatic)
    {
        let left = state.healthy.iter_mut().filter(|healthy| healthy.release.pin.same_artifacts(&from.pin));
        left.for_each(|healthy| healthy.rolled_back_from = true);
    }
    // Refused from the first timestamp on, however the way back ends.
    if event.automatic {
        state.refused.clone_from(&event.from);
    }
    let own = state.lock.as_ref().is_none_or(|lock| lock.operation == *event.operation_id());
    match &event.state {
        Some(State::Deploying) if decides => state.lock = Some(lock(event)),
        Some(State::Healthy | State::Recorded) if own => {
            finish(state, event);
            arrive(state, event, &State::Recorded);
            settle(state, event);
        }
        Some(State::Failed | State::Unknown | State::Mixed) if own => {
            finish(state, event);
            fail(state, event);
        }
        Some(State::Superseded) if own => finish(state, event),
        _ => {}
    }
}

/// An event that is recorded late only decides what runs where nobody acted after it happened.
fn decides(state: &EnvironmentState, event: &Event) -> bool {
    !event.late
        || state.running.as_ref().is_none_or(|running| running.since <= event.at)
            && state.lock.as_ref().is_none_or(|lock| lock.since <= event.at)
}

fn holds(state: &mut EnvironmentState, event: &Event) {
    if event.hold {
        let rollback = Some(event.operation_id().clone());
        state.hold = Some(match state.hold.take() {
            // A person's own hold stays theirs.
            Some(before) if before.rollback.is_none() => Hold { rollback, ..before },
            _ => Hold { rollback, ..hold(event) },
        });
    }
    if event.ends_hold {
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

fn finish(state: &mut EnvironmentState, event: &Event) {
    if state.lock.as_ref().is_some_and(|lock| lock.operation == *event.operation_id()) {
        state.lock = None;
    }
}

/// A release is there, and serves.
fn arrive(state: &mut EnvironmentState, event: &Event, otherwise: &State) {
    let Some(release) = &event.release else { return };
    let at = event.at;
    if !decides(state, event) {
        let until = state.running.as_ref().map(|running| running.since);
        let place = state.healthy.iter().position(|healthy| began(healthy) <= Some(at));
        remember(state, event, release, Interval { since: at, until }, place);
        return;
    }
    let open = state.healthy.iter().find(|healthy| healthy.release.pin.same_artifacts(&release.pin));
    let since = open.and_then(Healthy::since).unwrap_or(at);
    // What ran before was touched when this began.
    close(state, event.began.unwrap_or(at));
    remember(state, event, release, Interval { since, until: None }, Some(0));
    state.running = Some(Running {
        release: release.clone(),
        state: event.state.clone().unwrap_or_else(|| otherwise.clone()),
        since: at,
        by: event.actor.clone(),
        event: event.id.clone(),
        operation: Some(event.operation_id().clone()),
    });
}

/// Puts a release among those that were healthy.
fn remember(
    state: &mut EnvironmentState,
    event: &Event,
    release: &Release,
    interval: Interval,
    place: Option<usize>,
) {
    let known = state.healthy.iter().position(|healthy| healthy.release.pin.same_artifacts(&release.pin));
    let mut entry = match known {
        Some(known) => state.healthy.remove(known),
        None => Healthy {
            release: release.clone(),
            by: event.actor.clone(),
            intervals: Vec::new(),
            rolled_back_from: false,
        },
    };
    // The interval goes on where it was never broken.
    entry.intervals.retain(|known| known.since != interval.since);
    entry.intervals.push(interval);
    entry.intervals.sort_by_key(|interval| interval.since);
    (entry.release, entry.by) = (release.clone(), event.actor.clone());
    let place = place.unwrap_or(usize::MAX).min(state.healthy.len());
    state.healthy.insert(place, entry);
    state.healthy.truncate(REMEMBERED);
}

fn began(healthy: &Healthy) -> Option<Timestamp> {
    healthy.intervals.last().map(|interval| interval.since)
}

/// Whatever was healthy until now is not any more.
fn close(state: &mut EnvironmentState, at: Timestamp) {
    let open = state.healthy.iter_mut().flat_map(|healthy| &mut healthy.intervals);
    for interval in open.filter(|interval| interval.until.is_none()) {
        interval.until = Some(at.max(interval.since));
    }
}

/// What a deploy that served settles.
fn settle(state: &mut EnvironmentState, event: &Event) {
    let Some(release) = &event.release else { return };
    if event.kind == EventKind::Rollback {
        return;
    }
    let used = |approval: &Approval| approval.commit == release.pin.commit;
    state.approvals.retain(|approval| !used(approval));
    if event.from.as_ref().is_none_or(|from| !from.pin.same_artifacts(&release.pin)) {
        state.refused = None;
    }
}

/// A release is there, perhaps, and does not serve. What was healthy before is not known to be any more, from the timestamp
/// at which it was touched.
fn fail(state: &mut EnvironmentState, event: &Event) {
    if !decides(state, event) {
        return;
    }
    close(state, event.began.unwrap_or(event.at));
    // A return by itself that failed: what runs is still the release that failed first, and that one stays refused.
    let left = event.from.as_ref().filter(|_| event.automatic && event.kind == EventKind::Rollback);
    if left.is_some() {
        state.refused = left.cloned();
    }
    let Some(release) = left.or(event.release.as_ref()) else { return };
    state.running = Some(Running {
        release: release.clone(),
        state: event.state.clone().unwrap_or(State::Unknown),
        since: event.at,
        by: event.actor.clone(),
        event: event.id.clone(),
        operation: Some(event.operation_id().clone()),
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
    let surplus = state.approvals.len().saturating_sub(APPROVALS);
    state.approvals.drain(..surplus);
}

/// The owner of an operation is gone: nobody knows how far it came.
fn unlock(state: &mut EnvironmentState, event: &Event) {
    let Some(lock) = state
        .lock
        .take_if(|lock| event.operation.as_ref().is_none_or(|operation| lock.operation == *operation))
    else {
        return;
    };
    close(state, lock.since);
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
        });
    }
}
