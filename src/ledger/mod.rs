//! The record of what happened to every environment: an orphan branch with one commit per event. Its tip alone answers
//! every question but history.

mod active_config;
mod append;
mod commit;
mod commit_message;
mod copy;
pub mod decide;
mod event_builder;
mod fold;
mod history_reader;
mod identity;
mod lost_tip;
mod open;
mod pending;
mod send;
mod signature;
mod snapshot;
mod store;
mod sync;
mod sync_checks;
mod synced_events;
mod temporary_repo;
#[cfg(test)]
mod tests;
mod transitions;
mod tree_layout;
mod verify;

pub use active_config::{ActiveConfig, ConfigSource, project_remote};
pub use append::{Appended, Decision, RecordOutcome};
pub use commit_message::{commit_message, subject, summary};
pub use fold::fold;
pub use pending::parse_pending_lines;
pub use snapshot::{Restrictions, Snapshot};
pub use sync::SyncOutcome;
pub use temporary_repo::fetch_elsewhere;
pub use tree_layout::Files;

use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Refs, Remote, Writer};
use crate::model::{Actor, CommitId, Event, EventId, TagName, Timestamp};
use copy::PENDING;
use open::Opening;
use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Instant;
use store::Store;

/// How recent a snapshot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The remote was asked just now.
    Fresh,
    /// There is no remote: the branch of this repository is the ledger.
    Local,
    /// The remote cannot be reached: this is the last copy, of that time; `None` if there is none.
    Copy(Option<Timestamp>),
}

/// What happens if something is wrong with the tip of the ledger.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TipCheck {
    /// It is refused, and not remembered.
    Refuse,
    /// Nothing: `verify` reports all that is wrong.
    Skip,
}

/// The ledger, as one command uses it.
pub struct Ledger<'w> {
    context: &'w Context,
    active_config: ActiveConfig,
    store: Store,
    snapshot: Snapshot,
    freshness: Freshness,
    unreachable: Option<Error>,
    /// When the remote was asked last, or first if it could be reached.
    asked: Instant,
    /// The ids of events that were sent and may have arrived: an event that is sent again keeps its id.
    ids: Vec<EventId>,
    attempted: Vec<Event>,
    /// The tips that were pushed and may have arrived.
    sent: Vec<CommitId>,
    /// Where events wait that could not be sent.
    pending_folder: PathBuf,
    /// Events that could be neither sent nor written to that folder.
    unkept: Vec<Event>,
    /// Who acts; finding it out starts a process.
    actor: OnceCell<Actor>,
}

