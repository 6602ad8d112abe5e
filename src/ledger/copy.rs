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
    /// The folder of the usual copy.
    usual: PathBuf,
    /// Exists as long as the command runs.
    temporary: Option<TempDir>,
}

impl LedgerCopy {
    /// Whether the copy is gone when the command ends.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Forgets what an earlier copy saw, once this one remembers a tip itself.
    pub(super) fn forget_seen_before(&self) {
        if !self.is_temporary() {
            // A file that stays is of no account: the ref comes first.
            drop(std::fs::remove_file(seen_file(&self.usual)));
        }
    }

    /// Returns the command that makes this clone forget the last tip that it saw.
    pub(super) fn command_to_forget(&self) -> String {
        if Repo::read_reference(&self.usual, LAST_SEEN).is_none() && seen_file(&self.usual).exists() {
            return format!("rm {}", seen_file(&self.usual).display());
        }
        format!("git -C {} update-ref -d {LAST_SEEN}", self.usual.display())
    }
}

/// Returns the file that keeps the last tip while a copy that replaces a damaged one does not have it yet.
fn seen_file(usual: &Path) -> PathBuf {
    usual.with_extension("seen")
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
        if let Err(error) = self.rescue_pending() {
            self.warn(&format!(
                "pending events are still in {}: {error}",
                self.away().join(PENDING).display()
            ));
        }
        let opened = match self.open_at(&self.folder) {
            Ok(repo) => Ok(repo),
            Err(_) if self.folder.exists() && self.can_open_another() => return self.rebuild(),
            Err(error) => Err(error),
        };
        let opened = opened.and_then(|repo| {
            let writable = self.context.check_writable(&self.folder);
            writable.context(Kind::Refused, format!("cannot write to {}", self.folder.display()))?;
            Ok(repo)
        });
        match opened {
            Ok(repo) => Ok(self.usual(repo, self.last_seen())),
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
        let away = self.away();
        let moved = || -> std::io::Result<()> {
            // First: whoever sees the new copy must know this tip, even if this process ends here.
            if let Some(tip) = seen_before {
                self.keep_seen(tip)?;
            }
            self.rescue_pending()?;
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
        if let Err(error) = self.rescue_pending() {
            self.warn(&format!("pending events are still in {}: {error}", away.join(PENDING).display()));
        }
        self.warn(&format!(
            "the copy of the ledger was damaged; it is fetched again, and the old one is in {}",
            away.display()
        ));
        match created {
            Ok(repo) => Ok(self.usual(repo, seen_before)),
            Err(_) => self.temporary(Borrowing::Nothing),
        }
    }

    /// Returns where a damaged copy is moved.
    fn away(&self) -> PathBuf {
        self.folder.with_extension("damaged")
    }

    /// Whether the fault is in the copy: another repository can be opened, or there is no place to try.
    fn can_open_another(&self) -> bool {
        let temporary = self.context.temporary_folder();
        temporary.map_or(true, |temporary| self.open_at(&temporary.path().join("ledger")).is_ok())
    }

    /// Moves pending events out of a damaged copy, which may be deleted: they are nowhere else.
    fn rescue_pending(&self) -> std::io::Result<()> {
        let (from, to) = (self.away().join(PENDING), self.folder.join(PENDING));
        if !from.is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(&to)?;
        for entry in std::fs::read_dir(&from)? {
            let entry = entry?;
            std::fs::rename(entry.path(), to.join(entry.file_name()))?;
        }
        std::fs::remove_dir(&from)
    }

    fn keep_seen(&self, tip: CommitId) -> std::io::Result<()> {
        let part = self.folder.with_extension("part");
        std::fs::write(&part, format!("{tip}\n"))?;
        std::fs::rename(part, seen_file(&self.folder))
    }

    fn usual(&self, repo: Repo, seen_before: Option<CommitId>) -> LedgerCopy {
        LedgerCopy { repo: Rc::new(repo), seen_before, usual: self.folder.clone(), temporary: None }
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
        Ok(LedgerCopy {
            repo: Rc::new(repo),
            seen_before,
            usual: self.folder.clone(),
            temporary: Some(temporary),
        })
    }

    fn open_at(&self, folder: &Path) -> Result<Repo> {
        Writer::new(self.context.repo()?).open_ledger_repo(folder, self.settings)
    }

    /// Reads the last tip that was seen, from its file: the repository around it may be damaged.
    fn last_seen(&self) -> Option<CommitId> {
        let kept = || CommitId::parse(std::fs::read_to_string(seen_file(&self.folder)).ok()?.trim());
        Repo::read_reference(&self.folder, LAST_SEEN).or_else(kept)
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
