//! Sends what was kept while the remote was unreachable: with both times, late where somebody acted since, and never
//! twice. Leans on `append`, `past` and `pending`.

use super::snapshot::Snapshot;
use super::stamp::following;
use super::{Ledger, identity, pending};
use crate::error::{Error, Result};
use crate::git::Grown;
use crate::model::{CommitId, Event, EventKind, Synced};

/// So far before an event was made its chain is searched for it: the clocks of two machines differ.
const SKEW: i64 = 86_400;
/// So many lost races are run again.
const ATTEMPTS: u32 = 100;

/// What became of an event that was kept.
#[derive(Debug)]
pub enum Sent {
    /// It is recorded now.
    Recorded(Event),
    /// It was recorded before.
    Already(Event),
}

impl Ledger<'_> {
    /// Records these events and those that are kept here, oldest first.
    ///
    /// # Errors
    ///
    /// 6 where the remote is still away: everything stays kept. 5 where an event is of another repository.
    pub fn sync(&mut self, brought: &str) -> Result<Vec<Sent>> {
        let mut events = pending::read(brought)?;
        self.vouched(&events)?;
        events.extend(self.pending()?);
        events.sort_by(|one, other| one.id.cmp(&other.id));
        events.dedup_by(|one, other| one.id == other.id);
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let ours = identity::identity(self)?;
        if let Some(foreign) = events.iter().find(|event| event.repository != ours) {
            return Err(Error::conflict(format!("event {} is of another repository", foreign.id))
                .cause(format!("it is of {}, this is {}", foreign.repository.name, ours.name)));
        }
        for attempt in 0..ATTEMPTS {
            self.refresh()?;
            let (sent, on) = self.write_all(&events)?;
            let done = match on.tip() {
                Some(tip) if on.tip() != self.snapshot().tip() => self.send_tip(tip)?,
                _ => true,
            };
            if done {
                events.iter().try_for_each(|event| self.release(&event.id))?;
                return Ok(sent);
            }
            self.pause(attempt)?;
        }
        Err(Error::unreachable("the ledger is busy: every attempt was overtaken")
            .hint("rel sync tries again"))
    }

    /// A line may come from anywhere: what speaks for a person, as an approval does, is taken from that person alone.
    fn vouched(&self, brought: &[Event]) -> Result<()> {
        let own = &self.actor()?.id;
        let operation = |event: &Event| {
            matches!(event.kind, EventKind::Deploy | EventKind::Promote | EventKind::Rollback)
        };
        match brought.iter().find(|event| !operation(event) && event.actor.id != *own) {
            None => Ok(()),
            Some(event) => Err(Error::conflict(format!("event {} speaks for {}", event.id, event.actor.id))
                .cause(format!("a {} is taken from whoever it is by, and this is {own}", event.kind))
                .hint(format!("{} gives the command", event.actor.label()))),
        }
    }

    /// Writes the commits of all events that are not recorded yet, here alone.
    fn write_all(&self, events: &[Event]) -> Result<(Vec<Sent>, Snapshot)> {
        let stamp = self.stamp()?;
        let (mut on, mut sent): (Snapshot, Vec<Sent>) = (self.snapshot().clone(), Vec::new());
        // Whether somebody acted since is asked of what is there, not of what this very command adds.
        let mut late: Vec<(Option<&str>, Option<&str>, bool)> = Vec::new();
        for event in events {
            let (package, place) = (event.package.as_deref(), event.environment.as_deref());
            if self.recorded_before(event)? {
                sent.push(Sent::Already(event.clone()));
                continue;
            }
            let newest = on.newest(package, place)?;
            let sequence = following(newest.as_ref())?;
            let known = late.iter().find(|(of, at, _)| (*of, *at) == (package, place)).map(|known| known.2);
            let late_now = known.unwrap_or(sequence != event.sequence);
            if known.is_none() {
                late.push((package, place, late_now));
            }
            let event = Event {
                sequence,
                previous: newest.and_then(|_| on.tip()),
                synced: Some(Synced { at: stamp.at, by: stamp.actor.clone() }),
                late: late_now,
                ..stamp.cleaned(self.context, event.clone())
            };
            on = self.commit(&event, &on)?;
            sent.push(Sent::Recorded(event));
        }
        Ok((sent, on))
    }

    /// Whether an event is in its chain already.
    fn recorded_before(&self, event: &Event) -> Result<bool> {
        self.in_chain(event, &|previous| self.at(previous).map(Some))
    }

    /// The same, as far as the copy tells.
    pub(super) fn recorded_here(&self, event: &Event) -> Result<bool> {
        let here = |previous| self.store.repo.chained(previous).is_some();
        self.in_chain(event, &|previous| here(previous).then(|| self.at(previous)).transpose())
    }

    fn in_chain(
        &self,
        event: &Event,
        earlier: &dyn Fn(CommitId) -> Result<Option<Snapshot>>,
    ) -> Result<bool> {
        let (package, place) = (event.package.as_deref(), event.environment.as_deref());
        let mut at = Some(self.snapshot().clone());
        while let Some(here) = at.take() {
            let Some(newest) = here.newest(package, place)? else { break };
            if newest.id == event.id {
                return Ok(true);
            }
            let recorded = newest.synced.as_ref().map_or(newest.at, |synced| synced.at);
            if recorded.seconds() + SKEW < event.at.seconds() {
                break;
            }
            at = newest.previous.map(earlier).transpose()?.flatten();
        }
        Ok(false)
    }

    fn send_tip(&mut self, tip: CommitId) -> Result<bool> {
        let on = self.snapshot.tip();
        let grown = self.store.grow(on, tip);
        if grown == Grown::Done {
            self.recorded(tip)?;
            return Ok(true);
        }
        self.refresh()?;
        if self.snapshot.tip().is_some_and(|newest| self.store.below(newest, tip)) {
            return Ok(true);
        }
        match grown {
            Grown::Failed(words) if self.snapshot.tip() == on => {
                Err(Error::unreachable(format!("{} does not take the events", self.store.remote.name))
                    .cause(words))
            }
            _ => Ok(false),
        }
    }
}
