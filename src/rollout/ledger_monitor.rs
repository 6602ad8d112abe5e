//! Checks the ledger while an operation is running, and prints its progress.

use super::deployment_context::DeploymentContext;
use super::progress;
use crate::deploy::{LockMonitor, LockStatus, Stage};
use crate::ledger::Ledger;
use crate::model::{EnvironmentState, EventId, EventKind};

/// Watches the lock of one operation.
pub(super) struct LedgerMonitor<'o, 'p, 'l> {
    deployment: &'o DeploymentContext<'p>,
    ledger: &'o mut Ledger<'l>,
    operation: EventId,
    recorded: bool,
    /// It goes on if the ledger cannot be looked at.
    rollback: bool,
    warned: bool,
}

impl<'o, 'p, 'l> LedgerMonitor<'o, 'p, 'l> {
    /// Watches an operation. One whose started event is not recorded has no lock that anybody could take.
    pub(super) fn new(
        deployment: &'o DeploymentContext<'p>,
        ledger: &'o mut Ledger<'l>,
        operation: EventId,
        recorded: bool,
        rollback: bool,
    ) -> Self {
        LedgerMonitor { deployment, ledger, operation, recorded, rollback, warned: false }
    }

    fn warn(&mut self, why: &str) {
        if !self.warned {
            let next = match self.rollback {
                true => "the rollback continues",
                false => "no further step begins until the ledger can be read",
            };
            self.deployment.context.ui().warning(format!("{why}; {next}"));
            self.warned = true;
        }
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
    fn look(&mut self) -> LockStatus {
        if !self.recorded {
            return LockStatus::Unwatched;
        }
        let state = self.ledger.refresh().and_then(|()| self.deployment.state(self.ledger.snapshot()));
        match state {
            Ok(state) => {
                lock_lost(state.as_ref(), &self.operation).map_or(LockStatus::Held, LockStatus::Lost)
            }
            Err(error) => {
                self.warn(&error.message);
                match self.lost_to_this_clone() {
                    Some(why) => LockStatus::Lost(why),
                    None if self.rollback => LockStatus::Unwatched,
                    None => LockStatus::Unknown(error.message),
                }
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
