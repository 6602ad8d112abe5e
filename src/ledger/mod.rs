//! The record of what happened to every environment: an orphan branch, one commit per event, whose tip answers every
//! question. Local git through `git`, exchanged by the user's git. `fold` says what an event does, `append` is the only
//! writer, `store` the only place that knows a remote. Leans on `history`, `context`, `git`, `config` and `model`.

mod active_config;
mod append;
mod fold;
mod identity;
mod layout;
mod line;
mod past;
mod pending;
mod signature;
mod snapshot;
mod stamp;
mod state;
mod store;
mod sync;
#[cfg(test)]
mod tests;
mod verify;

pub use active_config::{Governing, Source, remote as project_remote};
pub use append::{Appended, Decision, RecordOutcome};
pub use fold::fold;
pub use layout::{FileChange, Files};
pub use line::{line, message, what};
pub use pending::read as read_lines;
pub use snapshot::{Restrictions, Snapshot};
pub use sync::Sent;
pub use verify::{Fault, Proof};

use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Remote, Told};
use crate::model::{Actor, Event, EventId, Timestamp};
use signature::Signers;
use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Instant;
use store::Store;

/// How new what is known is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The remote was asked just now.
    Fresh,
    /// There is no remote: the branch of this repository is the ledger.
    Local,
    /// The remote cannot be reached: this is the last copy, of that time; `None` where there is none.
    Copy(Option<Timestamp>),
}

/// The ledger, as one command sees it.
pub struct Ledger<'w> {
    context: &'w Context,
    governing: Governing,
    store: Store,
    snapshot: Snapshot,
    freshness: Freshness,
    unreachable: Option<Error>,
    /// When the remote was asked by the first look, or by one after it was away.
    looked: Instant,
    /// The names of events that were sent and may have arrived: what is sent again bears them again.
    ids: Vec<EventId>,
    attempted: Vec<Event>,
    /// Who acts, asked once: that costs a process.
    actor: OnceCell<Actor>,
}

