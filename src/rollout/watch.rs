//! Looks at the ledger while an operation runs, and lets its output be seen. Leans on `deploy` and `ledger`.

use super::place::Place;
use crate::deploy::{Stage, Watch};
use crate::ledger::Ledger;
use crate::model::EventId;
use crate::ui::{Role, Text};

/// Who looks on.
pub(super) struct Onlooker<'o, 'p, 'l> {
    place: &'o Place<'p>,
    ledger: &'o mut Ledger<'l>,
    operation: EventId,
    recorded: bool,
    warned: bool,
}

impl<'o, 'p, 'l> Onlooker<'o, 'p, 'l> {
    /// For an operation; one that is not recorded has a lock that nobody can see.
    pub(super) fn new(
        place: &'o Place<'p>,
        ledger: &'o mut Ledger<'l>,
        operation: EventId,
        recorded: bool,
    ) -> Self {
        Onlooker { place, ledger, operation, recorded, warned: false }
    }
}

impl Watch for Onlooker<'_, '_, '_> {
    fn ours(&mut self) -> bool {
        if !self.recorded {
            return true;
        }
        if let Err(error) = self.ledger.refresh() {
            if !self.warned {
                self.place.world.ui().warning(format!("{}; the operation goes on", error.message));
                self.warned = true;
            }
            return true;
        }
        // A state that cannot be read takes nobody's lock away.
        self.place.state(self.ledger.snapshot()).is_ok_and(|state| {
            state.and_then(|state| state.lock).is_some_and(|lock| lock.operation == self.operation)
        })
    }

    fn stage(&mut self, stage: &Stage) {
        let wait = stage.wait.as_secs();
        let wait = if wait > 0 { format!(", after {wait} s") } else { String::new() };
        let ui = self.place.world.ui();
        ui.status(Text::new().with(Role::Heading, &stage.name).with(Role::Faint, wait));
    }

    fn line(&mut self, line: &str) {
        self.place.world.ui().status(Text::new().with(Role::Faint, "  | ").plain(line));
    }
}
