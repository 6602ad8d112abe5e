//! Sends the events that could not be recorded: each once, with the time at which it happened and the time at which it was
//! recorded, and marked as late if somebody else acted in between.

use super::event_builder::{clean_event, next_sequence};
use super::snapshot::Snapshot;
use super::{Ledger, identity, pending};
use crate::error::{Error, Result};
use crate::git::FastForwardOutcome;
use crate::model::{CommitId, Event, EventKind, State, Synced};

/// How far the clocks of two machines may differ, in seconds: a chain is searched back to this long before the event.
const MAX_CLOCK_SKEW: i64 = 86_400;
/// How often a lost race is tried again.
const MAX_ATTEMPTS: u32 = 100;

/// What happened to a pending event.
#[derive(Debug)]
pub enum SyncOutcome {
    /// It was recorded.
    Recorded(Event),
    /// It had been recorded before.
    Already(Event),
}

/// The package and the environment of a chain, and whether its pending events are late.
type LateChain<'a> = (Option<&'a str>, Option<&'a str>, bool);

impl Ledger<'_> {
    /// Records the pending events of this clone and those in `lines`, oldest first.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached: all stay pending. 5 if an event belongs to another repository, or was made by somebody
    /// else and is not an operation.
    pub fn sync(&mut self, lines: &str) -> Result<Vec<SyncOutcome>> {
        let mut events = pending::parse_pending_lines(lines)?;
        self.check_actors(&events)?;
        events.extend(self.pending()?);
        events.sort_by(|one, other| one.id.cmp(&other.id));
        events.dedup_by(|one, other| one.id == other.id);
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let own = identity::repository_identity(self)?;
        if let Some(event) = events.iter().find(|event| event.repository != own) {
            return Err(Error::conflict(format!("event {} belongs to another repository", event.id))
                .cause(format!("it belongs to {}, and this is {}", event.repository.name, own.name)));
        }
        for attempt in 0..MAX_ATTEMPTS {
            self.refresh()?;
            let (outcomes, on) = self.write_commits(&events)?;
            let done = match on.tip() {
                Some(tip) if on.tip() != self.snapshot().tip() => self.push_events(tip)?,
                _ => true,
            };
            if done {
                events.iter().try_for_each(|event| self.remove_pending(&event.id))?;
                return Ok(outcomes);
            }
            self.pause(attempt)?;
        }
        Err(Error::unreachable("the ledger is busy: other writers were faster every time")
            .hint("rel sync   # tries again"))
    }

    /// Refuses what somebody else decided, as an approval: lines may come from anywhere, so only its author may sync it.
    fn check_actors(&self, events: &[Event]) -> Result<()> {
        let own = &self.actor()?.id;
        let operation = |event: &Event| {
            matches!(event.kind, EventKind::Deploy | EventKind::Promote | EventKind::Rollback)
        };
        match events.iter().find(|event| !operation(event) && event.actor.id != *own) {
            None => Ok(()),
            Some(event) => {
                let author = &event.actor.id;
                Err(Error::conflict(format!("event {} was made by {author}", event.id))
                    .cause(format!(
                        "only {author} may sync an event of kind {}, and you are {own}",
                        event.kind
                    ))
                    .hint(format!("ask {} to run the command", event.actor.label())))
            }
        }
    }

    /// Writes the commits of all events that are not recorded yet. They stay local until they are pushed.
    fn write_commits(&self, events: &[Event]) -> Result<(Vec<SyncOutcome>, Snapshot)> {
        let builder = self.event_builder()?;
        let (mut on, mut outcomes): (Snapshot, Vec<SyncOutcome>) = (self.snapshot().clone(), Vec::new());
        // An event is late if the remote has newer ones in its chain; those that this loop adds do not count.
        let mut late_chains: Vec<LateChain<'_>> = Vec::new();
        for event in events {
            let (package, environment) = (event.package.as_deref(), event.environment.as_deref());
            if self.is_recorded(event)? {
                outcomes.push(SyncOutcome::Already(event.clone()));
                continue;
            }
            let newest = on.newest(package, environment)?;
            let sequence = next_sequence(newest.as_ref())?;
            let known = late_chains.iter().find(|(of, at, _)| (*of, *at) == (package, environment));
            let late = match known {
                Some((_, _, late)) => *late,
                None => {
                    late_chains.push((package, environment, sequence != event.sequence));
                    sequence != event.sequence
                }
            };
            let mut event = clean_event(self.context, event.clone());
            // A line may say anything: only what is deployed or verified from now on counts for `from` and soak.
            event.what.unproven |= event.state.as_ref().is_some_and(State::is_usable);
            let event = Event {
                sequence,
                previous: newest.and_then(|_| on.tip()),
                synced: Some(Synced { at: builder.at, by: builder.actor.clone() }),
                late,
                ..event
            };
            on = self.commit(&event, &on)?;
            outcomes.push(SyncOutcome::Recorded(event));
        }
        Ok((outcomes, on))
    }

    /// Whether an event is in its chain already. Fetches older events where they are needed.
    fn is_recorded(&self, event: &Event) -> Result<bool> {
        self.chain_contains(event, &|previous| self.snapshot_at(previous).map(Some))
    }

    /// Whether an event is in its chain, as far as the chain is in the copy.
    pub(super) fn is_recorded_here(&self, event: &Event) -> Result<bool> {
        let here = |previous| self.store.has(previous);
        self.chain_contains(event, &|previous| here(previous).then(|| self.snapshot_at(previous)).transpose())
    }

    fn chain_contains(
        &self,
        event: &Event,
        earlier: &dyn Fn(CommitId) -> Result<Option<Snapshot>>,
    ) -> Result<bool> {
        let (package, environment) = (event.package.as_deref(), event.environment.as_deref());
        let mut at = Some(self.snapshot().clone());
        while let Some(here) = at.take() {
            let Some(newest) = here.newest(package, environment)? else { break };
            if newest.id == event.id {
                return Ok(true);
            }
            let recorded = newest.synced.as_ref().map_or(newest.at, |synced| synced.at);
            if recorded.seconds() + MAX_CLOCK_SKEW < event.at.seconds() {
                break;
            }
            at = newest.previous.map(earlier).transpose()?.flatten();
        }
        Ok(false)
    }

    /// Pushes the commits of events. `false` if somebody else was faster.
    fn push_events(&mut self, tip: CommitId) -> Result<bool> {
        let on = self.snapshot.tip();
        let outcome = self.store.push(on, tip);
        if outcome == FastForwardOutcome::Done {
            self.recorded(tip)?;
            return Ok(true);
        }
        self.refresh()?;
        if self.snapshot.tip().is_some_and(|newest| self.store.is_ancestor(tip, newest)) {
            return Ok(true);
        }
        match outcome {
            FastForwardOutcome::Failed(words) if self.snapshot.tip() == on => {
                Err(Error::unreachable(format!("{} rejected the events", self.store.remote.name))
                    .cause(words))
            }
            _ => Ok(false),
        }
    }
}
