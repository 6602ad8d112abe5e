//! How events that could not be recorded at once follow a tip: in which order, under which number, and whether somebody
//! acted before they were recorded.

use super::Ledger;
use super::event_builder::{clean_event, next_sequence};
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::{CommitId, Event, EventId, Synced};

/// A pending event, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct PendingEvent {
    pub(super) event: Event,
    /// It was kept by this clone; otherwise it is part of a line from anywhere.
    pub(super) own: bool,
}

/// Where an event is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// In the copy, without the remote.
    Copy,
    /// In the whole chain; older events are fetched.
    Chain,
}

/// Records events one after the other, each on the state after the one before.
pub(super) struct SyncedEvents {
    synced: Synced,
    /// Chains that were seen, each with the source of its events, and whether those are late.
    chains: Vec<(ChainKey, bool)>,
}

/// The package and the environment of a chain, and whether its pending events are this clone's own.
type ChainKey = (Option<String>, Option<String>, bool);

impl SyncedEvents {
    pub(super) fn new(synced: Synced) -> Self {
        SyncedEvents { synced, chains: Vec::new() }
    }

    /// Returns a pending event as it is recorded on a snapshot. It is late if somebody else acted since it happened; events
    /// that were recorded by this value do not count.
    ///
    /// # Errors
    ///
    /// Those of [`next_sequence`].
    pub(super) fn next(
        &mut self,
        ledger: &Ledger<'_>,
        pending: &PendingEvent,
        on: &Snapshot,
    ) -> Result<Event> {
        let event = &pending.event;
        let newest = on.newest(event.package.as_deref(), event.environment.as_deref())?;
        let sequence = next_sequence(newest.as_ref())?;
        let key = (event.package.clone(), event.environment.clone(), pending.own);
        let known = self.chains.iter().find(|(known, _)| *known == key).map(|(_, late)| *late);
        let late = known.unwrap_or(sequence != event.sequence);
        if known.is_none() {
            self.chains.push((key, late));
        }
        let mut event = clean_event(ledger.context, event.clone());
        // A line may say anything, and so may a file: only what is deployed or verified from now on counts for `from` and soak.
        event.what.unproven = true;
        Ok(Event {
            sequence,
            previous: newest.and_then(|_| on.tip()),
            synced: Some(self.synced.clone()),
            late,
            ..event
        })
    }
}

/// Returns events in the order in which they are recorded. Clocks step, so they decide nothing: lines keep their order, the
/// events of this clone follow their sequence numbers, and the start of an operation always comes before its end.
pub(super) fn in_order(lines: Vec<Event>, mut own: Vec<Event>) -> Vec<PendingEvent> {
    own.sort_by_key(|event| event.sequence);
    let of_clone: Vec<EventId> = own.iter().map(|event| event.id.clone()).collect();
    let mut seen: Vec<EventId> = Vec::new();
    let lines = lines.into_iter().filter(|event| {
        let first = !of_clone.contains(&event.id) && !seen.contains(&event.id);
        seen.push(event.id.clone());
        first
    });
    let mut ordered = starts_first(lines.map(|event| PendingEvent { event, own: false }).collect());
    ordered.extend(starts_first(own.into_iter().map(|event| PendingEvent { event, own: true }).collect()));
    ordered
}

fn starts_first(mut events: Vec<PendingEvent>) -> Vec<PendingEvent> {
    let mut ordered = Vec::new();
    while !events.is_empty() {
        let next = events.remove(0);
        let operation = next.event.operation.as_ref();
        let start = operation.and_then(|id| events.iter().position(|other| other.event.id == *id));
        ordered.extend(start.map(|position| events.remove(position)));
        ordered.push(next);
    }
    ordered
}

impl Ledger<'_> {
    /// Returns the snapshot with the pending events of this clone, as they would be recorded now.
    pub(super) fn with_own_pending(&self) -> Result<Snapshot> {
        let mut snapshot = self.snapshot.without_pending();
        let own = self.pending()?;
        let Some(first) = own.first() else { return Ok(snapshot) };
        let mut recorded = SyncedEvents::new(Synced { at: self.context.now()?, by: first.actor.clone() });
        for pending in in_order(Vec::new(), own) {
            if !self.is_recorded(&pending, Search::Copy)? {
                let event = recorded.next(self, &pending, &snapshot)?;
                snapshot = snapshot.with_pending(pending.event, &event)?;
            }
        }
        Ok(snapshot)
    }

    /// Whether an event is in its chain already.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::snapshot_at`].
    pub(super) fn is_recorded(&self, pending: &PendingEvent, search: Search) -> Result<bool> {
        // What this clone kept is newer than the tip on which it was made.
        let since = pending.event.previous.filter(|_| pending.own);
        let same = |recorded: &Event| recorded.id == pending.event.id;
        Ok(self.find_in_chain(&pending.event, search, since, &same)?.is_some())
    }

    /// Returns the newest event that `is` accepts from the chain of `event`, without those that are older than the tip `since`.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::snapshot_at`].
    pub(super) fn find_in_chain(
        &self,
        event: &Event,
        search: Search,
        since: Option<CommitId>,
        is: &dyn Fn(&Event) -> bool,
    ) -> Result<Option<Event>> {
        let (package, environment) = (event.package.as_deref(), event.environment.as_deref());
        let mut here = self.snapshot.without_pending();
        let above = |tip: CommitId, since: CommitId| self.store.is_ancestor(since, tip);
        let since = since.filter(|since| here.tip().is_some_and(|tip| above(tip, *since)));
        while since.is_none() || here.tip() != since {
            let Some(newest) = here.newest(package, environment)? else { break };
            if is(&newest) {
                return Ok(Some(newest));
            }
            let Some(previous) = newest.previous else { break };
            // What is above `since` is here: older events are not fetched for it.
            let fetched = search == Search::Copy || since.is_some();
            if (fetched && !self.store.has(previous)) || since.is_some_and(|since| !above(previous, since)) {
                break;
            }
            here = self.snapshot_at(previous)?;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::in_order;
    use crate::model::{Event, EventId};
    use serde_json::json;

    fn event(number: u128, sequence: u64, operation: Option<u128>) -> Event {
        let id = |number| EventId::new(0, number).to_string();
        serde_json::from_value(json!({
            "format": 1, "id": id(number), "sequence": sequence, "kind": "rollback", "host": "laptop",
            "repository": { "name": "shop", "root": "0".repeat(40) }, "actor": { "id": "ada@acme.example" },
            "at": "2026-11-20T12:00:00Z", "operation": operation.map(id),
        }))
        .unwrap()
    }

    #[test]
    fn starts_come_before_their_ends_whatever_the_ids_say() {
        let (start, end) = (event(9, 5, None), event(1, 6, Some(9)));
        let (later, its_end) = (event(3, 7, None), event(2, 8, Some(3)));
        let ids = |events: &[super::PendingEvent]| -> Vec<(u64, bool)> {
            events.iter().map(|pending| (pending.event.sequence, pending.own)).collect()
        };
        let own = vec![end.clone(), its_end.clone(), later.clone(), start.clone()];
        let expected = [(5, true), (6, true), (7, true), (8, true)];
        assert_eq!(ids(&in_order(Vec::new(), own)), expected);
        // Lines keep their order; what this clone has too is its own.
        let lines = vec![end.clone(), start.clone(), start, its_end];
        assert_eq!(ids(&in_order(lines, vec![later])), [(5, false), (6, false), (8, false), (7, true)]);
    }
}
