//! Whether a rollback has anything to do: the same command again, or by two people at once, does nothing.

use super::deployment_context::DeploymentContext;
use super::options::RollbackOptions;
use super::plan::DeploymentPlan;
use super::rollback_target::completed_rollback;
use crate::model::{EnvironmentState, EventKind, Pin, Release};

/// What a rollback comes to.
pub(super) enum RollbackDecision {
    /// It is done already, or somebody else is doing it.
    AlreadyDone(Box<AlreadyDone>),
    /// It has this to do.
    Proceed(Box<DeploymentPlan>),
}

/// A rollback that has nothing to do.
pub(super) struct AlreadyDone {
    /// Who did it, and when.
    pub message: String,
    /// The command to do something else.
    pub hint: String,
    /// The release of the environment.
    pub release: Release,
}

/// Returns what was done already; `None` where the rollback has something to do. `target` is the named release.
pub(super) fn already_done(
    deployment: &DeploymentContext<'_>,
    state: &EnvironmentState,
    target: Option<&Pin>,
    options: &RollbackOptions,
) -> Option<AlreadyDone> {
    let lock_is_rollback = state.lock.as_ref().is_some_and(|lock| lock.kind == EventKind::Rollback);
    if lock_is_rollback {
        return rollback_running(deployment, state, target, options);
    }
    completed(deployment, state, target).or_else(|| already_runs(deployment, state, target?))
}

/// A rollback to this release ended healthy, and its hold still exists.
fn completed(
    deployment: &DeploymentContext<'_>,
    state: &EnvironmentState,
    target: Option<&Pin>,
) -> Option<AlreadyDone> {
    let environment = &deployment.environment;
    let hold = completed_rollback(state, target)?;
    let release = state.running.as_ref()?.release.clone();
    let message = format!(
        "{environment} was already rolled back to {} by {}, {}; nothing to do",
        release.label(),
        hold.by.label(),
        hold.since.age(deployment.now),
    );
    let hint =
        format!("rel rollback {environment} VERSION{}   # to go further back", deployment.package_flag);
    Some(AlreadyDone { message, hint, release })
}

/// Another rollback to this release is running.
fn rollback_running(
    deployment: &DeploymentContext<'_>,
    state: &EnvironmentState,
    target: Option<&Pin>,
    options: &RollbackOptions,
) -> Option<AlreadyDone> {
    let environment = &deployment.environment;
    let lock = state.lock.as_ref()?;
    let release = lock.release.clone()?;
    let same_build = target.is_none_or(|target| target.same_artifacts(&release.pin));
    if !same_build || options.take_over || lock.expired(deployment.now) {
        return None;
    }
    let timeout = lock.deadline.map(|deadline| format!(", times out at {deadline}")).unwrap_or_default();
    let message = format!(
        "{} is rolling {environment} back to {}: started {} on {}{timeout}",
        lock.actor.label(),
        release.label(),
        lock.since.age(deployment.now),
        lock.host,
    );
    let hint =
        format!("rel rollback {environment} --take-over{}   # if that run is dead", deployment.package_flag);
    Some(AlreadyDone { message, hint, release })
}

/// The named release runs already.
fn already_runs(
    deployment: &DeploymentContext<'_>,
    state: &EnvironmentState,
    target: &Pin,
) -> Option<AlreadyDone> {
    let environment = &deployment.environment;
    let running =
        state.running.as_ref().filter(|running| running.state.is_usable() && state.lock.is_none())?;
    let release = running.release.clone();
    if !target.same_artifacts(&release.pin) {
        return None;
    }
    let label = release.label();
    let message = format!(
        "{environment} already runs {label}, deployed {} by {}",
        running.since.age(deployment.now),
        running.by.label()
    );
    let hint = format!("rel deploy {environment} {label}{}   # deploys it again", deployment.package_flag);
    Some(AlreadyDone { message, hint, release })
}