impl<'w> Ledger<'w> {
    /// Fetches the active configuration and the ledger that it names, and checks that the ledger was not rewritten, is
    /// signed as it must be, and is of this repository. If the remote cannot be reached, the last copy is used.
    ///
    /// # Errors
    ///
    /// 5 if the ledger was rewritten, forged or deleted, or belongs to another repository; 2 if the configuration is wrong.
    pub fn open(context: &'w Context) -> Result<Ledger<'w>> {
        let mut ledger = Ledger::open_with(context, TipCheck::Refuse)?;
        identity::check_repository(&ledger)?;
        ledger.add_pending();
        Ok(ledger)
    }

    /// Opens the ledger to verify it: its tip is fetched, and neither checked nor remembered.
    ///
    /// # Errors
    ///
    /// 5 if the ledger was deleted; 2 if the configuration is wrong.
    pub fn open_to_verify(context: &'w Context) -> Result<Ledger<'w>> {
        Ledger::open_with(context, TipCheck::Skip)
    }

    fn open_with(context: &'w Context, check: TipCheck) -> Result<Ledger<'w>> {
        let repo = context.repo()?;
        // What this clone puts in the place of other objects must not change what the remote's configuration says, or which
        // commit is newer.
        repo.ignore_alterations()?;
        let project = project_remote(repo)?;
        let usual_branch = "refs/heads/rel-ledger";
        let mut unreachable = None;
        let told = match &project {
            None => None,
            Some(remote) => repo
                .ls_remote(remote, Refs::Named(&["HEAD", usual_branch]))
                .map_err(|error| unreachable = Some(error))
                .ok(),
        };
        let active_config = active_config::read_active_config(context, project.as_ref(), told.as_ref())?;
        let opening = Opening::new(context, &active_config, project.as_ref(), check)?;
        let mut store = opening.store()?;
        let default_branch = match &project {
            Some(_) => told.as_ref().and_then(|told| told.default_branch.clone()),
            None if opening.is_local() => repo.head()?.branch,
            None => None,
        };
        store.check_branch(project.as_ref(), default_branch.as_ref())?;
        // If the ledger is the usual branch of the same remote, it was asked for already.
        let same = project.as_ref() == Some(&store.remote) && store.reference == usual_branch;
        let told = if same { told } else { store.ask().map_err(|error| unreachable = Some(error)).ok() };
        let (snapshot, freshness) = opening.read(&mut store, told.as_ref(), &mut unreachable)?;
        if let Some(fault) = store.take_warning() {
            context.ui().warning(fault);
        }
        let pending_folder = opening.pending_folder();
        Ok(Ledger {
            context,
            active_config,
            store,
            snapshot,
            freshness,
            unreachable,
            asked: Instant::now(),
            ids: Vec::new(),
            attempted: Vec::new(),
            sent: Vec::new(),
            pending_folder,
            unkept: Vec::new(),
            actor: OnceCell::new(),
        })
    }

    /// Opens the ledger, and makes its configuration the one of the whole command.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::open`].
    pub fn open_with_config(context: &'w Context) -> Result<Ledger<'w>> {
        let ledger = Ledger::open(context)?;
        context.set_config(ledger.config());
        Ok(ledger)
    }

    /// Fetches a tag of the project from a remote, and creates it in this repository.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached.
    pub fn fetch_tag(&self, remote: &Remote, name: &TagName) -> Result<()> {
        Writer::new(self.context.repo()?).fetch_tag(remote, name)
    }

    /// The context of the command.
    pub fn context(&self) -> &'w Context {
        self.context
    }

    /// The active configuration.
    pub fn config(&self) -> &Config {
        &self.active_config.config
    }

    /// The active configuration, with its hash and where it came from.
    pub fn active_config(&self) -> &ActiveConfig {
        &self.active_config
    }

    /// Returns who acts, as claimed.
    ///
    /// # Errors
    ///
    /// Those of [`Context::actor`].
    pub fn actor(&self) -> Result<&Actor> {
        if let Some(actor) = self.actor.get() {
            return Ok(actor);
        }
        let actor = self.context.actor()?;
        Ok(self.actor.get_or_init(|| actor))
    }

    /// Lets this command act as the account of this machine if git names nobody; see [`Context::actor_or_account`].
    pub fn act_as_account(&self) {
        self.actor.get_or_init(|| self.context.actor_or_account());
    }

    /// Checks that release.toml names the repository, without which nothing can be recorded.
    ///
    /// # Errors
    ///
    /// 2 if it does not.
    pub fn check_name(&self) -> Result<()> {
        identity::name(self).map(drop)
    }

    /// How recent the snapshot is.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The folder of the repository that holds the copy.
    pub fn folder(&self) -> PathBuf {
        self.store.folder()
    }

    /// The newest known state of the ledger.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Fetches the newest tip, and adds the pending events of this clone, even if that fails.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::fetch_newest`].
    pub fn refresh(&mut self) -> Result<()> {
        let fetched = self.fetch_newest();
        self.add_pending();
        fetched
    }

    /// Fetches the newest tip. The snapshot stays as it is if that fails.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached; 5 if the ledger was rewritten, forged or deleted.
    fn fetch_newest(&mut self) -> Result<()> {
        let told = self.store.ask()?;
        self.snapshot = self.store.fetch_tip(&told)?;
        self.freshness = if self.freshness == Freshness::Local { Freshness::Local } else { Freshness::Fresh };
        self.unreachable = None;
        Ok(())
    }

    /// Warns on stderr if the snapshot is a copy, with its age.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached and there is no copy: nothing is known, and that is not an answer.
    pub fn warn_if_stale(&self) -> Result<()> {
        let Freshness::Copy(at) = self.freshness else { return Ok(()) };
        let name = &self.store.remote.name;
        let Some(at) = at else {
            let error =
                Error::unreachable(format!("cannot reach {name}, and there is no copy of its ledger here"));
            let error = self.unreachable.iter().flat_map(|error| &error.causes).fold(error, Error::cause);
            return Err(error.hint(format!("`git ls-remote {name}` must work here")));
        };
        let age = at.age(self.context.now()?);
        self.context.ui().warning(format!("cannot reach {name}; showing the copy from {at} ({age})"));
        Ok(())
    }

    /// Adds the pending events of this clone to the snapshot: they happened, and the remote does not know them yet.
    fn add_pending(&mut self) {
        match self.with_own_pending() {
            Ok(snapshot) => self.snapshot = snapshot,
            // A damaged file must not stop a rollback.
            Err(error) => {
                self.context.ui().warning(format!("pending events are not shown: {}", error.message))
            }
        }
    }
}
