//! A temporary checkout of one commit. The user's `git` makes it, so that filters, large files and partial clones work as
//! they do elsewhere.

use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;
use std::path::{Path, PathBuf};

/// A script with other line ends than its release has cannot be started.
const LINE_ENDS: (&str, &str) = ("core.autocrlf", "false");

/// A linked work tree, removed when it is dropped.
pub struct Checkout<'r> {
    repo: &'r Repo,
    folder: PathBuf,
    exists: bool,
}

impl<'r> Checkout<'r> {
    /// Checks a commit out, with the line ends that it has, into a folder that does not exist yet, whose name no other work
    /// tree has. No hook runs.
    pub fn create(repo: &'r Repo, commit: CommitId, folder: &Path) -> Result<Self> {
        let command = repo
            .program
            .command("worktree")
            .setting("core.hooksPath", Path::new("/dev/null"))
            .setting(LINE_ENDS.0, Path::new(LINE_ENDS.1))
            .option("add")
            .option("--detach");
        // Exists from now on: a command that is ended leaves parts of it, which are removed when this is dropped.
        let checkout = Checkout { repo, folder: folder.to_owned(), exists: true };
        let answer =
            command.option("--force").option("--quiet").operand(folder).operand(commit.to_string()).run()?;
        if answer.ok {
            return Ok(checkout);
        }
        Err(Error::refused(format!("cannot check out commit {}", commit.short()))
            .cause(answer.message)
            .hint("set `tree = \"here\"` to run commands in the folder where rel was started"))
    }

    /// Writes the files of a commit into a folder, which is no work tree. Nothing is written to the repository, which may be
    /// read-only or on a full disk. `index` is the path of a temporary file.
    pub fn export(repo: &Repo, commit: CommitId, folder: &Path, index: &Path) -> Result<()> {
        let mut program = repo.program.with_variable("GIT_INDEX_FILE", index);
        if let (None, Some(temporary)) = (repo.work_tree(), index.parent()) {
            // git writes no files where it knows no work tree, not even elsewhere.
            program = program.with_variable("GIT_WORK_TREE", temporary);
        }
        let read = program.command("read-tree").operand(commit.to_string()).run()?;
        let written = match read.ok {
            true => program
                .command("checkout-index")
                .setting(LINE_ENDS.0, Path::new(LINE_ENDS.1))
                .option("--all")
                .prefix(folder)
                .run()?,
            false => read,
        };
        if written.ok {
            return Ok(());
        }
        Err(Error::refused(format!("cannot write the files of commit {}", commit.short()))
            .cause(written.message))
    }

    /// Removes it, with everything that commands left in it.
    pub fn remove(mut self) -> Result<()> {
        self.delete()
    }

    /// Removes the folder, and what git keeps of it in the repository. Without git, because a signal may have come: there is
    /// no time to start a program, and one that is ended leaves more behind.
    fn delete(&mut self) -> Result<()> {
        self.exists = false;
        let worktrees = self.repo.git.commondir().join("worktrees");
        let kept = self.folder.file_name().map(|name| worktrees.join(name));
        for folder in [Some(self.folder.clone()), kept].into_iter().flatten() {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::refused("cannot remove a temporary checkout")
                        .cause(format!("{}: {error}", folder.display()))
                        .hint("git worktree prune"));
                }
                _ => {}
            }
        }
        // Git removes the folder of all work trees with the last one; others may be in it.
        drop(std::fs::remove_dir(worktrees));
        Ok(())
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
