//! Sends the events that could not be recorded: each once, with the time at which it happened and the time at which it was
//! recorded, and marked as late if somebody else acted in between.

use super::send::Sent;
use super::snapshot::Snapshot;
use super::synced_events::{PendingEvent, Search, SyncedEvents, in_order};
use super::transitions::decides_what_runs;
use super::{Ledger, commit_message, pending};
use crate::error::{Error, Result};
use crate::model::{Event, EventKind, Release, Synced};

/// How often a lost race is tried again.
const MAX_ATTEMPTS: u32 = 100;

/// What happened to a pending event.
#[derive(Debug)]
pub enum SyncOutcome {
    /// It was recorded.
    Recorded {
        /// The event.
        event: Event,
        /// What was done later, by whom and when, and so decides what runs; `None` if this event does.
        lost_to: Option<String>,
    },
    /// It had been recorded before.
    Already(Event),
}

impl SyncOutcome {
    /// Returns `recorded: rollback shop v1.0.0 → prod: healthy, by Ada (2026-11-20T12:00:00Z)`.
    pub fn summary(&self) -> String {
        let (done, event) = match self {
            SyncOutcome::Recorded { event, .. } => ("recorded", event),
            SyncOutcome::Already(event) => ("already recorded", event),
        };
        format!("{done}: {} ({})", commit_message::subject(event), event.at)
    }

    /// Returns what a late event no longer changes, for a warning; `None` if it counts in full, and for the start of an operation
    /// whose end is recorded too.
    pub fn warning(&self) -> Option<String> {
        let SyncOutcome::Recorded { event, lost_to: Some(newer) } = self else { return None };
        if event.is_start() {
            return None;
        }
        let label = event.release.as_ref().map(Release::label).unwrap_or_default();
        let environment = event.environment.as_deref().unwrap_or_default();
        let still = if event.kind == EventKind::Rollback { "; its hold and its bad mark count" } else { "" };
        Some(format!(
            "the {} of {environment} to {label} at {} was recorded too late to decide what runs there: {newer} came later{still}",
            event.kind, event.at
        ))
    }
}

impl Ledger<'_> {
    /// Records the pending events of this clone and those in `lines`.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached: all stay pending. Those of [`Ledger::check_pending`].
    pub fn sync(&mut self, lines: &str) -> Result<Vec<SyncOutcome>> {
        let lines = pending::parse_pending_lines(lines)?;
        let own = self.pending()?;
        if lines.is_empty() && own.is_empty() {
            return Ok(Vec::new());
        }
        let events = in_order(lines, own);
        self.sent.clear();
        for attempt in 0..MAX_ATTEMPTS {
            self.fetch_newest()?;
            self.check_pending(&events)?;
            let (outcomes, on) = self.write_commits(&events)?;
            let done = match on.tip() {
                tip if tip != self.snapshot().tip() => match self.send(&on) {
                    Sent::Recorded => true,
                    Sent::Overtaken => false,
                    Sent::Failed(error) | Sent::Unknown(error) => return Err(error),
                },
                _ => true,
            };
            if done {
                events.iter().for_each(|pending| self.remove_pending(&pending.event.id));
                return Ok(outcomes);
            }
            self.pause(attempt)?;
        }
        Err(Error::unreachable("the ledger is busy: other writers were faster every time")
            .hint("rel sync   # tries again"))
    }

    /// Checks the events that [`Ledger::sync`] would record, and returns them in their order.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::check_pending`].
    pub fn plan_sync(&self, lines: &str) -> Result<Vec<Event>> {
        let events = in_order(pending::parse_pending_lines(lines)?, self.pending()?);
        self.check_pending(&events)?;
        Ok(events.into_iter().map(|pending| pending.event).collect())
    }

    /// Sends the pending events of this clone, before anything else is recorded, and says so.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::sync`].
    pub(super) fn send_pending(&mut self) -> Result<()> {
        let outcomes = self.sync("")?;
        let ui = self.context.ui();
        for outcome in &outcomes {
            ui.status(outcome.summary());
        }
        outcomes.iter().filter_map(SyncOutcome::warning).for_each(|warning| ui.warning(warning));
        self.snapshot = self.snapshot.without_pending();
        Ok(())
    }

    /// Writes the commits of all events that are not recorded yet. They stay local until they are pushed.
    fn write_commits(&self, events: &[PendingEvent]) -> Result<(Vec<SyncOutcome>, Snapshot)> {
        let builder = self.event_builder()?;
        let mut recorded = SyncedEvents::new(Synced { at: builder.at, by: builder.actor });
        let (mut on, mut outcomes): (Snapshot, Vec<SyncOutcome>) =
            (self.snapshot().without_pending(), Vec::new());
        for pending in events {
            if self.is_recorded(pending, Search::Chain)? {
                outcomes.push(SyncOutcome::Already(pending.event.clone()));
                continue;
            }
            let event = recorded.next(self, pending, &on)?;
            let lost_to = newer_operation(&event, &on)?;
            on = self.commit(&event, &on)?;
            outcomes.push(SyncOutcome::Recorded { event, lost_to });
        }
        Ok((outcomes, on))
    }
}

/// Describes what happened in the environment after a late event; `None` if that event decides what runs.
fn newer_operation(event: &Event, on: &Snapshot) -> Result<Option<String>> {
    let (Some(package), Some(environment)) = (&event.package, &event.environment) else { return Ok(None) };
    let state = on.environment(package, environment)?;
    let Some(state) = state.filter(|state| !decides_what_runs(state, event)) else { return Ok(None) };
    let lock = state.lock.filter(|lock| lock.since > event.at);
    let lock = lock.map(|lock| (lock.release, lock.actor, lock.since));
    let running = state.running.map(|running| (Some(running.release), running.by, running.since));
    Ok(lock.or(running).map(|(release, by, since)| {
        let label = release.as_ref().map(Release::label).unwrap_or_default();
        format!("{label} by {}, at {since},", by.label())
    }))
}
