//! A repository that exists as long as it is needed, for objects that are damaged in the clone: git does not fetch again what it
//! finds here.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Depth, FetchTimeout, Remote, Repo, Writer};
use crate::model::CommitId;
use tempfile::TempDir;

/// A bare repository in a temporary folder, which is removed when it is dropped.
pub struct TemporaryRepo {
    /// The repository.
    pub repo: Repo,
    _folder: TempDir,
}

/// Fetches a commit of a remote, which `reference` leads to, into a temporary repository.
///
/// # Errors
///
/// 6 if the commit does not arrive; 4 if there is no folder for the repository.
pub fn fetch_elsewhere(
    context: &Context,
    remote: &Remote,
    reference: &str,
    commit: CommitId,
) -> Result<TemporaryRepo> {
    let folder = context.temporary_folder()?;
    let settings = context.variable("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0);
    let repo = Writer::new(context.repo()?).open_ledger_repo(&folder.path().join("copy"), settings)?;
    repo.fetch(remote, reference, Depth::Last(1), FetchTimeout::Short)?;
    match repo.has(commit) {
        true => Ok(TemporaryRepo { repo, _folder: folder }),
        false => Err(Error::unreachable(format!("{} did not send commit {commit}", remote.name))),
    }
}
