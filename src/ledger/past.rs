//! The past of one environment: from event to event, each state naming the tip that it was built on, without reading what
//! lies between. Leans on `snapshot` and `store`.

use super::Ledger;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::model::{CommitId, Event};

/// So many events are fetched one by one: far apart in a large ledger, they are cheaper than what lies between.
const FEW: usize = 50;
/// A shallow copy is made this much deeper at each step, then whole.
const STEPS: [u32; 3] = [200, 2_000, 20_000];

impl Ledger<'_> {
    /// The events of a package in an environment, those of the whole environment and of everything among them; newest
    /// first, at most `most`.
    pub fn history(&self, package: &str, environment: &str, most: usize) -> Result<Vec<Event>> {
        let chains = [(Some(package), Some(environment)), (None, Some(environment)), (None, None)];
        let mut oldest_first = Vec::new();
        for (package, environment) in chains {
            let mut chain = self.chain(package, environment, most)?;
            chain.reverse();
            oldest_first.push(chain);
        }
        let mut events = Vec::new();
        while events.len() < most {
            // Within a chain its order holds, whatever the clocks said; between chains there is only the time.
            let newest =
                oldest_first.iter_mut().max_by_key(|chain| chain.last().map(|event| event.id.clone()));
            match newest.and_then(Vec::pop) {
                Some(event) => events.push(event),
                None => break,
            }
        }
        Ok(events)
    }

    /// The events of one chain, newest first.
    pub fn chain(&self, package: Option<&str>, environment: Option<&str>, most: usize) -> Result<Vec<Event>> {
        let same = |event: &&Event| {
            (event.package.as_deref(), event.environment.as_deref()) == (package, environment)
        };
        let waiting = self.snapshot.waiting().iter().rev().filter(same);
        let mut events: Vec<Event> = waiting.take(most).cloned().collect();
        let mut at = Some(self.snapshot.recorded());
        while let Some(here) = at.take().filter(|_| events.len() < most) {
            let Some(event) = here.newest(package, environment)? else { break };
            if let Some(previous) = event.previous {
                at = Some(self.fetched(previous, most <= FEW)?);
            }
            events.push(event);
        }
        Ok(events)
    }

    /// What an earlier tip said; older history is fetched where it is not here.
    pub fn at(&self, commit: CommitId) -> Result<Snapshot> {
        self.fetched(commit, false)
    }

    /// The same. `alone`: of a shallow copy that commit alone is fetched first, and all that lies between only from a server
    /// that gives no single commits.
    fn fetched(&self, commit: CommitId, alone: bool) -> Result<Snapshot> {
        let store = &self.store;
        if alone && store.repo.chained(commit).is_none() {
            // Where it is refused, the steps below find it.
            store.bring_one(commit).unwrap_or_else(|error| self.context.ui().detail(error.message));
        }
        for step in STEPS.map(Some).into_iter().chain([None]) {
            if store.repo.chained(commit).is_some() {
                break;
            }
            self.context.ui().detail("fetching older events");
            store.deepen(step)?;
        }
        if store.repo.chained(commit).is_none() {
            return Err(Error::conflict(format!(
                "the ledger names {}, which is not part of it",
                commit.short()
            ))
            .hint("`rel ledger verify` shows all faults"));
        }
        Snapshot::new(&store.repo, Some(commit))
    }
}
