//! Reads the tag of a release: the commit that was built for it, and the digests that were recorded in it.

use super::package::Package;
use super::release_context::ReleaseContext;
use crate::error::{Error, Result};
use crate::git::Link;
use crate::model::{CommitId, Trailers};
use crate::version::VersionTag;

/// A release as its tag describes it.
#[derive(Clone, Debug)]
pub struct TaggedRelease {
    /// Version, name and commit.
    pub tag: VersionTag,
    /// The commit that its images were built from.
    pub build: CommitId,
    /// The trailers that `rel` wrote into the tag; `None` if something else created the tag.
    pub trailers: Option<Trailers>,
}

impl ReleaseContext<'_> {
    /// Reads the tag of a release. The build commit is the recorded one, otherwise the tagged commit or, if that is a release
    /// commit of `rel`, its parent.
    ///
    /// # Errors
    ///
    /// The trailers are incomplete, were edited, or name another package (5). The tag exists only on the remote, so it cannot
    /// be read (7).
    pub fn release(&self, package: &Package, tag: VersionTag) -> Result<TaggedRelease> {
        if !self.repo.has_tag(&tag.name) {
            return Err(Error::missing(format!("tag {} exists only on the remote", tag.name))
                .hint(format!("git fetch origin tag {} --no-tags", tag.name)));
        }
        let message = self.repo.tag_message(&tag.name).unwrap_or_default();
        let trailers = Trailers::parse(&message).map_err(|fault| {
            Error::conflict(format!("the Rel- trailers of tag {} are incomplete or were edited", tag.name))
                .cause(fault)
                .hint(format!("git cat-file tag {}", tag.name))
        })?;
        let build = match &trailers {
            Some(trailers) if trailers.package != package.name => {
                return Err(Error::conflict(format!(
                    "tag {} is a release of package {}, not of {}",
                    tag.name, trailers.package, package.name
                )));
            }
            Some(trailers) => trailers.build,
            None => self.built(tag.commit)?,
        };
        Ok(TaggedRelease { tag, build, trailers })
    }

    /// Returns the build commit of a release by the history alone, whatever its trailers say.
    pub fn built_before(&self, release: &TaggedRelease) -> Result<CommitId> {
        self.built(release.tag.commit)
    }

    /// Returns the commit that was built: `commit` itself, or its nearest ancestor that is not a release commit of `rel` (V30).
    pub fn built(&self, commit: CommitId) -> Result<CommitId> {
        let mut commit = commit;
        loop {
            let (Some(parent), 1) = self.repo.first_parent(commit)? else { return Ok(commit) };
            let link = Link { id: commit, parents: vec![parent] };
            if !self.reader.is_release_commit(&link, self.tags())? {
                return Ok(commit);
            }
            commit = parent;
        }
    }

    /// Returns up to `limit` ancestors of a commit and up to `limit` commits between it and HEAD, nearest first. They are for
    /// hints only, so commits that cannot be read are left out.
    pub fn neighbours(&self, commit: CommitId, limit: usize) -> Vec<CommitId> {
        let mut before = Vec::new();
        let mut next = self.repo.first_parent(commit).ok().and_then(|(parent, _)| parent);
        while let Some(parent) = next.filter(|_| before.len() < limit) {
            before.push(parent);
            next = self.repo.first_parent(parent).ok().and_then(|(parent, _)| parent);
        }
        let above = self.repo.range(self.head(), &[commit]).map(|range| range.commits).unwrap_or_default();
        let mut after = above.iter().rev().take(limit).map(|link| link.id);
        let mut near = Vec::new();
        for before in before {
            near.push(before);
            near.extend(after.next());
        }
        near.extend(after);
        near
    }
}
