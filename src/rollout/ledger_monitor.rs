//! Checks the ledger while an operation is running, and prints its progress.

use super::deployment_context::DeploymentContext;
use super::progress;
use crate::deploy::{LockMonitor, Stage};
use crate::ledger::Ledger;
use crate::model::{EnvironmentState, EventId, EventKind};

/// Watches the lock of one operation.
pub(super) struct LedgerMonitor<'o, 'p, 'l> {
    deployment: &'o DeploymentContext<'p>,
    ledger: &'o mut Ledger<'l>,
    operation: EventId,
    recorded: bool,
    warned: bool,
}

impl<'o, 'p, 'l> LedgerMonitor<'o, 'p, 'l> {
    /// Watches an operation. One whose started event is not recorded has no lock that anybody could take.
    pub(super) fn new(
        deployment: &'o DeploymentContext<'p>,
        ledger: &'o mut Ledger<'l>,
        operation: EventId,
        recorded: bool,
    ) -> Self {
        LedgerMonitor { deployment, ledger, operation, recorded, warned: false }
    }
}

impl LedgerMonitor<'_, '_, '_> {
    /// Returns why the lock is lost to an operation of this clone that is not recorded yet; `None` if there is none.
    fn lost_to_this_clone(&self) -> Option<String> {
        let (deployment, snapshot) = (self.deployment, self.ledger.snapshot());
        if snapshot.count_pending(&deployment.package, &deployment.environment) == 0 {
            return None;
        }
        let state = deployment.state(snapshot).ok()?;
        lock_lost(state.as_ref(), &self.operation)
    }
}

impl LockMonitor for LedgerMonitor<'_, '_, '_> {
    fn lost(&mut self) -> Option<String> {
        if !self.recorded {
            return None;
        }
        let state = self.ledger.refresh().and_then(|()| self.deployment.state(self.ledger.snapshot()));
        match state {
            Ok(state) => lock_lost(state.as_ref(), &self.operation),
            // A ledger that cannot be reached or read does not take the lock away.
            Err(error) => {
                if !self.warned {
                    let warning = format!("{}; the operation continues", error.message);
                    self.deployment.context.ui().warning(warning);
                    self.warned = true;
                }
                self.lost_to_this_clone()
            }
        }
    }

    fn on_stage(&mut self, stage: &Stage) {
        progress::stage(self.deployment.context.ui(), stage);
    }

    fn on_line(&mut self, line: &str) {
        progress::output(self.deployment.context.ui(), line);
    }
}

/// Returns why an operation lost its lock; `None` while it has it.
fn lock_lost(state: Option<&EnvironmentState>, operation: &EventId) -> Option<String> {
    let Some(state) = state else { return Some("the environment is no longer in the ledger".to_owned()) };
    let kind = match &state.lock {
        Some(lock) if lock.operation == *operation => return None,
        Some(lock) => &lock.kind,
        None => &state.newest.kind,
    };
    Some(match kind {
        EventKind::Rollback => "a rollback took over".to_owned(),
        EventKind::Unlock => "rel unlock removed the lock".to_owned(),
        kind => format!("the lock was lost to a later event ({kind})"),
    })
}
