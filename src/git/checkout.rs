//! A clean checkout of one commit beside the work tree, and its end. The user's `git` makes it, so that filters, large
//! files and partial clones are what they are elsewhere. Leans on `program`.

use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;
use std::path::{Path, PathBuf};

/// A linked work tree in a folder of its own.
pub struct Checkout<'r> {
    repo: &'r Repo,
    folder: PathBuf,
    there: bool,
}

impl Repo {
    /// Checks a commit out into a folder that does not exist yet. No hook runs.
    pub fn checkout(&self, commit: CommitId, folder: &Path) -> Result<Checkout<'_>> {
        let command = self
            .program
            .command("worktree")
            .setting("core.hooksPath", Path::new("/dev/null"))
            .option("add")
            .option("--detach");
        let answer =
            command.option("--force").option("--quiet").operand(folder).operand(commit.to_string()).run()?;
        if answer.ok {
            return Ok(Checkout { repo: self, folder: folder.to_owned(), there: true });
        }
        Err(Error::refused(format!("commit {} cannot be checked out", commit.short()))
            .cause(answer.message)
            .hint("`tree = \"here\"` runs commands in the folder in which rel is started"))
    }
}

impl Checkout<'_> {
    /// Takes it away, with all that commands left in it.
    pub fn remove(mut self) -> Result<()> {
        self.take_away()
    }

    fn take_away(&mut self) -> Result<()> {
        self.there = false;
        let command = self.repo.program.command("worktree").option("remove").option("--force");
        let answer = command.operand(&self.folder).run()?;
        if answer.ok {
            return Ok(());
        }
        Err(Error::refused("a temporary checkout cannot be removed")
            .cause(answer.message)
            .hint("git worktree prune"))
    }
}

impl Drop for Checkout<'_> {
    /// Whoever stops half-way leaves none behind, either.
    fn drop(&mut self) {
        if self.there {
            // There is nobody left to tell.
            let _ = self.take_away();
        }
    }
}
