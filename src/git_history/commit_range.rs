//! The commits of a release, or those that are not released yet: what release notes are written from.

use super::package::Package;
use super::release_context::ReleaseContext;
use super::tags;
use crate::error::Result;
use crate::git::RawTag;
use crate::model::{CommitId, Version};
use crate::version::{ClassifiedCommit, ReleaseLine, VersionTag};

/// The commits between two points.
#[derive(Debug)]
pub struct CommitRange {
    /// The release that it starts from; `None` if it starts with the first commit.
    pub from: Option<VersionTag>,
    /// The last commit.
    pub to: CommitId,
    /// The release that it ends with; `None` if it ends with HEAD.
    pub release: Option<VersionTag>,
    /// The commits in between, children before parents.
    pub commits: Vec<ClassifiedCommit>,
}

impl ReleaseContext<'_> {
    /// Returns the commits that are not released on this line: since the last final, or on a prerelease line since its last
    /// prerelease. If the next version is known, only prereleases of its core are considered.
    pub fn unreleased(&self, package: &Package, next: Option<&Version>) -> Result<CommitRange> {
        // Warnings about the line are shown with the next version, not with notes.
        let (line, _) = self.release_line()?;
        let mut base = self.base(package, &line)?;
        self.start_from_final_branches(&line, &mut base)?;
        let channel = line.channel.as_ref();
        let same_line = |tag: &&VersionTag| {
            tag.version.channel().is_some_and(|(name, _)| Some(&name) == channel)
                && next.is_none_or(|next| tag.version.core() == next.core())
        };
        let last = base.prereleases.iter().find(same_line).cloned();
        self.commit_range(package, last.or(base.last), None)
    }

    /// Returns the commits of a release: for a final all since the previous final, those of its prereleases included; for a
    /// prerelease all since the previous one of its core and channel.
    pub fn released(&self, package: &Package, tag: &VersionTag) -> Result<CommitRange> {
        let earlier = |raw: &&RawTag| {
            tags::of(package, std::slice::from_ref(*raw)).iter().all(|other| other.version < tag.version)
        };
        let before: Vec<RawTag> = self.tags().iter().filter(earlier).cloned().collect();
        let at_release = self.at_commit(tag.commit, before);
        let base = at_release.base(package, &ReleaseLine::default())?;
        let core = tag.version.core();
        let channel = tag.version.channel().map(|(channel, _)| channel);
        let same_line = |other: &&VersionTag| {
            other.version.core() == core && other.version.channel().map(|(name, _)| name) == channel
        };
        let last = channel.as_ref().and_then(|_| base.prereleases.iter().find(same_line).cloned());
        // The commits are read with all tags: the tag of a release identifies the release commit (V30).
        self.range(package, last.or(base.last), Some(tag.clone()))
    }

    /// Returns the commits between two releases, or between a release and HEAD, as `A..B` of git.
    pub fn range(
        &self,
        package: &Package,
        from: Option<VersionTag>,
        to: Option<VersionTag>,
    ) -> Result<CommitRange> {
        match to {
            None => self.commit_range(package, from, None),
            Some(tag) => {
                let at_release = self.at_commit(tag.commit, self.tags().to_vec());
                at_release.commit_range(package, from, Some(tag))
            }
        }
    }

    /// Returns the commits that are reachable from `to` and not from `from`.
    pub fn between_commits(&self, package: &Package, from: CommitId, to: CommitId) -> Result<CommitRange> {
        let at_release = self.at_commit(to, self.tags().to_vec());
        let (commits, _) = at_release.commits(package, &[from])?;
        Ok(CommitRange { from: None, to, release: None, commits })
    }

    /// Returns the tags that are versions of a package.
    pub fn version_tags(&self, package: &Package) -> Vec<VersionTag> {
        tags::of(package, self.tags())
    }

    fn commit_range(
        &self,
        package: &Package,
        from: Option<VersionTag>,
        release: Option<VersionTag>,
    ) -> Result<CommitRange> {
        let hidden: Vec<CommitId> = from.iter().map(|tag| tag.commit).collect();
        let (commits, _) = self.commits(package, &hidden)?;
        Ok(CommitRange { from, to: self.head(), release, commits })
    }
}
