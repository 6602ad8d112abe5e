//! Looks at the ledger while an operation runs, and lets its output be seen. Leans on `deploy` and `ledger`.

use super::place::DeploymentContext;
use crate::deploy::{LockMonitor, Stage};
use crate::ledger::Ledger;
use crate::model::{EnvironmentState, EventId, EventKind};
use crate::ui::{Role, Text};

/// Who looks on.
pub(super) struct LedgerMonitor<'o, 'p, 'l> {
    place: &'o DeploymentContext<'p>,
    ledger: &'o mut Ledger<'l>,
    operation: EventId,
    recorded: bool,
    warned: bool,
}

impl<'o, 'p, 'l> LedgerMonitor<'o, 'p, 'l> {
    /// For an operation; one that is not recorded has a lock that nobody can see.
    pub(super) fn new(
        place: &'o DeploymentContext<'p>,
        ledger: &'o mut Ledger<'l>,
        operation: EventId,
        recorded: bool,
    ) -> Self {
        LedgerMonitor { place, ledger, operation, recorded, warned: false }
    }
}

impl LockMonitor for LedgerMonitor<'_, '_, '_> {
    fn lost(&mut self) -> Option<String> {
        if !self.recorded {
            return None;
        }
        let state = self.ledger.refresh().and_then(|()| self.place.state(self.ledger.snapshot()));
        match state {
            Ok(state) => taken(state.as_ref(), &self.operation),
            // What cannot be reached, or read, takes nobody's lock away.
            Err(error) => {
                if !self.warned {
                    self.place.context.ui().warning(format!("{}; the operation goes on", error.message));
                    self.warned = true;
                }
                None
            }
        }
    }

    fn on_stage(&mut self, stage: &Stage) {
        let wait = stage.wait.as_secs();
        let wait = if wait > 0 { format!(", after {wait} s") } else { String::new() };
        let ui = self.place.context.ui();
        ui.status(Text::new().with(Role::Heading, &stage.name).with(Role::Faint, wait));
    }

    fn on_line(&mut self, line: &str) {
        self.place.context.ui().status(Text::new().with(Role::Faint, "  | ").plain(line));
    }
}

/// Who took the lock of an operation; nothing while it is its own.
fn taken(state: Option<&EnvironmentState>, operation: &EventId) -> Option<String> {
    let Some(state) = state else { return Some("the ledger lost this environment".to_owned()) };
    let kind = match &state.lock {
        Some(lock) if lock.operation == *operation => return None,
        Some(lock) => &lock.kind,
        None => &state.newest.kind,
    };
    Some(match kind {
        EventKind::Rollback => "a rollback took over".to_owned(),
        EventKind::Unlock => "the lock was taken away by rel unlock".to_owned(),
        kind => format!("the lock was lost (since then: {kind})"),
    })
}
