//! Whether a confirmed plan may still start: it is checked again on every snapshot of the ledger until its started event is
//! accepted.

use super::deploy_plan::not_deployable;
use super::deployment_context::DeploymentContext;
use super::options::RollbackOptions;
use super::plan::DeploymentPlan;
use super::policy_check::PolicyCheck;
use super::rollback_decision::other_is_running;
use super::rollback_plan::not_possible;
use super::rollback_target::{completed_rollback, rollback_candidates};
use crate::error::{Error, Result};
use crate::ledger::{Snapshot, subject};
use crate::model::{EnvironmentState, EventKind, Pin, Release, State};

/// What must still be true of a plan.
pub(super) enum Revalidation<'a> {
    /// The policy allows the deploy, and nobody else acted on the environment.
    Deploy(Box<PolicyCheck<'a>>),
    /// The rollback replaces the same release and returns to the same one.
    Rollback {
        /// The options of the command.
        options: &'a RollbackOptions,
        /// The policy that its target must pass; `None` where it is known to have been healthy.
        policy: Option<Box<PolicyCheck<'a>>>,
    },
}

/// What a snapshot says about a plan.
pub(super) enum PlanValidity {
    /// The plan may start.
    Valid,
    /// Somebody else did the same: who, and when.
    AlreadyDone(String),
}

impl Revalidation<'_> {
    /// Checks a plan on a snapshot.
    ///
    /// # Errors
    ///
    /// Exit code 5 where somebody acted since and the plan is not the right one any more; the refusals of the policy.
    pub(super) fn check(
        &self,
        deployment: &DeploymentContext<'_>,
        plan: &DeploymentPlan,
        snapshot: &Snapshot,
    ) -> Result<PlanValidity> {
        let state = deployment.state(snapshot)?;
        match self {
            Revalidation::Deploy(policy) => check_policy(deployment, plan, policy, snapshot)?,
            Revalidation::Rollback { policy: Some(policy), .. } => {
                check_policy(deployment, plan, policy, snapshot)?;
            }
            Revalidation::Rollback { policy: None, .. } => {}
        }
        if let Revalidation::Rollback { options, .. } = self {
            match state.as_ref().and_then(|state| state.lock.as_ref()) {
                Some(lock) if plan.takes_over.as_ref() == Some(&lock.operation) => {
                    return Ok(PlanValidity::Valid);
                }
                Some(lock) if lock.kind == EventKind::Rollback => {
                    return match options.take_over {
                        true => Ok(PlanValidity::Valid),
                        false => Err(other_is_running(deployment, lock, &plan.release.label())),
                    };
                }
                _ => {}
            }
        }
        if unchanged(plan.state_before.as_ref(), state.as_ref())
            || self.leads_to_the_same(deployment, plan, snapshot, state.as_ref())?
        {
            return Ok(PlanValidity::Valid);
        }
        let newest = state.as_ref().map(|state| subject(&state.newest)).unwrap_or_default();
        if state.as_ref().is_some_and(|state| self.is_done(deployment, plan, state)) {
            return Ok(PlanValidity::AlreadyDone(format!("someone else has already done this: {newest}")));
        }
        let environment = &deployment.environment;
        Err(Error::conflict(format!("{environment} has changed since the plan was made"))
            .cause(newest)
            .hint(self.next_command(deployment)))
    }

    /// Returns whether a rollback still replaces the same release and returns to the same one. A deploy is planned for one
    /// state only.
    fn leads_to_the_same(
        &self,
        deployment: &DeploymentContext<'_>,
        plan: &DeploymentPlan,
        snapshot: &Snapshot,
        state: Option<&EnvironmentState>,
    ) -> Result<bool> {
        let Revalidation::Rollback { options, .. } = self else { return Ok(false) };
        let Some(state) = state else { return Ok(true) };
        if self.is_done(deployment, plan, state) {
            return Ok(false);
        }
        let bad = snapshot.bad_builds(&deployment.package)?;
        let same_result = |one: &Pin, other: &Pin| deployment.same_result(one, other);
        let candidates = rollback_candidates(state, &bad, &same_result);
        let from = candidates.replaced_by(&plan.release.pin, &same_result).map(|from| &from.pin);
        let best = candidates.candidates.first();
        let same_target = options.version.is_some()
            || best.is_some_and(|best| same_result(&best.release.pin, &plan.release.pin));
        Ok(same_target && from == plan.from.as_ref().map(|from| &from.pin))
    }

    /// Returns whether somebody else did what the plan would do.
    fn is_done(
        &self,
        deployment: &DeploymentContext<'_>,
        plan: &DeploymentPlan,
        state: &EnvironmentState,
    ) -> bool {
        match self {
            Revalidation::Deploy(_) => {
                let event = &state.newest;
                let same_result = |release: &Release| deployment.same_result(&release.pin, &plan.release.pin);
                event.kind == plan.kind
                    && event.state.as_ref().is_some_and(State::is_usable)
                    && event.release.as_ref().is_some_and(same_result)
            }
            Revalidation::Rollback { .. } => {
                let same_result = |one: &Pin, other: &Pin| deployment.same_result(one, other);
                completed_rollback(state, Some(&plan.release.pin), &same_result).is_some()
            }
        }
    }

    fn next_command(&self, deployment: &DeploymentContext<'_>) -> String {
        let (environment, flag) = (&deployment.environment, &deployment.package_flag);
        match self {
            Revalidation::Deploy(_) => {
                format!("rel status {environment}{flag}   # check, then run the command again")
            }
            Revalidation::Rollback { options, .. } => {
                let version =
                    options.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
                format!("rel rollback {environment}{version}{flag}   # makes a new plan")
            }
        }
    }
}

/// Refuses a plan that the policy does not allow any more.
fn check_policy(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    policy: &PolicyCheck<'_>,
    snapshot: &Snapshot,
) -> Result<()> {
    let message = match plan.kind {
        EventKind::Rollback => not_possible(deployment, &plan.release),
        _ => not_deployable(deployment, &plan.release),
    };
    Error::combine(&message, policy.evaluate(snapshot)?.errors).map_or(Ok(()), Err)
}

/// Returns whether two states have the same operation, the same release and the same hold.
fn unchanged(before: Option<&EnvironmentState>, now: Option<&EnvironmentState>) -> bool {
    let events = |state: Option<&EnvironmentState>| {
        state.map(|state| {
            (
                state.lock.as_ref().map(|lock| lock.operation.clone()),
                state.running.as_ref().map(|running| running.event.clone()),
                state.hold.as_ref().map(|hold| hold.event.clone()),
            )
        })
    };
    events(before).unwrap_or_default() == events(now).unwrap_or_default()
}
