//! A temporary checkout of one commit. The user's `git` makes it, so that filters, large files and partial clones work as
//! they do elsewhere.

use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;
use std::path::{Path, PathBuf};

/// A linked work tree, removed when it is dropped.
pub struct Checkout<'r> {
    repo: &'r Repo,
    folder: PathBuf,
    exists: bool,
}

impl<'r> Checkout<'r> {
    /// Checks a commit out into a folder that does not exist yet. No hook runs.
    pub fn create(repo: &'r Repo, commit: CommitId, folder: &Path) -> Result<Self> {
        let command = repo
            .program
            .command("worktree")
            .setting("core.hooksPath", Path::new("/dev/null"))
            .option("add")
            .option("--detach");
        let answer =
            command.option("--force").option("--quiet").operand(folder).operand(commit.to_string()).run()?;
        if answer.ok {
            return Ok(Checkout { repo, folder: folder.to_owned(), exists: true });
        }
        Err(Error::refused(format!("cannot check out commit {}", commit.short()))
            .cause(answer.message)
            .hint("set `tree = \"here\"` to run commands in the folder where rel was started"))
    }

    /// Removes it, with everything that commands left in it.
    pub fn remove(mut self) -> Result<()> {
        self.delete()
    }

    fn delete(&mut self) -> Result<()> {
        self.exists = false;
        let command = self.repo.program.command("worktree").option("remove").option("--force");
        let answer = command.operand(&self.folder).run()?;
        if answer.ok {
            return Ok(());
        }
        Err(Error::refused("cannot remove a temporary checkout")
            .cause(answer.message)
            .hint("git worktree prune"))
    }
}

impl Drop for Checkout<'_> {
    fn drop(&mut self) {
        if self.exists {
            // An error cannot be returned from here.
            let _ = self.delete();
        }
    }
}
