//! `adopt`.

use crate::error::{Error, Result};
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, EventPayload, Release, State};
use crate::policy::Adoption;

/// Records that a release runs in an environment, where another system deployed it.
///
/// # Errors
///
/// 4 if an operation is in progress there; those of [`Adoption::check`].
pub fn adopt(
    snapshot: &Snapshot,
    package: &str,
    environment: &str,
    release: &Release,
    adoption: &Adoption<'_>,
) -> Result<Decision> {
    let state = snapshot.environment(package, environment)?;
    if let Some(lock) = state.as_ref().and_then(|state| state.lock.as_ref()) {
        return Err(Error::refused(format!(
            "a {} in {environment} by {} is in progress",
            lock.kind,
            lock.actor.label()
        ))
        .cause(format!("it started at {} on {}", lock.since, lock.host))
        .hint(format!("rel unlock {environment}   # if that run is dead")));
    }
    let running = state.and_then(|state| state.running);
    let same = running.as_ref().filter(|running| {
        running.release.pin.same_commit_and_digests(&release.pin)
            && running.release.label() == release.label()
            && running.state.is_usable()
    });
    if let Some(running) = same {
        let (label, since) = (release.label(), running.since);
        return Ok(Decision::Already(format!("{label} has been running in {environment} since {since}")));
    }
    adoption.check(release, snapshot.bad_build(package, &release.pin)?.as_ref())?;
    Ok(Decision::Record(vec![EventPayload {
        state: Some(State::Recorded),
        release: Some(release.clone()),
        from: running.map(|running| running.release),
        unproven: true,
        ..EventPayload::new(EventKind::Adopt).at(Some(package), Some(environment))
    }]))
}
