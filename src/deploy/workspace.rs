//! The folder that the commands of an operation run in: a clean checkout, which is removed afterwards.

use crate::config::Tree;
use crate::error::{Kind, Result, ResultExt};
use crate::git::{Checkout, Repo};
use crate::model::CommitId;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where commands run, and a temporary folder for what they report.
pub struct Workspace<'r> {
    folder: PathBuf,
    // Dropped in this order: the checkout is inside the temporary folder.
    checkout: Option<Checkout<'r>>,
    temporary: TempDir,
}

impl<'r> Workspace<'r> {
    /// Prepares a workspace as `tree` of release.toml says: a checkout of `commit`, or the work tree itself where HEAD
    /// is that commit and nothing was changed. `here` is the folder in which `rel` was started; `temporary` an empty one.
    pub fn prepare(
        repo: &'r Repo,
        tree: Tree,
        commit: CommitId,
        here: &Path,
        temporary: TempDir,
    ) -> Result<Self> {
        if tree == Tree::Here {
            return Ok(Workspace { folder: here.to_owned(), temporary, checkout: None });
        }
        let in_place = repo.head().is_ok_and(|head| head.commit == commit)
            // A damaged index does not tell.
            && repo.dirty(1).is_ok_and(|(_, changed)| changed == 0);
        if let Some(top) = repo.work_tree().filter(|_| in_place) {
            return Ok(Workspace { folder: top, temporary, checkout: None });
        }
        // The name of the temporary folder, once more: no other work tree has it.
        let folder = temporary.path().join(temporary.path().file_name().unwrap_or_default());
        let checkout = Checkout::create(repo, commit, &folder)?;
        Ok(Workspace { folder, temporary, checkout: Some(checkout) })
    }

    /// Prepares a workspace with the files of a commit, where a checkout is not possible. Nothing is written to the
    /// repository.
    pub fn export(repo: &Repo, commit: CommitId, temporary: TempDir) -> Result<Self> {
        let folder = temporary.path().join("tree");
        Checkout::export(repo, commit, &folder, &temporary.path().join("index"))?;
        Ok(Workspace { folder, temporary, checkout: None })
    }

    /// Returns the folder in which commands run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path that commands get as `$REL_RESULT`.
    pub(super) fn result_file(&self) -> PathBuf {
        self.temporary.path().join("result.json")
    }

    /// Removes the checkout and the temporary folder.
    pub fn remove(self) -> Result<()> {
        if let Some(checkout) = self.checkout {
            checkout.remove()?;
        }
        self.temporary.close().context(Kind::Refused, "cannot remove a temporary folder")
    }
}
