//! Opens the ledger that the active configuration names, and reads its newest state. What is broken on this machine is
//! mended or gone around, with a warning; what the remote says is checked by `store`.

use super::active_config::{self, ActiveConfig};
use super::copy::{Borrowing, CopyOpener, LedgerCopy};
use super::signature::Signers;
use super::snapshot::Snapshot;
use super::store::Store;
use super::{Freshness, PENDING, TipCheck};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::git::{LsRemote, Remote};
use crate::model::Timestamp;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A fetch that fails later was not stopped by this machine, so nothing here would make it succeed.
const LOCAL_FAULT: Duration = Duration::from_secs(5);

/// How the ledger is opened.
pub(super) struct Opening<'c> {
    context: &'c Context,
    active_config: &'c ActiveConfig,
    opener: CopyOpener<'c>,
    remote: Remote,
    /// There is no remote: a branch of this repository is the ledger.
    local: bool,
    check: TipCheck,
}

impl<'c> Opening<'c> {
    pub(super) fn new(
        context: &'c Context,
        active_config: &'c ActiveConfig,
        project: Option<&Remote>,
        check: TipCheck,
    ) -> Result<Self> {
        let repo = context.repo()?;
        let rules = &active_config.config.ledger;
        let named = rules.remote.as_deref().map(|text| repo.absolute_remote(text));
        let remote = named.or_else(|| project.cloned()).unwrap_or_else(|| repo.as_remote());
        let local = rules.remote.is_none() && project.is_none();
        let key = active_config::hash(&format!("{}\n{}", remote.name, rules.branch));
        let opener = CopyOpener::new(context, &format!("ledger-{}", &key[..12]))?;
        Ok(Opening { context, active_config, opener, remote, local, check })
    }

    /// Whether there is no remote.
    pub(super) fn is_local(&self) -> bool {
        self.local
    }

    /// Opens the copy.
    ///
    /// # Errors
    ///
    /// 4 if not even a temporary repository can be created; those of [`allowed_signers`].
    pub(super) fn store(&self) -> Result<Store> {
        self.store_in(self.opener.open()?)
    }

    /// The folder of the events that wait to be sent.
    pub(super) fn pending_folder(&self) -> PathBuf {
        self.opener.folder.join(PENDING)
    }

    /// Returns the tip that the remote has; the last copy if it could not be asked, or the tip cannot be fetched. The
    /// reason for that goes into `unreachable`.
    ///
    /// # Errors
    ///
    /// 5 if the ledger was rewritten, forged or deleted.
    pub(super) fn read(
        &self,
        store: &mut Store,
        told: Option<&LsRemote>,
        unreachable: &mut Option<Error>,
    ) -> Result<(Snapshot, Freshness)> {
        let time_file = self.opener.folder.join("asked");
        if let Some(told) = told {
            match self.fetch(store, told) {
                Ok(snapshot) => {
                    // If this cannot be written, only the age of the copy is lost.
                    drop(std::fs::write(time_file, format!("{}\n", self.context.now()?)));
                    return Ok((snapshot, if self.local { Freshness::Local } else { Freshness::Fresh }));
                }
                Err(error) if matches!(error.kind, Kind::Unreachable | Kind::Refused) => {
                    *unreachable = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let at = std::fs::read_to_string(&time_file).ok().and_then(|text| Timestamp::parse(text.trim()));
        if let Err(error) = store.check() {
            self.warn(&format!("the copy of the ledger is damaged: {}", error.message));
        }
        let copy = match self.check {
            TipCheck::Refuse => store.copy(),
            TipCheck::Skip => store.unchecked_copy(),
        };
        match copy {
            Ok(snapshot) => Ok((snapshot, Freshness::Copy(at))),
            Err(error) if error.kind == Kind::Refused => {
                Ok((Snapshot::new(&store.repo, None)?, Freshness::Copy(None)))
            }
            Err(error) => Err(error),
        }
    }

    /// Fetches the tip, into another repository where this one is damaged or cannot be fetched into.
    fn fetch(&self, store: &mut Store, told: &LsRemote) -> Result<Snapshot> {
        if store.check().is_err() {
            *store = self.store_in(self.opener.rebuild()?)?;
        }
        let begun = Instant::now();
        let fault = match self.fetch_into(store, told).and_then(|snapshot| store.check().map(|()| snapshot)) {
            Ok(snapshot) => return Ok(snapshot),
            Err(error) if matches!(error.kind, Kind::Unreachable | Kind::Refused) => error,
            Err(error) => return Err(error),
        };
        if begun.elapsed() > LOCAL_FAULT || store.is_temporary() || self.local {
            return Err(fault);
        }
        let temporary = self.store_in(self.opener.temporary(Borrowing::Nothing)?)?;
        let snapshot = self.fetch_into(&temporary, told).map_err(|_| fault.clone())?;
        let why = fault.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
        self.warn(&format!("{}{why}; using a temporary copy of the ledger", fault.message));
        *store = temporary;
        Ok(snapshot)
    }

    fn fetch_into(&self, store: &Store, told: &LsRemote) -> Result<Snapshot> {
        match self.check {
            TipCheck::Refuse => store.fetch_tip(told),
            TipCheck::Skip => store.fetch_unchecked(told),
        }
    }

    fn store_in(&self, copy: LedgerCopy) -> Result<Store> {
        let signers = allowed_signers(self.context, self.active_config, &copy.repo.folder())?;
        let branch = &self.active_config.config.ledger.branch;
        Ok(Store::new(copy, self.remote.clone(), branch, signers))
    }

    fn warn(&self, text: &str) {
        self.context.ui().warning(text);
    }
}

/// Reads the keys that may sign events, from the commit of the active configuration.
fn allowed_signers(
    context: &Context,
    active_config: &ActiveConfig,
    folder: &Path,
) -> Result<Option<Signers>> {
    let Some(name) = &active_config.config.ledger.allowed_signers else { return Ok(None) };
    let repo = context.repo()?;
    let commit = match active_config.source.commit() {
        Some(commit) => commit,
        None => repo.head()?.commit,
    };
    let text = repo.file_at(commit, name)?.ok_or_else(|| {
        Error::usage(format!("{name}, which [ledger] allowed_signers names, is not in {}", commit.short()))
            .hint(format!("commit {name}: without it no signature is accepted"))
    })?;
    Signers::new(name, &text, folder).map(Some)
}
