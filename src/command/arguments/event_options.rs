//! The options of verbs that record one event.

use crate::command::End;
use crate::command::view::event;
use crate::error::Result;
use crate::ledger::{Appended, Decision, Ledger, Snapshot};
use crate::model::EventPayload;
use clap::Args;

/// What every verb that records one event understands.
#[derive(Debug, Args)]
pub(in crate::command) struct EventOptions {
    /// Reason to record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Show what would be recorded
    #[arg(long)]
    dry_run: bool,
}

impl EventOptions {
    /// Returns the reason to record.
    pub(in crate::command) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Records what `decide` returns, with the reason, and shows the outcome; with `--dry-run`, only shows it.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::append`].
    pub(in crate::command) fn record(
        &self,
        ledger: &mut Ledger<'_>,
        decide: &dyn Fn(&Snapshot) -> Result<Decision>,
    ) -> Result<End> {
        let ui = ledger.context().ui();
        let mut decide = |snapshot: &Snapshot| match decide(snapshot)? {
            Decision::Record(payloads) => {
                let with = |payload: EventPayload| EventPayload { reason: self.reason.clone(), ..payload };
                Ok(Decision::Record(payloads.into_iter().map(with).collect()))
            }
            already @ Decision::Already(_) => Ok(already),
        };
        if self.dry_run {
            ledger.check_name()?;
            ledger.warn_if_stale()?;
            match decide(ledger.snapshot())? {
                Decision::Already(why) => event::show_already(ui, &why),
                Decision::Record(payloads) => event::show_planned(ui, &payloads),
            }
            return Ok(End::Done);
        }
        match ledger.append(&mut decide)? {
            Appended::Already(why) => event::show_already(ui, &why),
            Appended::Recorded(events) => events.iter().for_each(|recorded| event::show(ui, recorded)),
        }
        Ok(End::Done)
    }
}
