//! What a tag says of its release: the build that it stands for, and the digests that were recorded for it. Leans on
//! `release_context` and `model`.

use super::package::Package;
use super::release_context::ReleaseContext;
use crate::error::{Error, Result};
use crate::git::Link;
use crate::model::{CommitId, Trailers};
use crate::version::VersionTag;

/// A release as its tag tells it.
#[derive(Clone, Debug)]
pub struct TaggedRelease {
    /// Version, name and commit.
    pub tag: VersionTag,
    /// The commit that its images were built from.
    pub build: CommitId,
    /// What `rel` wrote into the tag; `None` where something else made it.
    pub trailers: Option<Trailers>,
}

impl ReleaseContext<'_> {
    /// Reads the tag of a release. Its build commit is the recorded one, else the tagged one or, past `rel`'s own
    /// commits, the one before.
    ///
    /// # Errors
    ///
    /// The trailers are not as `rel` writes them, or speak of another package (5). The tag is only on the remote, so that
    /// nobody here knows what it says (7).
    pub fn release(&self, package: &Package, tag: VersionTag) -> Result<TaggedRelease> {
        if !self.repo.has_tag(&tag.name) {
            return Err(Error::missing(format!("{} is only on the remote", tag.name))
                .hint(format!("git fetch origin tag {} --no-tags", tag.name)));
        }
        let message = self.repo.tag_message(&tag.name).unwrap_or_default();
        let trailers = Trailers::parse(&message).map_err(|fault| {
            Error::conflict(format!("the trailers of {} are not as rel wrote them", tag.name))
                .cause(fault)
                .hint(format!("git cat-file tag {} shows them", tag.name))
        })?;
        let build = match &trailers {
            Some(trailers) if trailers.package != package.name => {
                return Err(Error::conflict(format!(
                    "{} was made for the package {}, and is read as one of {}",
                    tag.name, trailers.package, package.name
                )));
            }
            Some(trailers) => trailers.build,
            None => self.built(tag.commit)?,
        };
        Ok(TaggedRelease { tag, build, trailers })
    }

    /// The commit that was built, by what stands in git and not by what the tag says.
    pub fn built_before(&self, release: &TaggedRelease) -> Result<CommitId> {
        self.built(release.tag.commit)
    }

    /// A commit, or the one before where it is one of `rel`'s own.
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

    /// Commits near another one, the nearest first: those before it, and those between it and HEAD. For hints only, so
    /// that what cannot be read is left out.
    pub fn neighbours(&self, commit: CommitId, most: usize) -> Vec<CommitId> {
        let mut before = Vec::new();
        let mut next = self.repo.first_parent(commit).ok().and_then(|(parent, _)| parent);
        while let Some(parent) = next.filter(|_| before.len() < most) {
            before.push(parent);
            next = self.repo.first_parent(parent).ok().and_then(|(parent, _)| parent);
        }
        let above = self.repo.range(self.head(), &[commit]).map(|range| range.commits).unwrap_or_default();
        let mut after = above.iter().rev().take(most).map(|link| link.id);
        let mut near = Vec::new();
        for before in before {
            near.push(before);
            near.extend(after.next());
        }
        near.extend(after);
        near
    }
}
