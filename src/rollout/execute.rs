//! Executes a plan: the started event, which is the lock; the deployer; the event that records the result. The ledger is
//! checked before every stage, and nothing more is started once the lock is lost.

use super::automatic_rollback::{add_to_outcome, plan_automatic_rollback};
use super::command_tree::CommandTree;
use super::deployment_context::DeploymentContext;
use super::ledger_monitor::LedgerMonitor;
use super::outcome::OperationOutcome;
use super::plan::{DeploymentPlan, Unchecked};
use super::progress;
use super::record_result::{StartedOperation, first_event, record_result};
use super::revalidate::{PlanValidity, Revalidation};
use super::verify_live::verify_live;
use crate::deploy::{Job, Outcome, Workspace, run};
use crate::error::{Error, Kind, Result};
use crate::ledger::{Decision, Ledger, RecordOutcome, Snapshot};
use crate::model::{EventKind, EventPayload, State};
use crate::process::{Stop, become_subreaper};

/// Executes a plan that was confirmed. It is revalidated on every snapshot of the ledger until its first event is recorded.
///
/// # Errors
///
/// What keeps it from starting. How it ended is in the outcome.
pub(super) fn execute(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &mut DeploymentPlan,
    revalidation: &Revalidation<'_>,
) -> Result<OperationOutcome> {
    if plan.is_record_only() {
        return record_only(deployment, ledger, plan, revalidation);
    }
    // From here on a signal is seen and passed on, so that nothing is left behind.
    deployment.context.ui().hold_interrupts();
    let stop = Stop::on_signals()?;
    become_subreaper();
    let (workspace, unchecked) = prepare(deployment, plan)?;
    plan.unchecked.extend(unchecked);
    let started = plan.started_event(deployment, deployment.context.now()?);
    let started = match append(deployment, ledger, plan, &started, revalidation)? {
        RecordOutcome::Already(why) => return already_done(deployment, ledger, why),
        RecordOutcome::Recorded(events) => {
            StartedOperation { event: first_event(events)?, unsent: Vec::new() }
        }
        RecordOutcome::Pending { events, line, why } => {
            progress::unrecorded(deployment.context.ui(), &why);
            StartedOperation { event: first_event(events)?, unsent: vec![line] }
        }
    };
    let outcome = run_stages(deployment, ledger, plan, &workspace, &stop, &started);
    let outcome = finish(deployment, ledger, plan, outcome, &started, &stop);
    clear(deployment, workspace);
    outcome
}

/// Returns the outcome of an operation that somebody else did, with what the ledger records of it.
fn already_done(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    why: String,
) -> Result<OperationOutcome> {
    let running = deployment.state(ledger.snapshot())?.and_then(|state| state.running);
    let (state, event) =
        running.map_or((State::Unknown, None), |running| (running.state, Some(running.event)));
    Ok(OperationOutcome { already_done: Some(why), ..OperationOutcome::new(state, event) })
}

/// Records an operation that runs nothing, as one event.
fn record_only(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &DeploymentPlan,
    revalidation: &Revalidation<'_>,
) -> Result<OperationOutcome> {
    let event = plan.recorded_event(deployment);
    let (events, unsent, recorded) = match append(deployment, ledger, plan, &event, revalidation)? {
        RecordOutcome::Already(why) => return already_done(deployment, ledger, why),
        RecordOutcome::Recorded(events) => (events, Vec::new(), true),
        RecordOutcome::Pending { events, line, why } => {
            progress::unrecorded(deployment.context.ui(), &why);
            // On another machine a line that only claims a deploy is not taken.
            let unsent = if plan.kind == EventKind::Rollback { vec![line] } else { Vec::new() };
            (events, unsent, false)
        }
    };
    let event = Some(first_event(events)?.id);
    Ok(OperationOutcome { recorded, unsent, ..OperationOutcome::new(State::Recorded, event) })
}

