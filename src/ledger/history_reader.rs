//! Reads the history of one environment from event to event, without the events of other environments between them: each
//! event names the tip that it was built on, and the state file in that tip's tree holds the event before it.

use super::Ledger;
use super::snapshot::Snapshot;
use super::store::DEEPEN_STEPS;
use crate::error::{Error, Result};
use crate::model::{CommitId, Event, EventId};
use std::collections::HashSet;

/// Up to this many events, a shallow copy fetches the commits one by one: in a large ledger that is cheaper than fetching
/// everything between them.
const MAX_SINGLE_FETCHES: usize = 50;

impl Ledger<'_> {
    /// Returns the operations of a package in an environment, newest first, at most `max`. An operation that ended is only
    /// there with the event of its end.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::snapshot_at`].
    pub fn operations(&self, package: &str, environment: &str, max: usize) -> Result<Vec<Event>> {
        // An operation has at most two events.
        let mut events = self.history(package, environment, max.saturating_mul(2).saturating_add(1))?;
        let ended: HashSet<EventId> = events.iter().filter_map(|event| event.operation.clone()).collect();
        events.retain(|event| !(event.is_start() && ended.contains(&event.id)));
        events.truncate(max);
        Ok(events)
    }

    /// Returns the events of a package in an environment, together with those of the whole environment and of everything;
    /// newest first, at most `max`.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::snapshot_at`].
    pub fn history(&self, package: &str, environment: &str, max: usize) -> Result<Vec<Event>> {
        let chains = [(Some(package), Some(environment)), (None, Some(environment)), (None, None)];
        let mut oldest_first = Vec::new();
        for (package, environment) in chains {
            let mut chain = self.chain(package, environment, max)?;
            chain.reverse();
            oldest_first.push(chain);
        }
        let mut events = Vec::new();
        while events.len() < max {
            // Events of one chain keep their order, whatever the clocks said; those of different chains are ordered by time.
            let newest =
                oldest_first.iter_mut().max_by_key(|chain| chain.last().map(|event| event.id.clone()));
            match newest.and_then(Vec::pop) {
                Some(event) => events.push(event),
                None => break,
            }
        }
        Ok(events)
    }

    /// Returns the events of one chain, newest first, at most `max`.
    fn chain(&self, package: Option<&str>, environment: Option<&str>, max: usize) -> Result<Vec<Event>> {
        let same = |event: &&Event| {
            (event.package.as_deref(), event.environment.as_deref()) == (package, environment)
        };
        let pending = self.snapshot.pending_events().iter().rev().filter(same);
        let mut events: Vec<Event> = pending.take(max).cloned().collect();
        let mut at = Some(self.snapshot.without_pending());
        while let Some(here) = at.take().filter(|_| events.len() < max) {
            let Some(event) = here.newest(package, environment)? else { break };
            if let Some(previous) = event.previous {
                if max <= MAX_SINGLE_FETCHES {
                    self.fetch_single(previous);
                }
                at = Some(self.snapshot_at(previous)?);
            }
            events.push(event);
        }
        Ok(events)
    }

    /// Returns the ledger as it was at an earlier tip. Fetches older events if that commit is not here.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached; 5 if the commit is not part of the ledger.
    pub(super) fn snapshot_at(&self, commit: CommitId) -> Result<Snapshot> {
        let store = &self.store;
        for step in DEEPEN_STEPS.map(Some).into_iter().chain([None]) {
            if store.has(commit) {
                break;
            }
            self.context.ui().detail("fetching older events");
            store.deepen(step)?;
        }
        if !store.has(commit) {
            return Err(Error::conflict(format!(
                "the ledger refers to commit {}, which is not part of it",
                commit.short()
            ))
            .hint("rel ledger verify   # shows everything that is wrong"));
        }
        if !store.repo.is_readable(commit) {
            self.context.ui().warning("the copy of the ledger is damaged; fetching it again");
            store.fetch_again()?;
        }
        Snapshot::new(&store.repo, Some(commit))
    }

    /// Fetches one commit if it is not here. A server that gives no single commits is no error: `snapshot_at` then fetches
    /// everything up to it.
    fn fetch_single(&self, commit: CommitId) {
        if !self.store.has(commit) {
            let fetched = self.store.fetch_commit(commit);
            fetched.unwrap_or_else(|error| self.context.ui().detail(error.message));
        }
    }
}
