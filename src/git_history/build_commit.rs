//! Whether the build commit that a tag names was built for it. Anybody who may push a tag can write any commit into its
//! trailers.

use super::release_context::ReleaseContext;
use super::tagged_release::TaggedRelease;
use crate::error::{Error, Result};
use crate::git::Link;
use crate::model::CommitId;
use crate::version::VersionTag;

impl ReleaseContext<'_> {
    /// Returns whether a commit is what was built for a tag: the tagged commit itself, or the first commit below it that is not
    /// one of `rel`'s own, nor a merge that brings only such commits.
    fn is_build_of(&self, tag: &VersionTag, build: CommitId) -> Result<bool> {
        let mut commit = tag.commit;
        if commit == build {
            return Ok(true);
        }
        while let Some(below) = self.below_own(commit, tag)? {
            commit = below;
        }
        Ok(commit == build)
    }

    /// Returns the parent of a release commit of `rel`, or the first parent of a merge that brings only such commits; `None` for
    /// any other commit.
    fn below_own(&self, commit: CommitId, tag: &VersionTag) -> Result<Option<CommitId>> {
        // The objects themselves: neither a shallow boundary nor `refs/replace` hides a parent.
        let parents = self.repo.raw_commit(commit).map(|found| found.parents).unwrap_or_default();
        let Some(first) = parents.first().copied() else { return Ok(None) };
        self.fetch(first)?;
        let link = Link { id: commit, parents };
        let own = match link.parents.len() {
            1 => self.reader.is_release_commit_of(&link, self.tags(), commit == tag.commit)?,
            _ => self.brings_only_own(&link, first)?,
        };
        Ok(own.then_some(first))
    }

    /// Returns whether a merge brings nothing but release commits of `rel` to its first parent, and changes nothing else itself.
    fn brings_only_own(&self, merge: &Link, first: CommitId) -> Result<bool> {
        let brought = self.repo.range(merge.id, &[first])?;
        for link in brought.commits.iter().filter(|link| link.id != merge.id) {
            if !self.reader.is_release_commit(link, self.tags())? {
                return Ok(false);
            }
        }
        let changed = self.repo.changed_paths(merge.id, Some(first))?;
        Ok(brought.complete && changed.iter().all(|path| self.config.writes(path)))
    }

    /// Fetches a commit that a shallow clone lacks.
    fn fetch(&self, commit: CommitId) -> Result<()> {
        match self.repo.remote()?.filter(|_| !self.repo.has(commit)) {
            Some(remote) => self.repo.fetch_commit(&remote, &commit.to_string()),
            None => Ok(()),
        }
    }

    /// Returns the build commit of a release by its history: that of the trailers where it can be, whatever else they say.
    pub fn built_before(&self, release: &TaggedRelease) -> Result<CommitId> {
        match self.is_build_of(&release.tag, release.build)? {
            true => Ok(release.build),
            false => self.built(release.tag.commit),
        }
    }

    /// Checks that the build commit of a release is the tagged commit, or the first one below `rel`'s own commits.
    ///
    /// # Errors
    ///
    /// 5 where it is another commit; 6 where a shallow clone cannot fetch what tells.
    pub fn check_build(&self, release: &TaggedRelease) -> Result<()> {
        let TaggedRelease { tag, build, .. } = release;
        if self.is_build_of(tag, *build)? {
            return Ok(());
        }
        Err(Error::conflict(format!("tag {} names a build commit that was not built for it", tag.name))
            .cause(format!("Rel-Build is {build}, and the tag is on {}", tag.commit))
            .cause("Rel-Build must be the tagged commit, or the first one below the release commits of rel")
            .hint(format!("git cat-file tag {}", tag.name)))
    }
}