/// Appends the first event of an operation, if the plan is still valid.
fn append(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &DeploymentPlan,
    event: &EventPayload,
    revalidation: &Revalidation<'_>,
) -> Result<RecordOutcome> {
    let mut decide = |snapshot: &Snapshot| {
        if let PlanValidity::AlreadyDone(why) = revalidation.check(deployment, plan, snapshot)? {
            return Ok(Decision::Already(why));
        }
        // It ends the operation that is running now, which may not be the one that was running when it was planned.
        let takes_over = deployment.state(snapshot)?.and_then(|state| state.lock).map(|lock| lock.operation);
        Ok(Decision::Record(vec![EventPayload { takes_over, ..event.clone() }]))
    };
    if plan.starts_unrecorded() {
        return ledger.append_or_queue(&mut decide);
    }
    ledger.append(&mut decide).map(RecordOutcome::from)
}

/// Runs the stages of a plan, and verifies the result where nothing ran here.
fn run_stages(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &DeploymentPlan,
    workspace: &Workspace<'_>,
    stop: &Stop,
    started: &StartedOperation,
) -> Outcome {
    let environment = deployment.command_environment();
    let mut variables = plan.values.variables();
    variables.push(("REL_ACTION".to_owned(), plan.kind.to_string()));
    variables.push(("REL_EVENT".to_owned(), started.event.id.to_string()));
    let job = Job {
        stages: &plan.stages,
        workspace,
        environment: &environment,
        variables,
        timeout: deployment.rules.timeout,
    };
    let (id, recorded) = (started.event.id.clone(), started.is_recorded());
    let rollback = plan.kind == EventKind::Rollback;
    let mut monitor = LedgerMonitor::new(deployment, ledger, id, recorded, rollback);
    let outcome = run(&job, stop, &mut monitor);
    if outcome.state == State::Healthy && plan.external && plan.stages.is_empty() {
        return verify_live(deployment, plan, workspace, &environment);
    }
    outcome
}

/// Records the result, and rolls back automatically where that is configured.
fn finish(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &DeploymentPlan,
    outcome: Outcome,
    started: &StartedOperation,
    stop: &Stop,
) -> Result<OperationOutcome> {
    let rollback = plan_automatic_rollback(deployment, ledger, plan, &outcome, stop);
    let (mut result, rollback) = record_result(deployment, ledger, plan, outcome, started, rollback)?;
    if let Some((rollback, started)) = rollback {
        let rollback_result = roll_back(deployment, ledger, &rollback, stop, &started)?;
        add_to_outcome(deployment, &rollback, rollback_result, &mut result);
    }
    Ok(result)
}

/// Executes an automatic rollback, which was started with the event that recorded the failure.
fn roll_back(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &DeploymentPlan,
    stop: &Stop,
    started: &StartedOperation,
) -> Result<OperationOutcome> {
    progress::automatic_rollback(deployment, plan);
    let mut plan = plan.clone();
    let outcome = match prepare(deployment, &plan) {
        Ok((workspace, unchecked)) => {
            plan.unchecked.extend(unchecked);
            let outcome = run_stages(deployment, ledger, &plan, &workspace, stop, started);
            clear(deployment, workspace);
            outcome
        }
        Err(error) => Outcome { state: State::Failed, fault: Some(error), parts: Vec::new(), checked: false },
    };
    let (result, _) = record_result(deployment, ledger, &plan, outcome, started, Ok(None))?;
    Ok(result)
}

/// Prepares the folder that the commands of a plan run in. Where a rollback cannot have the tree of its release, it runs in
/// that of the configuration; the second value says so.
fn prepare<'w>(
    deployment: &DeploymentContext<'w>,
    plan: &DeploymentPlan,
) -> Result<(Workspace<'w>, Option<Unchecked>)> {
    let tree = plan.tree.ok_or_else(|| Error::defect("commands without a tree to run in"))?;
    if plan.kind != EventKind::Rollback {
        return Ok((tree.prepare(deployment)?, None));
    }
    let reason = match tree.prepare_somehow(deployment) {
        Err(error) if error.kind != Kind::Interrupted && tree.is_of_release() => error.message,
        result => return Ok((result?, None)),
    };
    let (tree, _) = CommandTree::of_rollback(deployment, &plan.release, true)?;
    let unchecked = Unchecked::Tree { release: plan.release.label(), reason };
    deployment.context.ui().warning(unchecked.to_string());
    Ok((tree.prepare_somehow(deployment)?, Some(unchecked)))
}

fn clear(deployment: &DeploymentContext<'_>, workspace: Workspace<'_>) {
    workspace.remove().unwrap_or_else(|error| deployment.context.ui().warning(error.message));
}
