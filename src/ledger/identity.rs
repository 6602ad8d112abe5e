//! Which repository a ledger belongs to: that of another repository is neither read nor written.

use super::Ledger;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::model::{CommitId, RepositoryIdentity};

/// Checks that the ledger is of this repository.
///
/// # Errors
///
/// 5 if it is of another one.
pub(super) fn check_repository(ledger: &Ledger<'_>) -> Result<()> {
    let Some(event) = ledger.snapshot.event()? else { return Ok(()) };
    let theirs = &event.repository;
    let repo = ledger.context.repo()?;
    let other = |cause: String| {
        let remote = &ledger.store.remote.name;
        Error::conflict(format!("the ledger at {remote} belongs to another repository"))
            .cause(cause)
            .hint("set `[ledger] remote` or `branch` in release.toml to the ledger of this repository")
    };
    if let Some(name) = ledger.active_config.config.name.as_ref().filter(|name| **name != theirs.name) {
        return Err(other(format!("it belongs to {}, but release.toml says name = \"{name}\"", theirs.name))
            .hint(format!("to keep this ledger, set name = \"{}\"", theirs.name)));
    }
    match repo.raw_commit(theirs.root) {
        Some(root) if root.parents.is_empty() => Ok(()),
        // The first commit is not here, so only the name can be compared.
        None if repo.is_shallow() => Ok(()),
        None if repo.has(theirs.root) => {
            ledger.context.ui().warning(format!(
                "the first commit {} of this clone is damaged, so only the name in release.toml tells that the ledger is of this \
                 repository",
                theirs.root.short()
            ));
            Ok(())
        }
        _ => Err(other(format!(
            "it records {} as the first commit, which is not that of this repository",
            theirs.root.short()
        ))),
    }
}

/// Returns the name of the repository.
///
/// # Errors
///
/// 2 if release.toml has no `name`: rel does not take the name from the folder.
pub(super) fn name(ledger: &Ledger<'_>) -> Result<String> {
    let repo = ledger.context.repo()?;
    ledger.active_config.config.name.clone().ok_or_else(|| {
        Error::usage("release.toml has no `name`, which every event needs")
            .cause("rel does not take the name from the folder")
            .hint(format!(
                "add to release.toml, and merge it into the default branch:\n  name = \"{}\"",
                repo.name()
            ))
    })
}

/// Returns the identity of this repository: as the ledger has it, else from the configuration and the history.
///
/// # Errors
///
/// 2 if release.toml has no `name`: rel does not take the name from the folder.
pub(super) fn repository_identity(ledger: &Ledger<'_>) -> Result<RepositoryIdentity> {
    let repo = ledger.context.repo()?;
    let name = name(ledger)?;
    if let Some(event) = ledger.snapshot.event()? {
        return Ok(RepositoryIdentity { name, root: event.repository.root });
    }
    let start = match ledger.active_config.source.commit() {
        Some(commit) => commit,
        None => repo.head()?.commit,
    };
    if let Some(root) = root(repo, start) {
        return Ok(RepositoryIdentity { name, root });
    }
    // This happens once for every ledger.
    if let Some(remote) = repo.remote()?.filter(|_| repo.is_shallow()) {
        ledger
            .context
            .ui()
            .status("fetching the whole history, because the first event records the first commit");
        repo.deepen(&remote, start, None)?;
    }
    root(repo, start).map(|root| RepositoryIdentity { name, root }).ok_or_else(|| {
        Error::refused(
            "the first commit of this repository is missing from this clone, and the first event of a ledger records it",
        )
        .hint("git fetch --unshallow")
    })
}

/// Returns the first commit along first parents; `None` if the history is cut off before it.
fn root(repo: &Repo, start: CommitId) -> Option<CommitId> {
    let mut at = start;
    loop {
        match repo.raw_commit(at)?.parents.first() {
            Some(parent) => at = *parent,
            None => return Some(at),
        }
    }
}
