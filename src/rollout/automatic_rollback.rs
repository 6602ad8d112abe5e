//! The automatic rollback of a failed deploy: after a failing check of a step, and with `rollback_on_failure` after every
//! failure. It marks nothing bad and sets no hold.

use super::command_tree::CommandTree;
use super::deployment_context::DeploymentContext;
use super::outcome::OperationOutcome;
use super::plan::{DeploymentPlan, Unchecked};
use super::preflight::check_images;
use super::programs::missing_programs;
use super::release_diff::commits_between;
use super::rollback_checks::images_missing;
use super::rollback_plan::REGISTRY_TIMEOUT;
use super::rollback_target::rollback_candidates;
use crate::deploy::{self, Outcome, RollbackStages, Values};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::{EventKind, Release, State};
use crate::process::Stop;
use crate::resolve::PinSource;

/// Plans the automatic rollback of a plan with this outcome; `None` where there is none to do.
///
/// # Errors
///
/// What keeps it from being done: an irreversible change, missing images, an invalid command.
pub(super) fn plan_automatic_rollback(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    plan: &DeploymentPlan,
    outcome: &Outcome,
    stop: &Stop,
) -> Result<Option<DeploymentPlan>> {
    if !rolls_back(deployment, plan, outcome, stop) {
        return Ok(None);
    }
    let target = previous_release(deployment, ledger, &plan.release)?;
    target.map(|target| plan_rollback_to(deployment, &plan.release, target)).transpose()
}

/// Returns whether a plan with this outcome is rolled back automatically.
fn rolls_back(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    outcome: &Outcome,
    stop: &Stop,
) -> bool {
    let failed = matches!(outcome.state, State::Failed | State::Unknown | State::Mixed);
    // After a redeploy there is nothing else to return to.
    let redeploy =
        plan.from.as_ref().is_some_and(|from| deployment.same_result(&from.pin, &plan.release.pin));
    failed
        && !stop.interrupted()
        && (deployment.rules.rollback_on_failure || outcome.checked)
        && plan.kind != EventKind::Rollback
        && !plan.stages.is_empty()
        && !redeploy
}

/// Returns the last healthy release before the one that failed; `None` where there is none, or another release is running.
fn previous_release(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    failed: &Release,
) -> Result<Option<Release>> {
    let Some(state) = deployment.state(ledger.snapshot())? else { return Ok(None) };
    let bad = ledger.snapshot().bad_builds(&deployment.package)?;
    let rollback = rollback_candidates(&state, &bad, &|one, other| deployment.same_result(one, other));
    let failed_is_current = rollback.from.is_some_and(|from| deployment.same_result(&from.pin, &failed.pin));
    let best = rollback.candidates.first().filter(|_| failed_is_current);
    Ok(best.map(|healthy| healthy.release.clone()))
}

fn plan_rollback_to(
    deployment: &DeploymentContext<'_>,
    failed: &Release,
    target: Release,
) -> Result<DeploymentPlan> {
    let target = deployment.locate(&target)?;
    let removed = commits_between(deployment, failed, &target);
    if let Some(change) = removed.iter().flat_map(|removed| &removed.irreversible).next() {
        let message = format!("{} has an irreversible change: {}", change.release, change.reason);
        return Err(Error::refused(message));
    }
    let images = check_images(deployment, &target.pin, REGISTRY_TIMEOUT)?;
    if !images.missing.is_empty() {
        return Err(images_missing(deployment, &target, &images.missing, None));
    }
    let unchecked = |error: Error| Unchecked::Images { release: target.label(), reason: error.message };
    let values = Values::new(&target, &deployment.environment, &deployment.package, Some(failed));
    let RollbackStages { stages, skipped } = deploy::rollback_stages(&deployment.rules, &values)?;
    skipped.into_iter().for_each(|skipped| deployment.context.ui().warning(skipped));
    let (tree, other_tree) = CommandTree::of_rollback(deployment, &target, false)?;
    let missing = missing_programs(deployment, &target, &stages, Some(tree), &EventKind::Rollback);
    if let Some(error) = Error::combine("", missing) {
        return Err(error);
    }
    Ok(DeploymentPlan {
        kind: EventKind::Rollback,
        pin_source: PinSource::Ledger,
        stages,
        tree: Some(tree),
        values,
        verifies_live: false,
        external: false,
        reason: Some(format!("{} failed", failed.label())),
        overrides: Vec::new(),
        unchecked: images.unreachable.into_iter().map(unchecked).chain(other_tree).collect(),
        notes: Vec::new(),
        takes_over: None,
        state_before: None,
        hold: false,
        bad: false,
        ends_hold: None,
        automatic: true,
        removed,
        from: Some(failed.clone()),
        release: target,
    })
}

/// Adds the result of an automatic rollback to the outcome of the deploy that failed.
pub(super) fn add_to_outcome(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    rollback: OperationOutcome,
    outcome: &mut OperationOutcome,
) {
    let (environment, label) = (&deployment.environment, plan.release.label());
    let message = match &rollback.fault {
        None => format!("{environment} was rolled back to {label}"),
        Some(fault) => format!("{environment} could not be rolled back to {label}: {}", fault.message),
    };
    outcome.fault = outcome.fault.take().map(|fault| fault.cause(message));
    outcome.recorded = outcome.recorded && rollback.recorded;
    outcome.unsent = rollback.unsent;
    outcome.automatic_rollback = Some(rollback.state.clone());
    // The state of the failed deploy stays until a rollback succeeded.
    if rollback.fault.is_some() {
        outcome.state = rollback.state;
    }
}