impl<'w> Ledger<'w> {
    /// Finds the configuration that decides and the ledger that it names, fetches both, and checks descent, signature and
    /// repository. Where the remote cannot be reached: the last copy.
    ///
    /// # Errors
    ///
    /// 5 where the ledger was rewritten, forged, deleted or is another repository's; 2 where the configuration is wrong.
    pub fn open(context: &'w Context) -> Result<Ledger<'w>> {
        let repo = context.repo()?;
        let project = active_config::remote(repo)?;
        let guess = "refs/heads/rel-ledger";
        let mut unreachable = None;
        let told = match &project {
            None => None,
            Some(remote) => match repo.ask(remote, &["HEAD", guess]) {
                Ok(told) => Some(told),
                Err(error) => {
                    unreachable = Some(error);
                    None
                }
            },
        };
        let governing = active_config::govern(context, project.as_ref(), told.as_ref())?;
        let rules = &governing.config.ledger;
        let named = rules.remote.as_deref().map(|text| repo.remote_at(text));
        let remote = named.or_else(|| project.clone()).unwrap_or_else(|| repo.as_remote());
        let local = rules.remote.is_none() && project.is_none();
        let beside =
            format!("ledger-{}", &active_config::hash(&format!("{}\n{}", remote.name, rules.branch))[..12]);
        let settings = context.variable("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0);
        let beside = repo.beside(&beside, settings)?;
        let signers = signers(context, &governing, &beside.own_place())?;
        let store = Store::new(beside, remote, &rules.branch, signers);
        // What was asked already need not be asked again.
        let same = project.as_ref() == Some(&store.remote) && store.reference == guess;
        let told = match (same, told) {
            (true, told) => told,
            (false, _) => match store.ask() {
                Ok(told) => Some(told),
                Err(error) => {
                    unreachable = Some(error);
                    None
                }
            },
        };
        let (snapshot, freshness) = look(context, &store, told.as_ref(), local)?;
        let mut ledger = Ledger {
            context,
            governing,
            store,
            snapshot,
            freshness,
            unreachable,
            looked: Instant::now(),
            ids: Vec::new(),
            attempted: Vec::new(),
            actor: OnceCell::new(),
        };
        identity::same(&ledger)?;
        ledger.wait_over();
        Ok(ledger)
    }

    /// Folds what waits to be sent over the copy: nobody else knows of it, but who did it here must not do it twice.
    fn wait_over(&mut self) {
        let Freshness::Copy(_) = self.freshness else { return };
        match self.over() {
            Ok(snapshot) => self.snapshot = snapshot,
            // A rollback does not wait until such a file is mended.
            Err(error) => {
                self.context.ui().warning(format!("what waits here is not shown: {}", error.message))
            }
        }
    }

    fn over(&self) -> Result<Snapshot> {
        let mut snapshot = self.snapshot.clone();
        for event in self.pending()? {
            if !self.recorded_here(&event)? {
                snapshot = snapshot.with(event)?;
            }
        }
        Ok(snapshot)
    }

    /// Opens the ledger, and makes its configuration the one of the whole command.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::open`].
    pub fn open_with_config(context: &'w Context) -> Result<Ledger<'w>> {
        let ledger = Ledger::open(context)?;
        context.govern(ledger.config());
        Ok(ledger)
    }

    /// The context of the command.
    pub fn context(&self) -> &'w Context {
        self.context
    }

    /// The configuration that decides.
    pub fn config(&self) -> &Config {
        &self.governing.config
    }

    /// The configuration that decides, with its hash and where it came from.
    pub fn governing(&self) -> &Governing {
        &self.governing
    }

    /// Who acts, as far as it is claimed.
    pub fn actor(&self) -> Result<&Actor> {
        if let Some(actor) = self.actor.get() {
            return Ok(actor);
        }
        let actor = self.context.actor()?;
        Ok(self.actor.get_or_init(|| actor))
    }

    /// How new what is known is.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// What the newest tip that is known says.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The remote that the ledger is kept on.
    pub fn remote(&self) -> &Remote {
        &self.store.remote
    }

    /// The branch that holds it, as a full ref.
    pub fn reference(&self) -> &str {
        &self.store.reference
    }

    /// The folder of the repository beside the user's that holds the copy.
    pub fn folder(&self) -> PathBuf {
        self.store.folder()
    }

    /// Looks at the remote again. Where it cannot be reached, what was known stays.
    pub fn refresh(&mut self) -> Result<()> {
        let told = self.store.ask()?;
        self.snapshot = self.store.follow(&told)?;
        self.freshness = if self.freshness == Freshness::Local { Freshness::Local } else { Freshness::Fresh };
        self.unreachable = None;
        Ok(())
    }

    /// Says on stderr how old a copy is, where it is one.
    ///
    /// # Errors
    ///
    /// 6 where the remote cannot be reached and there is no copy at all: nothing is known, and that is no answer.
    pub fn readable(&self) -> Result<()> {
        let Freshness::Copy(seen) = self.freshness else { return Ok(()) };
        let name = &self.store.remote.name;
        let Some(seen) = seen else {
            let error = Error::unreachable(format!(
                "{name} cannot be reached, and there is no copy of its ledger here"
            ));
            let error = self.unreachable.iter().flat_map(|error| &error.causes).fold(error, Error::cause);
            return Err(error.hint(format!("`git ls-remote {name}` must work here")));
        };
        let age = seen.age(self.context.now()?);
        self.context.ui().warning(format!("{name} cannot be reached; this is the copy of {seen} ({age})"));
        Ok(())
    }
}

/// What is known now: what the remote said, or the last copy.
fn look(context: &Context, store: &Store, told: Option<&Told>, local: bool) -> Result<(Snapshot, Freshness)> {
    let asked = store.folder().join("asked");
    let Some(told) = told else {
        let held = std::fs::read_to_string(&asked).ok().and_then(|text| Timestamp::parse(text.trim()));
        return Ok((store.copy()?, Freshness::Copy(held)));
    };
    let snapshot = store.follow(told)?;
    // Only the age of a copy is lost where this cannot be written.
    drop(std::fs::write(asked, format!("{}\n", context.now()?)));
    Ok((snapshot, if local { Freshness::Local } else { Freshness::Fresh }))
}

/// The keys that are believed, from the commit that decides.
fn signers(context: &Context, governing: &Governing, folder: &std::path::Path) -> Result<Option<Signers>> {
    let Some(name) = &governing.config.ledger.allowed_signers else { return Ok(None) };
    let repo = context.repo()?;
    let commit = match governing.source.commit() {
        Some(commit) => commit,
        None => repo.head()?.commit,
    };
    let text = repo.text_at(commit, name)?.ok_or_else(|| {
        Error::usage(format!("{name}, which [ledger] allowed_signers names, is not in {}", commit.short()))
            .hint("commit it: without it nobody is believed")
    })?;
    Signers::new(name, &text, folder).map(Some)
}
