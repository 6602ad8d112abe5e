//! Finds release commits of `rel` around HEAD, for making the next release.

use super::commits::owns;
use super::package::Package;
use super::release_context::ReleaseContext;
use crate::error::Result;
use crate::model::CommitId;

impl ReleaseContext<'_> {
    /// Returns the commit that was built: HEAD, or its nearest ancestor that is not a release commit of `rel`.
    pub fn build_commit(&self) -> Result<CommitId> {
        self.built(self.head())
    }

    /// Returns the release commit that is a child of HEAD and reachable from `tip`: an earlier run of the same CI job made it,
    /// and later commits may follow it.
    pub fn own_child(&self, tip: CommitId) -> Result<Option<CommitId>> {
        let head = self.head();
        let above = self.repo.range(tip, &[head])?.commits;
        let child = above.last().filter(|link| link.parents == [head]);
        Ok(match child {
            Some(link) if self.reader.is_release_commit(link, self.tags())? => Some(link.id),
            _ => None,
        })
    }

    /// Whether a package owns a file; the only package of a repository owns all (V17).
    pub fn owns(&self, package: &Package, path: &str) -> bool {
        package.rule.as_ref().is_none_or(|rule| owns(self.config, rule, path))
    }
}
