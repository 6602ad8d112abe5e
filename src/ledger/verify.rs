//! Proves the ledger: every commit is a link of one chain, records one event, and changes exactly what that event does.
//! Leans on `fold`, `snapshot` and `store`.

use super::layout::{EVENT_FILE, FORMAT_FILE, FileChange, Files};
use super::snapshot::Snapshot;
use super::{Freshness, Ledger};
use crate::error::Result;
use crate::model::{CommitId, Event, EventId, EventKind, FORMAT, RepositoryIdentity};
use std::collections::{HashMap, HashSet};

/// What is wrong with one event.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The commit.
    pub commit: CommitId,
    /// Its event, where it can be read.
    pub event: Option<EventId>,
    /// What is wrong.
    pub what: String,
}

/// What was proven.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// How many events there are.
    pub events: usize,
    /// The tip.
    pub tip: Option<CommitId>,
    /// Events of kinds that this program does not know: what they do is not proven.
    pub unknown: usize,
    /// What is wrong, oldest first.
    pub faults: Vec<Fault>,
}

/// A chain of events, by package and environment.
type ChainName = (Option<String>, Option<String>);

/// What is remembered while the ledger is walked.
#[derive(Default)]
struct Walk {
    ids: HashSet<EventId>,
    chains: HashMap<ChainName, u64>,
    identity: Option<RepositoryIdentity>,
    proof: Proof,
}

impl Ledger<'_> {
    /// Walks the whole ledger, from its first event to its tip.
    ///
    /// # Errors
    ///
    /// 6 where older events are not here and cannot be fetched.
    pub fn verify(&self) -> Result<Proof> {
        let mut walk = Walk::default();
        walk.proof.tip = self.snapshot().tip();
        for (parents, commit) in self.links()? {
            self.link(&mut walk, &parents, commit)?;
        }
        Ok(walk.proof)
    }

    /// Every event, oldest first, each given to `see`. What cannot be read is passed over; `verify` tells of it.
    pub fn each(&self, see: &mut dyn FnMut(CommitId, Event)) -> Result<()> {
        for (_, commit) in self.links()? {
            if let Ok(Some(event)) = Snapshot::new(&self.store.repo, Some(commit))?.event() {
                see(commit, event);
            }
        }
        Ok(())
    }

    /// The newest events of the whole ledger, newest first, at most `most`; a shallow copy is deepened as far as that
    /// takes.
    pub fn newest_events(&self, most: usize) -> Result<Vec<(CommitId, Event)>> {
        let (mut found, mut at) = (Vec::new(), self.snapshot().tip());
        while let Some(commit) = at.filter(|_| found.len() < most) {
            let snapshot = self.at(commit)?;
            found.extend(snapshot.event()?.map(|event| (commit, event)));
            at = self.store.repo.chained(commit).and_then(|here| here.parents.first().copied());
        }
        Ok(found)
    }

    /// All commits with their parents, oldest first.
    fn links(&self) -> Result<Vec<(Vec<CommitId>, CommitId)>> {
        let store = &self.store;
        if store.repo.is_shallow() && !matches!(self.freshness(), Freshness::Copy(_)) {
            self.context.ui().detail("fetching all events");
            store.deepen(None)?;
        }
        let (mut links, mut at) = (Vec::new(), self.snapshot().tip());
        while let Some(commit) = at {
            let parents = match store.repo.chained(commit) {
                Some(here) => here.parents,
                // Only where the remote is away and the copy is shallow.
                None => break,
            };
            at = parents.first().copied();
            links.push((parents, commit));
        }
        links.reverse();
        Ok(links)
    }

    fn link(&self, walk: &mut Walk, parents: &[CommitId], commit: CommitId) -> Result<()> {
        walk.proof.events += 1;
        let snapshot = Snapshot::new(&self.store.repo, Some(commit))?;
        let read = snapshot.event();
        let id = read.as_ref().ok().and_then(|event| Some(event.as_ref()?.id.clone()));
        let mut faults: Vec<String> = Vec::new();
        if parents.len() > 1 {
            faults.push("it is a merge: a ledger is one chain".to_owned());
        }
        match read {
            Err(error) => faults.extend([error.message, error.causes.join("; ")]),
            Ok(None) => faults.push(format!("it has no {EVENT_FILE}")),
            Ok(Some(event)) => {
                let before = Snapshot::new(&self.store.repo, parents.first().copied());
                match before {
                    Ok(before) => faults.extend(walk.event(&event, &before, &snapshot, &self.store.repo)?),
                    Err(_) => faults
                        .push("the event before it is not here, so what it did is not proven".to_owned()),
                }
            }
        }
        if let Err(error) = self.store.believe(commit) {
            faults.push(format!("its signature is not believed: {}", error.causes.join("; ")));
        }
        let fault = |what| Fault { commit, event: id.clone(), what };
        walk.proof.faults.extend(faults.into_iter().filter(|what| !what.is_empty()).map(fault));
        Ok(())
    }
}

impl Walk {
    fn event(
        &mut self,
        event: &Event,
        before: &Snapshot,
        after: &Snapshot,
        repo: &crate::git::Repo,
    ) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        if !self.ids.insert(event.id.clone()) {
            faults.push(format!("its id {} was there before", event.id));
        }
        let identity = self.identity.get_or_insert_with(|| event.repository.clone());
        if *identity != event.repository {
            faults.push(format!(
                "it is of repository {} ({}), the ledger is of {} ({})",
                event.repository.name,
                event.repository.root.short(),
                identity.name,
                identity.root.short()
            ));
        }
        let chain = (event.package.clone(), event.environment.clone());
        let last = self.chains.insert(chain, event.sequence).unwrap_or(0);
        if last.checked_add(1) != Some(event.sequence) {
            faults.push(format!("its number is {}, after {last}", event.sequence));
        }
        let built_on = (last > 0).then(|| before.tip()).flatten();
        if event.previous != built_on {
            faults.push("it does not name the tip that it was built on".to_owned());
        }
        let unknown = matches!(event.kind, EventKind::Other(_)) || event.format > FORMAT;
        self.proof.unknown += usize::from(unknown);
        let changes = match before.fold(event) {
            Ok(changes) => changes,
            Err(error) => {
                faults.push(error.message);
                return Ok(faults);
            }
        };
        // What an unknown event makes of its own chain is its affair; other files it leaves alone.
        let changes = if unknown { as_they_are(changes, after)? } else { changes };
        let tree = repo.tree_with(before.tip(), &changes)?;
        if after.tree() != Some(tree) {
            let differs = changes
                .iter()
                .find_map(|(path, text)| (after.read(path).ok()? != *text).then(|| path.clone()));
            faults.push(match differs {
                Some(path) => format!("{path} is not what this event makes of it"),
                None => "it changes a file that this event does not touch".to_owned(),
            });
        }
        Ok(faults)
    }
}

/// The same files, with what a snapshot holds in them.
fn as_they_are(changes: Vec<FileChange>, after: &Snapshot) -> Result<Vec<FileChange>> {
    let mut paths: Vec<String> = changes.into_iter().map(|(path, _)| path).collect();
    if !paths.iter().any(|path| path == FORMAT_FILE) {
        paths.push(FORMAT_FILE.to_owned());
    }
    paths.into_iter().map(|path| Ok((path.clone(), after.read(&path)?))).collect()
}
