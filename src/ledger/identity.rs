//! Whose ledger it is: a writer from another repository is refused, and so is a reader. Leans on `git`.

use super::Ledger;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::model::{CommitId, RepositoryIdentity};

/// Refuses a ledger of another repository.
pub(super) fn same(ledger: &Ledger<'_>) -> Result<()> {
    let Some(event) = ledger.snapshot.event()? else { return Ok(()) };
    let theirs = &event.repository;
    let repo = ledger.context.repo()?;
    let foreign = |cause: String| {
        let place = &ledger.store.remote.name;
        Error::conflict(format!("the ledger at {place} is of another repository"))
            .cause(cause)
            .hint("`[ledger] remote` and `branch` of release.toml say where this one's is")
    };
    if let Some(name) = ledger.governing.config.name.as_ref().filter(|name| **name != theirs.name) {
        return Err(foreign(format!("it is of {}, and release.toml says name = \"{name}\"", theirs.name))
            .hint(format!("name = \"{}\" keeps the ledger that is there", theirs.name)));
    }
    match repo.chained(theirs.root) {
        Some(root) if root.parents.is_empty() => Ok(()),
        // The beginning is not here, so the name must do.
        None if repo.is_shallow() => Ok(()),
        _ => Err(foreign(format!(
            "its history begins with {}, which is not the beginning of this one",
            theirs.root.short()
        ))),
    }
}

/// Of which repository an event is: as the ledger has it, else from the configuration and the history.
///
/// # Errors
///
/// 2 where release.toml has no `name`: a folder's name must not decide what production is called.
pub(super) fn identity(ledger: &Ledger<'_>) -> Result<RepositoryIdentity> {
    let repo = ledger.context.repo()?;
    let Some(name) = ledger.governing.config.name.clone() else {
        return Err(Error::usage("release.toml has no name, and what is recorded needs one")
            .cause("a folder's name must not decide what production is called")
            .hint(format!(
                "add to release.toml, and bring it to the default branch:\n  name = \"{}\"",
                repo.name()
            )));
    };
    if let Some(event) = ledger.snapshot.event()? {
        return Ok(RepositoryIdentity { name, root: event.repository.root });
    }
    let start = match ledger.governing.source.commit() {
        Some(commit) => commit,
        None => repo.head()?.commit,
    };
    if let Some(root) = root(repo, start) {
        return Ok(RepositoryIdentity { name, root });
    }
    // Once in the life of a ledger.
    if let Some(remote) = repo.remote()?.filter(|_| repo.is_shallow()) {
        ledger.context.ui().status("the first event names the first commit: fetching the whole history");
        repo.deepen(&remote, start, None)?;
    }
    root(repo, start).map(|root| RepositoryIdentity { name, root }).ok_or_else(|| {
        Error::refused(
            "the first commit of this history is not here, and the first event of a ledger names it",
        )
        .hint("git fetch --unshallow")
    })
}

/// The first commit of the line of first parents; `None` where the history is cut off before it.
fn root(repo: &Repo, start: CommitId) -> Option<CommitId> {
    let mut at = start;
    loop {
        match repo.chained(at)?.parents.first() {
            Some(parent) => at = *parent,
            None => return Some(at),
        }
    }
}
