//! How an operation ended.

use crate::error::Error;
use crate::model::{EventId, State};

/// How a deploy, a promotion or a rollback ended.
#[derive(Debug)]
pub(super) struct OperationOutcome {
    /// The state of the environment.
    pub state: State,
    /// The event that records the state, or the started event where the result could not be recorded.
    pub event: Option<EventId>,
    /// Whether every event is on the remote, or there is no remote.
    pub recorded: bool,
    /// The events that are not on the remote yet, in order, as lines for `rel sync -`.
    pub unsent: Vec<String>,
    /// Why nothing was done: somebody else did the same before.
    pub already_done: Option<String>,
    /// Why the state is not better.
    pub fault: Option<Error>,
    /// How the automatic rollback ended; `None` where there was none.
    pub automatic_rollback: Option<State>,
}

impl OperationOutcome {
    /// Creates the outcome of an operation that was recorded without a fault.
    pub(super) fn new(state: State, event: Option<EventId>) -> Self {
        OperationOutcome {
            state,
            event,
            recorded: true,
            unsent: Vec::new(),
            already_done: None,
            fault: None,
            automatic_rollback: None,
        }
    }
}
