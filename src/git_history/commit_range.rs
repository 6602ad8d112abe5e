//! The commits that a release brought, or that wait for one, as notes are written from them. Leans on `release_context`.

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
    /// The release that it stands on; `None` from the very beginning.
    pub from: Option<VersionTag>,
    /// The last commit.
    pub to: CommitId,
    /// The release that it leads to; `None` where it leads to HEAD.
    pub release: Option<VersionTag>,
    /// What lies between, children before parents.
    pub commits: Vec<ClassifiedCommit>,
}

impl ReleaseContext<'_> {
    /// What waits for a release on this line: since the last final, or on a prerelease line since its last one; where the
    /// next version is known, its last one of that core.
    pub fn unreleased(&self, package: &Package, next: Option<&Version>) -> Result<CommitRange> {
        // Whoever asks for the next version is told of the line; notes only need it.
        let line = self.line(&mut Vec::new())?;
        let base = self.base(package, &line)?;
        let channel = line.channel.as_ref();
        let same_line = |tag: &&VersionTag| {
            tag.version.channel().is_some_and(|(name, _)| Some(&name) == channel)
                && next.is_none_or(|next| tag.version.core() == next.core())
        };
        let last = base.prereleases.iter().find(same_line).cloned();
        self.commit_range(package, last.or(base.last), None)
    }

    /// What a release brought: a final all since the final before it, its prereleases included; a prerelease all since
    /// the one before it of its core and channel.
    pub fn released(&self, package: &Package, tag: &VersionTag) -> Result<CommitRange> {
        let earlier = |raw: &&RawTag| {
            tags::of(package, std::slice::from_ref(*raw)).iter().all(|other| other.version < tag.version)
        };
        let before: Vec<RawTag> = self.tags().iter().filter(earlier).cloned().collect();
        let past = self.at_commit(tag.commit, before);
        let base = past.base(package, &ReleaseLine::default())?;
        let core = tag.version.core();
        let channel = tag.version.channel().map(|(channel, _)| channel);
        let same_line = |other: &&VersionTag| {
            other.version.core() == core && other.version.channel().map(|(name, _)| name) == channel
        };
        let last = channel.as_ref().and_then(|_| base.prereleases.iter().find(same_line).cloned());
        // The commits are read with all tags: that of a release tells which commit is `rel`'s own (V30).
        self.range(package, last.or(base.last), Some(tag.clone()))
    }

    /// What lies between two releases, or between one and HEAD, as git means `A..B`.
    pub fn range(
        &self,
        package: &Package,
        from: Option<VersionTag>,
        to: Option<VersionTag>,
    ) -> Result<CommitRange> {
        match to {
            None => self.commit_range(package, from, None),
            Some(tag) => {
                let past = self.at_commit(tag.commit, self.tags().to_vec());
                past.commit_range(package, from, Some(tag))
            }
        }
    }

    /// What `to` has and `from` has not.
    pub fn between_commits(&self, package: &Package, from: CommitId, to: CommitId) -> Result<CommitRange> {
        let past = self.at_commit(to, self.tags().to_vec());
        let (commits, _) = past.commits(package, &[from])?;
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
