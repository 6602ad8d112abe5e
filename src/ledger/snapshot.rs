//! The ledger at one tip: answers every question but history, without the remote.

use super::fold::{self, fold};
use super::tree_layout::{
    EVENT_FILE, FORMAT_FILE, FileChange, Files, bad_file, chain_file, global_file, read_json, state_file,
};
use crate::error::{Error, Kind, Result};
use crate::git::{Repo, TreeId};
use crate::model::{
    BadBuild, CommitId, EnvironmentState, EnvironmentSummary, Event, FORMAT, Freeze, GlobalState, Hold, Pin,
    Release, Timestamp,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The ledger at one tip. Cheap to clone.
#[derive(Clone)]
pub struct Snapshot {
    repo: Rc<Repo>,
    tip: Option<(CommitId, TreeId)>,
    pending: Rc<PendingEvents>,
}

/// Events that are not recorded yet, and the files of the tip that they change.
#[derive(Clone, Default)]
struct PendingEvents {
    events: Vec<Event>,
    files: BTreeMap<String, Option<String>>,
}

/// The holds and freezes that apply to a package in an environment: its own, those of the whole environment, and those of
/// everything.
#[derive(Clone, Debug, Default)]
pub struct Restrictions {
    /// The holds; the package's own one first.
    pub holds: Vec<Hold>,
    /// The freezes; some may be over.
    pub freezes: Vec<Freeze>,
}

impl Restrictions {
    /// Returns the freezes that are not over.
    pub fn frozen(&self, now: Timestamp) -> impl Iterator<Item = &Freeze> {
        self.freezes.iter().filter(move |freeze| freeze.lasts(now))
    }
}

/// The newest event in the file of any chain.
#[derive(Deserialize)]
struct Newest {
    newest: Event,
}

impl Snapshot {
    /// The ledger at a tip; `None` for a ledger without any event.
    ///
    /// # Errors
    ///
    /// 5 if the commit is not here.
    pub(super) fn new(repo: &Rc<Repo>, tip: Option<CommitId>) -> Result<Self> {
        let lost = |tip: CommitId| {
            Error::new(Kind::Conflict, format!("commit {} of the ledger is not in this clone", tip.short()))
                .hint("rel ledger verify   # fetches what is missing")
        };
        let tip = match tip {
            Some(tip) => Some((tip, repo.raw_commit(tip).ok_or_else(|| lost(tip))?.tree)),
            None => None,
        };
        Ok(Snapshot { repo: Rc::clone(repo), tip, pending: Rc::default() })
    }

    /// Adds a pending event: the snapshot then shows the state after it. `recorded` is the event as it would be recorded.
    ///
    /// # Errors
    ///
    /// 5 if a file of the ledger cannot be parsed.
    pub(super) fn with_pending(&self, event: Event, recorded: &Event) -> Result<Self> {
        let mut changes = fold(recorded, &Readable(self))?;
        // The event of the tip stays that of the tip.
        changes.retain(|(path, _)| path != EVENT_FILE);
        let mut pending = (*self.pending).clone();
        pending.files.extend(changes);
        pending.events.push(event);
        Ok(Snapshot { pending: Rc::new(pending), ..self.clone() })
    }

    /// Returns the snapshot without pending events.
    pub(super) fn without_pending(&self) -> Self {
        Snapshot { pending: Rc::default(), ..self.clone() }
    }

    /// The pending events that were added, oldest first.
    pub fn pending_events(&self) -> &[Event] {
        &self.pending.events
    }

    /// Returns how many pending events concern a package in an environment.
    pub fn count_pending(&self, package: &str, environment: &str) -> usize {
        let about = |named: &Option<String>, this: &str| named.as_deref().is_none_or(|named| named == this);
        self.pending_events()
            .iter()
            .filter(|event| about(&event.package, package) && about(&event.environment, environment))
            .count()
    }

    /// Returns the files that differ from the tip's tree after an event, with those that pending events change.
    pub(super) fn changes(&self, event: &Event) -> Result<Vec<FileChange>> {
        let mut changes = self.pending.files.clone();
        changes.extend(self.fold(event)?);
        Ok(changes.into_iter().collect())
    }

    /// The tip; `None` if nothing was ever recorded.
    pub fn tip(&self) -> Option<CommitId> {
        self.tip.map(|(tip, _)| tip)
    }

    /// Its tree.
    pub(super) fn tree(&self) -> Option<TreeId> {
        self.tip.map(|(_, tree)| tree)
    }

    /// Returns the format of the tree.
    ///
    /// # Errors
    ///
    /// 5 if the file that says it is not a number.
    pub fn format(&self) -> Result<u32> {
        let Some(text) = self.read(FORMAT_FILE)? else { return Ok(FORMAT) };
        let fault = || {
            Error::new(Kind::Conflict, "the format of the ledger is not a number")
                .cause(format!("{FORMAT_FILE} holds {:?}", text.trim()))
        };
        text.trim().parse().map_err(|_| fault())
    }

    /// Returns what every tip of a ledger has and this one lacks, as the end of a sentence; `None` if it is a ledger.
    ///
    /// # Errors
    ///
    /// 4 if a file cannot be read.
    pub(super) fn missing_of_a_ledger(&self) -> Result<Option<String>> {
        if self.tip.is_some() && self.read(FORMAT_FILE)?.is_none() {
            return Ok(Some(format!("has no file {FORMAT_FILE}")));
        }
        let Some(text) = self.read(EVENT_FILE)? else {
            return Ok(self.tip.map(|_| format!("has no file {EVENT_FILE}")));
        };
        let Ok(format) = self.format() else { return Ok(Some(format!("has no number in {FORMAT_FILE}"))) };
        let event: Event = match serde_json::from_str(&text) {
            Ok(event) => event,
            Err(error) => return Ok(Some(format!("has no event in {EVENT_FILE}: {error}"))),
        };
        let (package, environment) = (event.package.as_deref(), event.environment.as_deref());
        let newest = self.newest(package, environment)?;
        // A newer format may keep its states elsewhere.
        if format <= FORMAT && newest.is_none_or(|newest| newest.id != event.id) {
            let chain = chain_file(package, environment);
            return Ok(Some(format!("does not record the event of {EVENT_FILE} in {chain}")));
        }
        Ok(None)
    }

    /// Returns the event that the tip records.
    pub fn event(&self) -> Result<Option<Event>> {
        read_json(self, EVENT_FILE)
    }

    /// Returns the state of a package in an environment; `None` if nothing ever happened there.
    pub fn environment(&self, package: &str, environment: &str) -> Result<Option<EnvironmentState>> {
        read_json(self, &state_file(package, environment))
    }

    /// Returns the holds and freezes of a whole environment; of everything if none is named.
    pub fn global_state(&self, environment: Option<&str>) -> Result<Option<GlobalState>> {
        read_json(self, &global_file(environment))
    }

    /// Returns a part of the state that is cheap to read, for screens of many environments.
    pub fn summary(&self, package: &str, environment: &str) -> Result<Option<EnvironmentSummary>> {
        read_json(self, &state_file(package, environment))
    }

    /// Returns the holds and freezes of a package in an environment.
    pub fn restrictions(&self, package: &str, environment: &str) -> Result<Restrictions> {
        self.restrictions_of(self.summary(package, environment)?.as_ref(), environment)
    }

    /// Returns the same if the package's own state was read before.
    pub fn restrictions_of(
        &self,
        own: Option<&EnvironmentSummary>,
        environment: &str,
    ) -> Result<Restrictions> {
        let mut restrictions = Restrictions::default();
        if let Some(own) = own {
            restrictions.holds.extend(own.hold.clone());
            restrictions.freezes.extend(own.freeze.clone());
        }
        for whole in [self.global_state(Some(environment))?, self.global_state(None)?].into_iter().flatten() {
            restrictions.holds.extend(whole.hold);
            restrictions.freezes.extend(whole.freeze);
        }
        Ok(restrictions)
    }

    /// Returns the mark of a bad build: by its build commit, or by all of its digests.
    pub fn bad_build(&self, package: &str, pin: &Pin) -> Result<Option<BadBuild>> {
        if let Some(mark) = read_json(self, &bad_file(package, pin.commit))? {
            return Ok(Some(mark));
        }
        let marks = self.bad_builds(package)?;
        Ok(marks.into_iter().find(|mark| mark.release.pin.same_commit_or_all_digests(pin)))
    }

    /// Returns every build of a package that is marked bad.
    pub fn bad_builds(&self, package: &str) -> Result<Vec<BadBuild>> {
        Ok(fold::bad_builds(package, self)?.into_iter().map(|(_, mark)| mark).collect())
    }

    /// Returns every package and environment in which something happened, sorted by name.
    pub fn environments(&self) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        for package in self.list("state")? {
            for file in self.list(&format!("state/{package}"))? {
                let environment = file.strip_suffix(".json").unwrap_or(&file);
                found.push((package.clone(), environment.to_owned()));
            }
        }
        Ok(found)
    }

    /// Returns a release of a package that is recorded: it runs or was healthy in some environment, or is marked bad.
    pub fn find_release(&self, package: &str, is: impl Fn(&Release) -> bool) -> Result<Option<Release>> {
        for (_, environment) in self.environments()?.iter().filter(|(name, _)| name == package) {
            let Some(state) = self.environment(package, environment)? else { continue };
            let running = state.running.iter().map(|running| &running.release);
            let mut all = running.chain(state.healthy.iter().map(|healthy| &healthy.release));
            if let Some(release) = all.find(|release| is(release)) {
                return Ok(Some(release.clone()));
            }
        }
        Ok(self.bad_builds(package)?.into_iter().map(|mark| mark.release).find(|release| is(release)))
    }

    /// Returns the newest event of a chain: of a package in an environment, of a whole environment (no package), of
    /// everything (neither), or of a package's bad marks (no environment).
    pub fn newest(&self, package: Option<&str>, environment: Option<&str>) -> Result<Option<Event>> {
        let newest: Option<Newest> = read_json(self, &chain_file(package, environment))?;
        Ok(newest.map(|found| found.newest))
    }

    /// Returns the files that an event changes in this tree.
    pub fn fold(&self, event: &Event) -> Result<Vec<FileChange>> {
        fold(event, self)
    }
}

