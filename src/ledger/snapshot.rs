//! What one tip of the ledger says: the answer to every question but history. Leans on `git`, `layout` and `fold`.

use super::fold::{self, fold};
use super::layout::{self, FORMAT_FILE, FileChange, Files};
use crate::error::{Error, Kind, Result};
use crate::git::{Repo, TreeId};
use crate::model::{
    BadBuild, CommitId, EnvironmentState, EnvironmentSummary, Event, FORMAT, Freeze, GlobalState, Hold, Pin,
    Release, Timestamp,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a tip says. Cheap to copy.
#[derive(Clone)]
pub struct Snapshot {
    repo: Rc<Repo>,
    tip: Option<(CommitId, TreeId)>,
    waiting: Rc<Waiting>,
}

/// Events that are not recorded yet, and what they make of the files of the tip.
#[derive(Clone, Default)]
struct Waiting {
    events: Vec<Event>,
    files: BTreeMap<String, Option<String>>,
}

/// Why an environment takes nothing, or not now: from the package's own state, the whole environment and everything.
#[derive(Clone, Debug, Default)]
pub struct Restrictions {
    /// Who holds it; the package's own hold first.
    pub holds: Vec<Hold>,
    /// Which freezes were set; some may be over.
    pub freezes: Vec<Freeze>,
}

impl Restrictions {
    /// The freezes that last.
    pub fn frozen(&self, now: Timestamp) -> impl Iterator<Item = &Freeze> {
        self.freezes.iter().filter(move |freeze| freeze.lasts(now))
    }
}

/// The newest event of any chain.
#[derive(Deserialize)]
struct Newest {
    newest: Event,
}

impl Snapshot {
    /// What a tip says; `None` for a ledger that is not begun.
    pub(super) fn new(repo: &Rc<Repo>, tip: Option<CommitId>) -> Result<Self> {
        let lost = |tip: CommitId| {
            Error::new(Kind::Conflict, format!("commit {} of the ledger is not here", tip.short()))
                .hint("`rel ledger verify` fetches what is missing")
        };
        let tip = match tip {
            Some(tip) => Some((tip, repo.chained(tip).ok_or_else(|| lost(tip))?.tree)),
            None => None,
        };
        Ok(Snapshot { repo: Rc::clone(repo), tip, waiting: Rc::default() })
    }

    /// The same, with events folded over it that wait to be recorded.
    pub(super) fn with(&self, event: Event) -> Result<Self> {
        let mut changes = self.fold(&event)?;
        // What the tip records stays what it says of itself.
        changes.retain(|(path, _)| path != layout::EVENT_FILE);
        let mut waiting = (*self.waiting).clone();
        waiting.files.extend(changes);
        waiting.events.push(event);
        Ok(Snapshot { waiting: Rc::new(waiting), ..self.clone() })
    }

    /// What the tip alone says.
    pub(super) fn recorded(&self) -> Self {
        Snapshot { waiting: Rc::default(), ..self.clone() }
    }

    /// The events that are folded over the tip because they wait to be recorded, oldest first.
    pub fn waiting(&self) -> &[Event] {
        &self.waiting.events
    }

    /// Whether something that holds for a package in an environment waits to be recorded.
    pub fn awaits(&self, package: &str, environment: &str) -> bool {
        let about = |named: &Option<String>, this: &str| named.as_deref().is_none_or(|named| named == this);
        self.waiting()
            .iter()
            .any(|event| about(&event.package, package) && about(&event.environment, environment))
    }

    /// The files that an event changes in the tip's tree, with those that were changed by what waits.
    pub(super) fn changes(&self, event: &Event) -> Result<Vec<FileChange>> {
        let mut changes = self.waiting.files.clone();
        changes.extend(self.fold(event)?);
        Ok(changes.into_iter().collect())
    }

    /// The tip; `None` where nothing was ever recorded.
    pub fn tip(&self) -> Option<CommitId> {
        self.tip.map(|(tip, _)| tip)
    }

    /// Its tree.
    pub(super) fn tree(&self) -> Option<TreeId> {
        self.tip.map(|(_, tree)| tree)
    }

    /// The format that the tree is in.
    pub fn format(&self) -> Result<u32> {
        let Some(text) = self.read(FORMAT_FILE)? else { return Ok(FORMAT) };
        let fault = || {
            Error::new(Kind::Conflict, "the ledger does not say which format it is in")
                .cause(format!("{FORMAT_FILE} holds {:?}", text.trim()))
        };
        text.trim().parse().map_err(|_| fault())
    }

    /// The event that the tip records.
    pub fn event(&self) -> Result<Option<Event>> {
        layout::read(self, layout::EVENT_FILE)
    }

    /// What is known of a package in an environment; `None` where nothing ever happened there.
    pub fn environment(&self, package: &str, environment: &str) -> Result<Option<EnvironmentState>> {
        layout::read(self, &layout::state(package, environment))
    }

    /// What holds for a whole environment; for everything where none is named.
    pub fn whole(&self, environment: Option<&str>) -> Result<Option<GlobalState>> {
        layout::read(self, &layout::whole(environment))
    }

    /// The same at a glance: for screens of many environments.
    pub fn glance(&self, package: &str, environment: &str) -> Result<Option<EnvironmentSummary>> {
        layout::read(self, &layout::state(package, environment))
    }

    /// Why a package's environment takes nothing, or not now.
    pub fn standing(&self, package: &str, environment: &str) -> Result<Restrictions> {
        self.standing_of(self.glance(package, environment)?.as_ref(), environment)
    }

    /// The same, where the package's own state was read before.
    pub fn standing_of(&self, own: Option<&EnvironmentSummary>, environment: &str) -> Result<Restrictions> {
        let mut standing = Restrictions::default();
        if let Some(own) = own {
            standing.holds.extend(own.hold.clone());
            standing.freezes.extend(own.freeze.clone());
        }
        for whole in [self.whole(Some(environment))?, self.whole(None)?].into_iter().flatten() {
            standing.holds.extend(whole.hold);
            standing.freezes.extend(whole.freeze);
        }
        Ok(standing)
    }

    /// Who says that this build is bad: by its build commit or any of its digests.
    pub fn bad(&self, package: &str, pin: &Pin) -> Result<Option<BadBuild>> {
        if let Some(mark) = layout::read(self, &layout::bad(package, pin.commit))? {
            return Ok(Some(mark));
        }
        let marks = self.bad_marks(package)?;
        Ok(marks.into_iter().find(|mark| mark.release.pin.same_build(pin)))
    }

    /// Every build of a package that is bad.
    pub fn bad_marks(&self, package: &str) -> Result<Vec<BadBuild>> {
        Ok(fold::marks(package, self)?.into_iter().map(|(_, mark)| mark).collect())
    }

    /// Every package and environment in which something happened, in the order of their names.
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

    /// Returns a release of a package that is recorded: it runs or was healthy in some environment, or is marked as bad.
    pub fn find_release(&self, package: &str, is: impl Fn(&Release) -> bool) -> Result<Option<Release>> {
        for (_, environment) in self.environments()?.iter().filter(|(name, _)| name == package) {
            let Some(state) = self.environment(package, environment)? else { continue };
            let running = state.running.iter().map(|running| &running.release);
            let mut all = running.chain(state.healthy.iter().map(|healthy| &healthy.release));
            if let Some(release) = all.find(|release| is(release)) {
                return Ok(Some(release.clone()));
            }
        }
        Ok(self.bad_marks(package)?.into_iter().map(|mark| mark.release).find(|release| is(release)))
    }

    /// The newest event of the chain of a package in an environment, of a whole environment (no package), of everything
    /// (neither), or of what is bad and good (no environment).
    pub fn newest(&self, package: Option<&str>, environment: Option<&str>) -> Result<Option<Event>> {
        let newest: Option<Newest> = layout::read(self, &layout::chain(package, environment))?;
        Ok(newest.map(|found| found.newest))
    }

    /// What an event would change in this tree.
    pub fn fold(&self, event: &Event) -> Result<Vec<FileChange>> {
        fold(event, self)
    }
}

impl Files for Snapshot {
    fn read(&self, path: &str) -> Result<Option<String>> {
        if let Some(text) = self.waiting.files.get(path) {
            return Ok(text.clone());
        }
        match self.tip {
            Some((_, tree)) => self.repo.file_in(tree, path),
            None => Ok(None),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>> {
        let names = match self.tip {
            Some((_, tree)) => self.repo.names_in(tree, folder)?,
            None => Vec::new(),
        };
        let within = |path: &str| {
            let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
            Some(rest.split('/').next().unwrap_or(rest).to_owned())
        };
        let mut names: BTreeSet<String> = names.into_iter().collect();
        for (path, text) in &self.waiting.files {
            match (within(path), text) {
                (Some(name), Some(_)) => drop(names.insert(name)),
                // Only marks go away, and they are files.
                (Some(name), None) => drop(names.remove(&name)),
                (None, _) => {}
            }
        }
        Ok(names.into_iter().collect())
    }
}
