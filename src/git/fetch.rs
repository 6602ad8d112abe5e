//! Fetches history from a remote. A fetch adds objects and may move the boundary of a shallow clone; it changes no file and
//! not HEAD, and no ref but tags that are missing here.

use super::command::{GitCommand, Unfinished};
use super::git_messages::is_lock_conflict;
use super::remote::Remote;
use super::repo::Repo;
use super::retries;
use crate::error::{Error, Result};
use crate::model::CommitId;

/// How much history a fetch brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// All commits that are missing.
    Missing,
    /// The last so many commits.
    Last(u32),
    /// So many commits beyond the boundary of a shallow clone.
    Deepen(u32),
    /// Everything: the clone is not shallow afterwards.
    Unshallow,
    /// Everything, whether it is here or not: what is here is damaged.
    Again,
}

/// How long a fetch may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchTimeout {
    /// The network timeout: a person waits, and the operation can do without the fetch.
    Short,
    /// The deadline of every git command: much history may have to arrive.
    Long,
}

/// Why a fetch failed.
#[derive(Debug)]
pub enum FetchError {
    /// Another process holds a lock of this repository, probably because it fetches the same.
    Locked(Error),
    /// It did not end in time.
    TimedOut(Error),
    /// The remote cannot be reached, or does not have it.
    Failed(Error),
}

impl From<FetchError> for Error {
    fn from(error: FetchError) -> Error {
        match error {
            FetchError::Locked(error) | FetchError::TimedOut(error) | FetchError::Failed(error) => error,
        }
    }
}

impl Repo {
    /// Fetches one ref or commit, without tags. Tags would bring their own history.
    ///
    /// # Errors
    ///
    /// Exit code 6: the remote cannot be reached, or does not have it.
    pub fn fetch(
        &self,
        remote: &Remote,
        reference: &str,
        depth: Depth,
        timeout: FetchTimeout,
    ) -> std::result::Result<(), FetchError> {
        self.run_fetch(remote, Some(reference), depth, timeout)
    }

    /// Fetches one ref or commit, and in a shallow clone none of the commits before it.
    ///
    /// # Errors
    ///
    /// Exit code 6: the remote cannot be reached within the network timeout, or does not have it.
    pub fn fetch_commit(&self, remote: &Remote, reference: &str) -> Result<()> {
        let depth = if self.is_shallow() { Depth::Last(1) } else { Depth::Missing };
        Ok(self.fetch(remote, reference, depth, FetchTimeout::Short)?)
    }

    /// Fetches the tags that this clone lacks, unless it is shallow: one that is not, and that has some tags, is taken to have
    /// all of them. A tag that is here stays as it is.
    pub(super) fn complete_tags(&self, remote: &Remote) {
        if !self.is_shallow() {
            // git also fails where a tag is another one here, after it has fetched the rest.
            drop(self.run_fetch(remote, Some("refs/tags/*:refs/tags/*"), Depth::Missing, FetchTimeout::Long));
        }
    }

    /// Deepens a shallow clone by so many commits behind `head`; without a number, makes it complete. A clone that is complete
    /// afterwards has all tags.
    ///
    /// # Errors
    ///
    /// Exit code 6: the remote cannot be reached, or does not have more.
    pub fn deepen(&self, remote: &Remote, head: CommitId, by: Option<u32>) -> Result<()> {
        let depth = by.map_or(Depth::Unshallow, Depth::Deepen);
        let (head, was_shallow) = (head.to_string(), self.is_shallow());
        // HEAD is the least that is needed; some servers only serve what a branch names.
        let fetched = self
            .run_fetch(remote, Some(&head), depth, FetchTimeout::Long)
            .or_else(|_| self.run_fetch(remote, None, depth, FetchTimeout::Long));
        fetched.map_err(|error| Error {
            message: format!("cannot fetch older history from {}", remote.name),
            ..Error::from(error)
                .hint("fetch the whole history; with actions/checkout, add `with: { fetch-depth: 0 }`")
        })?;
        if was_shallow {
            self.complete_tags(remote);
        }
        Ok(())
    }

    /// Runs `git fetch`; without a reference, for what the configuration of the remote names.
    fn run_fetch(
        &self,
        remote: &Remote,
        reference: Option<&str>,
        depth: Depth,
        timeout: FetchTimeout,
    ) -> std::result::Result<(), FetchError> {
        let answer = retries::run_reading(|| self.fetch_command(remote, reference, depth, timeout));
        let what = reference.unwrap_or("history");
        let message = format!("cannot fetch {what} from {}", remote.name);
        let answer = match answer {
            Ok(answer) => answer,
            Err(Unfinished::TimedOut(error)) => {
                return Err(FetchError::TimedOut(Error::unreachable(message).with_source(error)));
            }
            Err(unfinished) => return Err(FetchError::Failed(unfinished.into())),
        };
        if answer.ok {
            return self.reload().map_err(FetchError::Failed);
        }
        let error = Error::unreachable(message).cause(&answer.message);
        Err(if is_lock_conflict(&answer.stderr) {
            FetchError::Locked(error)
        } else {
            FetchError::Failed(error)
        })
    }

    fn fetch_command(
        &self,
        remote: &Remote,
        reference: Option<&str>,
        depth: Depth,
        timeout: FetchTimeout,
    ) -> GitCommand<'_> {
        let mut command = self.program.command("fetch").option("--no-tags").option("--no-write-fetch-head");
        command = command.option("--no-recurse-submodules").option("--quiet");
        if self.work_tree().is_some() {
            // The user's repository is theirs to maintain; a bare one may be our copy of the ledger.
            command = command.option("--no-auto-maintenance");
        }
        if reference.is_some() {
            // Without this the remote-tracking branch would be moved as well.
            command = command.option("--refmap=");
        }
        command = match depth {
            Depth::Last(count) => command.number("--depth", count),
            Depth::Deepen(count) => command.number("--deepen", count),
            Depth::Unshallow if self.is_shallow() => command.option("--unshallow"),
            Depth::Again => command.option("--refetch"),
            Depth::Unshallow | Depth::Missing => command,
        };
        if timeout == FetchTimeout::Short {
            command = command.with_network_timeout();
        }
        let command = command.operand(&remote.name);
        reference.into_iter().fold(command, |command, reference| command.operand(reference))
    }
}
