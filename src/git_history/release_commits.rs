//! `rel`'s own release commits, as whoever makes the next one meets them. Leans on `release_context` and `commits`.

use super::commits::owns;
use super::package::Package;
use super::release_context::ReleaseContext;
use crate::error::Result;
use crate::model::CommitId;

impl ReleaseContext<'_> {
    /// The commit that was built: HEAD, or past `rel`'s own commits the one before.
    pub fn build_commit(&self) -> Result<CommitId> {
        self.built(self.head())
    }

    /// The release commit right above HEAD, on the way to `tip`: the work of a job that checked out what it began with.
    /// Others may have gone on since.
    pub fn own_child(&self, tip: CommitId) -> Result<Option<CommitId>> {
        let head = self.head();
        let above = self.repo.range(tip, &[head])?.commits;
        let child = above.last().filter(|link| link.parents == [head]);
        Ok(match child {
            Some(link) if self.reader.is_release_commit(link, self.tags())? => Some(link.id),
            _ => None,
        })
    }

    /// Whether a file is a package's own; in a repository with one package all are.
    pub fn owns(&self, package: &Package, path: &str) -> bool {
        package.rule.as_ref().is_none_or(|rule| owns(self.config, rule, path))
    }
}