/// A snapshot as far as it can be read here: a damaged file counts as absent. Only what is shown until an event is recorded
/// is made of it.
struct Readable<'s>(&'s Snapshot);

impl Files for Readable<'_> {
    fn read(&self, path: &str) -> Result<Option<String>> {
        let damaged = |error: Error| if error.kind == Kind::Refused { Ok(None) } else { Err(error) };
        self.0.read(path).or_else(damaged)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>> {
        self.0.list(folder)
    }
}

impl Files for Snapshot {
    fn read(&self, path: &str) -> Result<Option<String>> {
        if let Some(text) = self.pending.files.get(path) {
            return Ok(text.clone());
        }
        match self.tip {
            Some((_, tree)) => self.repo.file_in_tree(tree, path),
            None => Ok(None),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>> {
        let names = match self.tip {
            Some((_, tree)) => self.repo.names_in_tree(tree, folder)?,
            None => Vec::new(),
        };
        let within = |path: &str| {
            let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
            Some(rest.split('/').next().unwrap_or(rest).to_owned())
        };
        let mut names: BTreeSet<String> = names.into_iter().collect();
        for (path, text) in &self.pending.files {
            match (within(path), text) {
                (Some(name), Some(_)) => drop(names.insert(name)),
                // Only bad marks are deleted, and they are files.
                (Some(name), None) => drop(names.remove(&name)),
                (None, _) => {}
            }
        }
        Ok(names.into_iter().collect())
    }
}
