//! Verifies the ledger: its history is linear, each commit records one event, and each state is what `fold` makes of the
//! events before it.

use super::snapshot::Snapshot;
use super::tree_layout::{EVENT_FILE, FORMAT_FILE, FileChange, Files};
use super::{Freshness, Ledger};
use crate::error::Result;
use crate::git::{Repo, Writer};
use crate::model::{CommitId, Event, EventId, EventKind, FORMAT, RepositoryIdentity};
use std::collections::{HashMap, HashSet};

/// Something that is wrong with one event.
#[derive(Clone, Debug)]
pub struct LedgerFault {
    /// The commit.
    pub commit: CommitId,
    /// Its event; `None` if it cannot be read.
    pub event: Option<EventId>,
    /// What is wrong.
    pub what: String,
}

/// The result of verifying the ledger.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// How many events the ledger has.
    pub events: usize,
    /// The tip.
    pub tip: Option<CommitId>,
    /// How many events have a kind that this program does not know: the states that they wrote are not verified.
    pub unknown: usize,
    /// What is wrong, oldest first.
    pub faults: Vec<LedgerFault>,
}

/// The package and the environment of a chain of events.
type ChainKey = (Option<String>, Option<String>);

/// What is remembered from one event to the next.
#[derive(Default)]
struct Verifier {
    ids: HashSet<EventId>,
    sequences: HashMap<ChainKey, u64>,
    identity: Option<RepositoryIdentity>,
    result: Verification,
}

impl Ledger<'_> {
    /// Verifies every event, from the first to the tip.
    ///
    /// # Errors
    ///
    /// 6 if older events are not here and cannot be fetched.
    pub fn verify(&self) -> Result<Verification> {
        let mut verifier = Verifier::default();
        verifier.result.tip = self.snapshot().tip();
        for (parents, commit) in self.commits()? {
            self.verify_commit(&mut verifier, &parents, commit)?;
        }
        Ok(verifier.result)
    }

    /// Calls `see` with every event, oldest first. Events that cannot be read are skipped; `verify` reports them.
    ///
    /// # Errors
    ///
    /// 6 if older events are not here and cannot be fetched.
    pub fn for_each_event(&self, see: &mut dyn FnMut(Event)) -> Result<()> {
        for (_, commit) in self.commits()? {
            if let Ok(Some(event)) = Snapshot::new(&self.store.repo, Some(commit))?.event() {
                see(event);
            }
        }
        Ok(())
    }

    /// Returns the newest events of the whole ledger, newest first, at most `max`. Deepens a shallow copy as far as needed.
    ///
    /// # Errors
    ///
    /// 6 if older events are not here and cannot be fetched.
    pub fn newest_events(&self, max: usize) -> Result<Vec<(CommitId, Event)>> {
        let (mut found, mut at) = (Vec::new(), self.snapshot().tip());
        while let Some(commit) = at.filter(|_| found.len() < max) {
            let snapshot = self.snapshot_at(commit)?;
            found.extend(snapshot.event()?.map(|event| (commit, event)));
            at = self.store.parent(commit);
        }
        Ok(found)
    }

    /// Returns all commits with their parents, oldest first.
    fn commits(&self) -> Result<Vec<(Vec<CommitId>, CommitId)>> {
        let store = &self.store;
        if store.repo.is_shallow() && !matches!(self.freshness(), Freshness::Copy(_)) {
            self.context.ui().detail("fetching all events");
            store.deepen(None)?;
        }
        let (mut commits, mut at) = (Vec::new(), self.snapshot().tip());
        while let Some(commit) = at {
            // A commit is only missing if the remote cannot be reached and the copy is shallow.
            let Some(here) = store.repo.raw_commit(commit) else { break };
            at = here.parents.first().copied();
            commits.push((here.parents, commit));
        }
        commits.reverse();
        Ok(commits)
    }

    fn verify_commit(&self, verifier: &mut Verifier, parents: &[CommitId], commit: CommitId) -> Result<()> {
        verifier.result.events += 1;
        let repo = &self.store.repo;
        let snapshot = Snapshot::new(repo, Some(commit))?;
        let event = snapshot.event();
        let id = event.as_ref().ok().and_then(|event| Some(event.as_ref()?.id.clone()));
        let mut faults: Vec<String> = Vec::new();
        if parents.len() > 1 {
            faults.push("it is a merge, and the history of a ledger is linear".to_owned());
        }
        match event {
            Err(error) => faults.extend([error.message, error.causes.join("; ")]),
            Ok(None) => faults.push(format!("it has no {EVENT_FILE}")),
            Ok(Some(event)) => match Snapshot::new(repo, parents.first().copied()) {
                Ok(before) => faults.extend(verifier.verify_event(&event, &before, &snapshot, repo)?),
                Err(_) => faults.push(
                    "the commit before it is missing here, so its changes cannot be verified".to_owned(),
                ),
            },
        }
        if let Err(error) = self.store.verify_signature(commit) {
            faults.push(format!("its signature is not accepted: {}", error.causes.join("; ")));
        }
        let fault = |what| LedgerFault { commit, event: id.clone(), what };
        verifier.result.faults.extend(faults.into_iter().filter(|what| !what.is_empty()).map(fault));
        Ok(())
    }
}

