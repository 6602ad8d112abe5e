//! Opens the repository that holds the copy of the ledger: the usual one below `.git/rel`; a new one in its place where that
//! is damaged; a temporary one where neither can be used. Nothing that is merely broken on this machine keeps a command from
//! reading the ledger.

use crate::context::Context;
use crate::error::{Kind, Result, ResultExt};
use crate::git::{Repo, Writer};
use crate::model::CommitId;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::TempDir;

/// The last tip that this clone saw.
pub(super) const LAST_SEEN: &str = "refs/rel/tip";
/// Where pending events are, in the folder of the usual copy.
pub(super) const PENDING: &str = "pending";

/// The repository that holds the copy.
pub(super) struct LedgerCopy {
    pub repo: Rc<Repo>,
    /// The last tip that this clone saw before the copy was replaced by one that has no such ref.
    pub seen_before: Option<CommitId>,
    /// Exists as long as the command runs.
    temporary: Option<TempDir>,
}

impl LedgerCopy {
    /// Whether the copy is gone when the command ends.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }
}

/// Opens the copy, and other repositories where it cannot be used.
pub(super) struct CopyOpener<'c> {
    context: &'c Context,
    /// The folder of the usual copy.
    pub folder: PathBuf,
    /// How many settings the environment has already (`GIT_CONFIG_COUNT`).
    settings: usize,
}

impl<'c> CopyOpener<'c> {
    /// Names the usual copy.
    pub(super) fn new(context: &'c Context, name: &str) -> Result<Self> {
        let settings = context.variable("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0);
        let folder = context.repo()?.private_folder().join(name);
        Ok(CopyOpener { context, folder, settings })
    }

    /// Opens the usual copy; where it cannot be opened or written to, another one.
    ///
    /// # Errors
    ///
    /// 4 if not even a temporary repository can be created.
    pub(super) fn open(&self) -> Result<LedgerCopy> {
        let opened = match self.open_at(&self.folder) {
            Ok(repo) => Ok(repo),
            Err(_) if self.folder.exists() => return self.rebuild(),
            Err(error) => Err(error),
        };
        let opened = opened.and_then(|repo| {
            let writable = self.context.check_writable(&self.folder);
            writable.context(Kind::Refused, format!("cannot write to {}", self.folder.display()))?;
            Ok(repo)
        });
        match opened {
            Ok(repo) => Ok(LedgerCopy { repo: Rc::new(repo), seen_before: None, temporary: None }),
            Err(error) => {
                let why = error.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
                self.warn(&format!("{}{why}; using a temporary copy of the ledger", error.message));
                self.temporary(Borrowing::Objects)
            }
        }
    }

    /// Moves a damaged copy away, and creates an empty one in its place, with the pending events.
    ///
    /// # Errors
    ///
    /// 4 if not even a temporary repository can be created.
    pub(super) fn rebuild(&self) -> Result<LedgerCopy> {
        let seen_before = self.last_seen();
        let away = self.folder.with_extension("damaged");
        let moved = || -> std::io::Result<()> {
            if away.exists() {
                std::fs::remove_dir_all(&away)?;
            }
            std::fs::rename(&self.folder, &away)
        };
        if moved().is_err() {
            self.warn(&format!(
                "the copy of the ledger in {} is damaged; using a temporary one",
                self.folder.display()
            ));
            return self.temporary(Borrowing::Nothing);
        }
        let created = self.open_at(&self.folder);
        // Events that wait are worth more than the copy: they are nowhere else.
        if away.join(PENDING).exists()
            && std::fs::rename(away.join(PENDING), self.folder.join(PENDING)).is_err()
        {
            self.warn(&format!("pending events are still in {}", away.join(PENDING).display()));
        }
        self.warn(&format!(
            "the copy of the ledger was damaged; it is fetched again, and the old one is in {}",
            away.display()
        ));
        match created {
            Ok(repo) => Ok(LedgerCopy { repo: Rc::new(repo), seen_before, temporary: None }),
            Err(_) => self.temporary(Borrowing::Nothing),
        }
    }

    /// Creates a repository that is removed at the end of the command.
    ///
    /// # Errors
    ///
    /// 4 if no folder can be written to.
    pub(super) fn temporary(&self, borrowing: Borrowing) -> Result<LedgerCopy> {
        let temporary = self.context.temporary_folder()?;
        let repo = self.open_at(&temporary.path().join("ledger"))?;
        let seen_before = self.last_seen();
        if borrowing == Borrowing::Objects && self.folder.join("objects").is_dir() {
            Writer::new(&repo).borrow_objects(&self.folder)?;
        }
        Ok(LedgerCopy { repo: Rc::new(repo), seen_before, temporary: Some(temporary) })
    }

    fn open_at(&self, folder: &Path) -> Result<Repo> {
        Writer::new(self.context.repo()?).open_ledger_repo(folder, self.settings)
    }

    /// Reads the last tip that was seen, from its file: the repository around it may be damaged.
    fn last_seen(&self) -> Option<CommitId> {
        Repo::read_reference(&self.folder, LAST_SEEN)
    }

    fn warn(&self, text: &str) {
        self.context.ui().warning(text);
    }
}

/// What a temporary copy takes from the usual one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Borrowing {
    /// Its objects: it cannot be written to, but it can be read.
    Objects,
    /// Nothing: it is damaged.
    Nothing,
}
