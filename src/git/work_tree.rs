//! The state of the work tree.

use super::repo::Repo;
use crate::error::{Error, Result};

impl Repo {
    /// Returns the tracked files that differ from HEAD, at most `most` of them, and how many there are.
    pub fn dirty(&self, most: usize) -> Result<(Vec<String>, usize)> {
        if self.work_tree().is_none() {
            return Ok((Vec::new(), 0));
        }
        let answer =
            self.program.command("status").option("--porcelain=v1").option("--untracked-files=no").run()?;
        if !answer.ok {
            return Err(Error::refused("cannot read the state of the work tree").cause(answer.message));
        }
        let files: Vec<String> =
            answer.stdout.lines().filter_map(|line| line.get(3..)).map(str::to_owned).collect();
        let all = files.len();
        Ok((files.into_iter().take(most).collect(), all))
    }

    /// Returns what was begun in the work tree and is not finished: a merge, a rebase.
    pub fn under_way(&self) -> Option<&'static str> {
        use git2::RepositoryState as State;
        match self.git.state() {
            State::Clean => None,
            State::Merge => Some("a merge"),
            State::Revert | State::RevertSequence => Some("a revert"),
            State::CherryPick | State::CherryPickSequence => Some("a cherry-pick"),
            State::Bisect => Some("a bisect"),
            State::Rebase | State::RebaseInteractive | State::RebaseMerge => Some("a rebase"),
            State::ApplyMailbox | State::ApplyMailboxOrRebase => Some("git am"),
        }
    }

    /// Returns whether the work tree has something at this path, tracked or not.
    pub fn has_file(&self, path: &str) -> bool {
        self.work_tree().is_some_and(|top| top.join(path).symlink_metadata().is_ok())
    }
}