impl Verifier {
    /// Returns what is wrong with an event.
    fn verify_event(
        &mut self,
        event: &Event,
        before: &Snapshot,
        after: &Snapshot,
        repo: &Repo,
    ) -> Result<Vec<String>> {
        let mut faults = self.verify_place(event, before.tip());
        let unknown = matches!(event.kind, EventKind::Other(_)) || event.format > FORMAT;
        self.result.unknown += usize::from(unknown);
        let changes = match before.fold(event) {
            Ok(changes) => changes,
            Err(error) => {
                faults.push(error.message);
                return Ok(faults);
            }
        };
        // An event of an unknown kind may write anything into its own files, but must not change others.
        let changes = if unknown { as_written(changes, after)? } else { changes };
        let tree = Writer::new(repo).write_tree(before.tip(), &changes)?;
        if after.tree() != Some(tree) {
            let different = changes
                .iter()
                .find_map(|(path, text)| (after.read(path).ok()? != *text).then(|| path.clone()));
            faults.push(match different {
                Some(path) => format!("{path} does not match this event and those before it"),
                None => "it changes a file that has nothing to do with this event".to_owned(),
            });
        }
        Ok(faults)
    }

    /// Returns what is wrong with an event's id, repository, sequence number and previous tip.
    fn verify_place(&mut self, event: &Event, parent: Option<CommitId>) -> Vec<String> {
        let mut faults = Vec::new();
        if !self.ids.insert(event.id.clone()) {
            faults.push(format!("its id {} was used before", event.id));
        }
        let identity = self.identity.get_or_insert_with(|| event.repository.clone());
        if *identity != event.repository {
            faults.push(format!(
                "it is of repository {} ({}), and the ledger is of {} ({})",
                event.repository.name,
                event.repository.root.short(),
                identity.name,
                identity.root.short()
            ));
        }
        let key = (event.package.clone(), event.environment.clone());
        let last = self.sequences.insert(key, event.sequence).unwrap_or(0);
        if last.checked_add(1) != Some(event.sequence) {
            faults.push(format!("its sequence number is {}, after {last}", event.sequence));
        }
        let previous = (last > 0).then_some(parent).flatten();
        if event.previous != previous {
            faults.push("its `previous` is not the commit before it".to_owned());
        }
        faults
    }
}

/// Returns the same files, with the contents that they have in a snapshot.
fn as_written(changes: Vec<FileChange>, after: &Snapshot) -> Result<Vec<FileChange>> {
    let mut paths: Vec<String> = changes.into_iter().map(|(path, _)| path).collect();
    if !paths.iter().any(|path| path == FORMAT_FILE) {
        paths.push(FORMAT_FILE.to_owned());
    }
    paths.into_iter().map(|path| Ok((path.clone(), after.read(&path)?))).collect()
}
