//! Whether a rollback has anything to do: the same command again, or by two people at once, does nothing.

use super::deployment_context::DeploymentContext;
use super::options::RollbackOptions;
use super::plan::DeploymentPlan;
use super::policy_check::PolicyCheck;
use super::rollback_target::completed_rollback;
use crate::error::{Error, Result};
use crate::ledger::Snapshot;
use crate::model::{EnvironmentState, EventKind, Hold, Lock, Pin, Release, Running};

/// What a rollback comes to.
pub(super) enum RollbackDecision<'a> {
    /// It is done already.
    AlreadyDone(Box<AlreadyDone>),
    /// It has this to do; with the policy that its target must pass where it is not known to have been healthy.
    Proceed(Box<DeploymentPlan>, Option<Box<PolicyCheck<'a>>>),
}

/// A rollback that has nothing to do.
pub(super) struct AlreadyDone {
    /// Who did it, and when.
    pub message: String,
    /// The command to do something else.
    pub hint: String,
    /// What the environment runs.
    pub running: Running,
    /// Whether that is on the remote, or there is none.
    pub recorded: bool,
}

/// Returns what was done already; `None` where the rollback has something to do. `target` is the named release, `further_back`
/// the best candidate.
///
/// # Errors
///
/// Exit code 5 where another rollback to this release is running: whether it ends healthy is not known.
pub(super) fn already_done(
    deployment: &DeploymentContext<'_>,
    snapshot: &Snapshot,
    state: &EnvironmentState,
    target: Option<&Pin>,
    further_back: Option<&Release>,
    options: &RollbackOptions,
) -> Result<Option<AlreadyDone>> {
    if let Some(lock) = state.lock.as_ref().filter(|lock| lock.kind == EventKind::Rollback) {
        return check_not_running(deployment, lock, target, options).map(|()| None);
    }
    let Some(running) = &state.running else { return Ok(None) };
    let done = match completed_rollback(state, target, &|one, other| deployment.same_result(one, other)) {
        Some(hold) => Some(completed(deployment, &running.release, hold, further_back)),
        None => already_runs(deployment, state, running, target),
    };
    let recorded = snapshot.count_pending(&deployment.package, &deployment.environment) == 0;
    Ok(done.map(|(message, hint)| AlreadyDone { message, hint, running: running.clone(), recorded }))
}

/// A rollback to this release ended healthy, and its hold still exists.
fn completed(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    hold: &Hold,
    further_back: Option<&Release>,
) -> (String, String) {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    let message = format!(
        "{environment} was already rolled back to {} by {}, {}; nothing to do",
        release.label(),
        hold.by.label(),
        hold.since.age(deployment.now),
    );
    let hint = match further_back {
        Some(next) => format!("rel rollback {environment} {}{flag}   # to go further back", next.label()),
        None => format!("rel history {environment}{flag}   # no earlier healthy release is left"),
    };
    (message, hint)
}

/// Refuses while another rollback to this release is running.
fn check_not_running(
    deployment: &DeploymentContext<'_>,
    lock: &Lock,
    target: Option<&Pin>,
    options: &RollbackOptions,
) -> Result<()> {
    let Some(release) = &lock.release else { return Ok(()) };
    let same_build = target.is_none_or(|target| deployment.same_result(target, &release.pin));
    if !same_build || options.take_over || lock.expired(deployment.now) {
        return Ok(());
    }
    Err(other_is_running(deployment, lock, &release.label()))
}

/// Returns the refusal of a rollback to `target` while another one is running: it may be dead.
pub(super) fn other_is_running(deployment: &DeploymentContext<'_>, lock: &Lock, target: &str) -> Error {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    let timeout = lock.deadline.map(|deadline| format!(", times out at {deadline}")).unwrap_or_default();
    let to = lock.release.as_ref().map(|release| format!(" to {}", release.label())).unwrap_or_default();
    let (by, age, host) = (lock.actor.label(), lock.since.age(deployment.now), &lock.host);
    Error::conflict(format!("{by} is rolling {environment} back{to}"))
        .cause(format!("started {age} on {host}{timeout}"))
        .hint(format!("rel status {environment}{flag}   # whether it has ended"))
        .hint(format!("rel rollback {environment} {target} --take-over{flag}   # if that run is dead"))
}

/// The named release runs already.
fn already_runs(
    deployment: &DeploymentContext<'_>,
    state: &EnvironmentState,
    running: &Running,
    target: Option<&Pin>,
) -> Option<(String, String)> {
    let environment = &deployment.environment;
    let release = &running.release;
    let runs = running.state.is_usable() && state.lock.is_none();
    if !runs || !deployment.same_result(target?, &release.pin) {
        return None;
    }
    let label = release.label();
    let message = format!(
        "{environment} already runs {label}, deployed {} by {}",
        running.since.age(deployment.now),
        running.by.label()
    );
    let hint = format!("rel deploy {environment} {label}{}   # deploys it again", deployment.package_flag);
    Some((message, hint))
}
