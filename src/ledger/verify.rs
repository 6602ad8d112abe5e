//! Verifies the ledger: its history is linear, each commit records one event and says so, and each state is what `fold` makes
//! of the events before it. It goes on after a fault, so that one run names all of them.

use super::commit_message::commit_message;
use super::snapshot::Snapshot;
use super::tree_layout::{EVENT_FILE, FileChange, Files};
use super::{Freshness, Ledger, identity};
use crate::error::{Error, Result};
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
    /// How many events have a kind or a format that this program does not know.
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
        let tip = self.snapshot().tip();
        verifier.result.tip = tip;
        let history = self.commits()?;
        if let Some(commit) = history.missing {
            let what = "this commit is missing here, so what came before cannot be verified".to_owned();
            verifier.result.faults.push(LedgerFault { commit, event: None, what });
        }
        for (parents, commit) in &history.commits {
            self.verify_commit(&mut verifier, parents, *commit);
        }
        if let Some(tip) = tip {
            // An event that cannot be read was found above, and says nothing about its repository.
            let repository =
                identity::check_repository(self).err().filter(|_| self.snapshot().event().is_ok());
            let faults = self.store.check_descends(tip).err().into_iter().chain(repository);
            let fault = |error: Error| LedgerFault { commit: tip, event: None, what: in_one_line(&error) };
            verifier.result.faults.extend(faults.map(fault));
        }
        Ok(verifier.result)
    }

    /// Calls `see` with every event, oldest first. Events that cannot be read are skipped; `verify` reports them.
    ///
    /// # Errors
    ///
    /// 6 if older events are not here and cannot be fetched.
    pub fn for_each_event(&self, see: &mut dyn FnMut(Event)) -> Result<()> {
        for (_, commit) in self.commits()?.commits {
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

    /// Returns all commits with their parents.
    fn commits(&self) -> Result<History> {
        let store = &self.store;
        if store.repo.is_shallow() && !matches!(self.freshness(), Freshness::Copy(_)) {
            self.context.ui().detail("fetching all events");
            store.deepen(None)?;
        }
        let (mut commits, mut at, mut missing) = (Vec::new(), self.snapshot().tip(), None);
        while let Some(commit) = at {
            let Some(here) = store.repo.raw_commit(commit) else {
                missing = Some(commit);
                break;
            };
            at = here.parents.first().copied();
            commits.push((here.parents, commit));
        }
        commits.reverse();
        Ok(History { commits, missing })
    }

    /// Adds what is wrong with one commit.
    fn verify_commit(&self, verifier: &mut Verifier, parents: &[CommitId], commit: CommitId) {
        verifier.result.events += 1;
        let (mut id, mut faults) = (None, Vec::new());
        if parents.len() > 1 {
            faults.push("it is a merge, and the history of a ledger is linear".to_owned());
        }
        match self.event_of(commit) {
            Ok((event, snapshot)) => {
                id = Some(event.id.clone());
                faults.extend(verifier.verify_place(&event, parents.first().copied()));
                faults.extend(self.verify_message(&event, commit).err().map(|error| in_one_line(&error)));
                let before = Snapshot::new(&self.store.repo, parents.first().copied());
                let changes = before.map_err(|_| without_parent());
                let changes = changes
                    .and_then(|before| verifier.verify_changes(&event, &before, &snapshot, &self.store.repo));
                faults.extend(changes.err().map(|error| in_one_line(&error)));
            }
            Err(error) => faults.push(in_one_line(&error)),
        }
        if let Err(error) = self.store.verify_signature(commit) {
            faults.push(format!("its signature is not accepted: {}", error.causes.join("; ")));
        }
        let fault = |what| LedgerFault { commit, event: id.clone(), what };
        verifier.result.faults.extend(faults.into_iter().map(fault));
    }

    /// Returns the event that a commit records.
    fn event_of(&self, commit: CommitId) -> Result<(Event, Snapshot)> {
        let snapshot = Snapshot::new(&self.store.repo, Some(commit))?;
        match snapshot.event()? {
            Some(event) => Ok((event, snapshot)),
            None => Err(Error::conflict(format!("it has no {EVENT_FILE}"))),
        }
    }

    /// Checks that the message of a commit, which everybody reads with `git log`, is that of its event.
    fn verify_message(&self, event: &Event, commit: CommitId) -> Result<()> {
        if self.store.repo.message(commit)?.trim_end() == commit_message(event).trim_end() {
            return Ok(());
        }
        Err(Error::conflict("its commit message is not that of its event"))
    }
}

/// The commits of a ledger.
struct History {
    /// The commits with their parents, oldest first.
    commits: Vec<(Vec<CommitId>, CommitId)>,
    /// The commit below the oldest of them, if it is not here.
    missing: Option<CommitId>,
}

/// Returns the error for a commit whose parent is not here.
fn without_parent() -> Error {
    Error::conflict("the commit before it is missing here, so its changes cannot be verified")
}

/// Returns changes with the text of the files as they are in a snapshot, where that says the same: a newer version of rel
/// writes keys that this one does not know in another order.
fn as_written(changes: Vec<FileChange>, event: &Event, after: &Snapshot) -> Result<Vec<FileChange>> {
    // What has a key twice is not read at all.
    if let (Some(package), Some(environment)) = (&event.package, &event.environment) {
        after.environment(package, environment)?;
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let as_written = |(path, text): FileChange| {
        let written = after.read(&path)?;
        let same = text
            .as_deref()
            .and_then(json)
            .is_some_and(|value| written.as_deref().and_then(json) == Some(value));
        Ok((path, if same { written } else { text }))
    };
    changes.into_iter().map(as_written).collect()
}

/// Returns message and causes of an error.
fn in_one_line(error: &Error) -> String {
    let parts = std::iter::once(&error.message).chain(&error.causes);
    parts.map(String::as_str).collect::<Vec<_>>().join(": ")
}

impl Verifier {
    /// Checks that an event changed exactly what it had to change. One of an unknown kind changes nothing but its own record.
    fn verify_changes(
        &mut self,
        event: &Event,
        before: &Snapshot,
        after: &Snapshot,
        repo: &Repo,
    ) -> Result<()> {
        let unknown = matches!(event.kind, EventKind::Other(_)) || event.format > FORMAT;
        self.result.unknown += usize::from(unknown);
        if event.format > FORMAT {
            let format = event.format;
            return Err(Error::conflict(format!(
                "it has format {format}, which this version of rel cannot verify"
            )));
        }
        let changes = as_written(before.fold(event)?, event, after)?;
        if after.tree() == Some(Writer::new(repo).write_tree(before.tip(), &changes)?) {
            return Ok(());
        }
        let different =
            changes.iter().find_map(|(path, text)| (after.read(path).ok()? != *text).then(|| path.clone()));
        Err(Error::conflict(match different {
            Some(path) if unknown => {
                format!("{path} has more changes than its kind {}, which is unknown, may make", event.kind)
            }
            Some(path) => format!("{path} does not match this event and those before it"),
            None => "it changes a file that has nothing to do with this event".to_owned(),
        }))
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
