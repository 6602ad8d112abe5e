//! Records how an operation ended, and in the same push the start of an automatic rollback.

use super::deployment_context::DeploymentContext;
use super::outcome::OperationOutcome;
use super::plan::DeploymentPlan;
use super::progress;
use crate::deploy::Outcome;
use crate::error::{Error, Kind, Result};
use crate::ledger::{Decision, Ledger, RecordOutcome, Snapshot};
use crate::model::{Event, EventPayload, State};

/// An operation whose started event is written.
pub(super) struct StartedOperation {
    /// The started event.
    pub event: Event,
    /// The events that are not on the remote yet, as lines for `rel sync -`.
    pub unsent: Vec<String>,
}

impl StartedOperation {
    /// Returns whether the started event is on the remote.
    pub(super) fn is_recorded(&self) -> bool {
        self.unsent.is_empty()
    }
}

/// Returns the first event of an append.
pub(super) fn first_event(events: Vec<Event>) -> Result<Event> {
    events.into_iter().next().ok_or_else(|| Error::defect("an operation has no started event"))
}

/// Records the result of a plan: `superseded` where the lock was lost, else the state of the outcome. Returns the automatic
/// rollback where it was started. An error of its planning becomes a cause of the fault.
pub(super) fn record_result(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    plan: &DeploymentPlan,
    outcome: Outcome,
    started: &StartedOperation,
    rollback: Result<Option<DeploymentPlan>>,
) -> Result<(OperationOutcome, Option<(DeploymentPlan, StartedOperation)>)> {
    let Outcome { state, fault, parts: targets, .. } = outcome;
    let (rollback, fault) = match rollback {
        Ok(rollback) => (rollback, fault),
        Err(error) => (None, fault.map(|fault| without_rollback(deployment, fault, error))),
    };
    let now = deployment.context.now()?;
    let mut lock_lost = false;
    let mut decide = |snapshot: &Snapshot| {
        lock_lost = started.is_recorded() && !has_lock(deployment, snapshot, started)?;
        let state = if lock_lost { State::Superseded } else { state.clone() };
        let ends_hold = state.is_usable() && still_held(deployment, snapshot, plan)?;
        let event = plan.finished_event(deployment, state, &started.event.id, started.event.at);
        let mut events = vec![EventPayload { targets: targets.clone(), ends_hold, ..event }];
        events.extend(rollback.iter().filter(|_| !lock_lost).map(|plan| plan.started_event(deployment, now)));
        Ok(Decision::Record(events))
    };
    let recorded = match ledger.append_end(&mut decide) {
        Ok(recorded) => recorded,
        Err(error) => {
            // Without its started event an automatic rollback has no lock.
            let fault = match &rollback {
                Some(_) => fault.map(|fault| fault.cause(not_rolled_back(deployment, &error))),
                None => fault,
            };
            return Ok((not_recorded(started, state, fault, error), None));
        }
    };
    let (mut events, unsent) = sent_and_unsent(deployment, started, recorded);
    let (state, fault) = if lock_lost {
        let error = Error::conflict(format!("a rollback took over {}", deployment.environment));
        (State::Superseded, Some(fault.filter(|fault| fault.kind == Kind::Conflict).unwrap_or(error)))
    } else {
        (state, fault)
    };
    let rollback_started = if events.len() > 1 { events.pop() } else { None };
    let event = events.pop().map(|event| event.id);
    let rollback = rollback
        .filter(|_| !lock_lost)
        .zip(rollback_started.map(|event| StartedOperation { event, unsent: unsent.clone() }));
    let recorded = unsent.is_empty();
    let result = OperationOutcome { recorded, unsent, fault, ..OperationOutcome::new(state, event) };
    Ok((result, rollback))
}

/// Returns whether an operation still has the lock of its environment.
fn has_lock(
    deployment: &DeploymentContext<'_>,
    snapshot: &Snapshot,
    started: &StartedOperation,
) -> Result<bool> {
    let lock = deployment.state(snapshot)?.and_then(|state| state.lock);
    Ok(lock.is_some_and(|lock| lock.operation == started.event.id))
}

/// Returns whether the hold that a plan ends is still the one of the environment: somebody may have set another since.
fn still_held(
    deployment: &DeploymentContext<'_>,
    snapshot: &Snapshot,
    plan: &DeploymentPlan,
) -> Result<bool> {
    let Some(ended) = &plan.ends_hold else { return Ok(false) };
    let hold = deployment.state(snapshot)?.and_then(|state| state.hold);
    Ok(hold.is_some_and(|hold| hold.event == *ended))
}

/// Adds to a fault why there is no automatic rollback.
fn without_rollback(deployment: &DeploymentContext<'_>, fault: Error, error: Error) -> Error {
    let fault = fault.cause(not_rolled_back(deployment, &error));
    error.causes.into_iter().fold(fault, Error::cause)
}

fn not_rolled_back(deployment: &DeploymentContext<'_>, error: &Error) -> String {
    format!("{} is not rolled back automatically: {}", deployment.environment, error.message)
}

/// Returns the outcome of an operation whose result could be neither sent nor kept.
fn not_recorded(
    started: &StartedOperation,
    state: State,
    fault: Option<Error>,
    error: Error,
) -> OperationOutcome {
    let message = format!("the result is not recorded: {}", error.message);
    let fault = match fault {
        Some(fault) => error.hints.into_iter().fold(fault.cause(message), Error::hint),
        None => Error { message: format!("{state}, but {message}"), ..error },
    };
    OperationOutcome {
        recorded: false,
        unsent: started.unsent.clone(),
        fault: Some(fault),
        ..OperationOutcome::new(state, Some(started.event.id.clone()))
    }
}

/// Returns the events of an append, and all lines of the operation that are not on the remote: with the result, the started
/// event is sent or kept too.
fn sent_and_unsent(
    deployment: &DeploymentContext<'_>,
    started: &StartedOperation,
    recorded: RecordOutcome,
) -> (Vec<Event>, Vec<String>) {
    match recorded {
        RecordOutcome::Recorded(events) => (events, Vec::new()),
        RecordOutcome::Pending { events, line, why } => {
            if started.is_recorded() {
                progress::unrecorded(deployment.context.ui(), &why);
            }
            let mut unsent = started.unsent.clone();
            unsent.push(line);
            (events, unsent)
        }
        RecordOutcome::Already(_) => (Vec::new(), started.unsent.clone()),
    }
}
