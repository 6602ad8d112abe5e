//! `unlock`.

use crate::error::{Error, Result};
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, EventPayload, Lock, State, Timestamp};
use crate::policy::Authority;

/// Ends the operation that is in progress in an environment; `operation` names it if its deadline has not passed.
///
/// # Errors
///
/// 5 if another operation is in progress; 4 if its deadline has not passed and it is not named, or a person began it and this
/// actor may not end that.
pub fn unlock(
    snapshot: &Snapshot,
    package: &str,
    environment: &str,
    operation: Option<&str>,
    now: Timestamp,
    authority: &Authority,
) -> Result<Decision> {
    let state = snapshot.environment(package, environment)?;
    let can_return = state.as_ref().is_some_and(|state| !state.healthy.is_empty());
    let Some(lock) = state.and_then(|state| state.lock) else {
        return Ok(Decision::Already(format!("no operation is in progress in {environment}")));
    };
    if operation.is_some_and(|operation| operation != lock.operation.as_str()) {
        return Err(Error::conflict(format!(
            "the operation in progress in {environment} is {}",
            lock.operation
        ))
        .cause(describe(&lock)));
    }
    if operation.is_none() && !lock.expired(now) {
        let error = Error::refused(format!("a {} in {environment} is in progress", lock.kind))
            .cause(describe(&lock))
            .cause(lock.may_still_run())
            .hint(format!(
                "rel unlock {environment} --event {}   # if that run is certainly dead",
                lock.operation
            ));
        let rollback = format!("rel rollback {environment}   # takes over without unlocking");
        return Err(if can_return { error.hint(rollback) } else { error });
    }
    if !lock.expired(now) {
        authority.check_lift(&format!("the lock on {environment}"), &lock.actor)?;
    }
    Ok(Decision::Record(vec![EventPayload {
        state: Some(State::Unknown),
        operation: Some(lock.operation.clone()),
        release: lock.release.clone(),
        began: Some(lock.since),
        ..EventPayload::new(EventKind::Unlock).at(Some(package), Some(environment))
    }]))
}

fn describe(lock: &Lock) -> String {
    let deadline = lock.deadline.map_or_else(String::new, |deadline| format!(" (deadline {deadline})"));
    let run = lock.actor.run.as_deref().map_or_else(String::new, |run| format!(", {run}"));
    format!("{} started it at {} on {}{deadline}{run}", lock.actor.label(), lock.since, lock.host)
}
