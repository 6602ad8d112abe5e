//! Reads the tag of a release: the commit that was built for it, and the digests that were recorded in it.

use super::package::Package;
use super::release_context::ReleaseContext;
use crate::error::{Error, Result};
use crate::git::{Link, Refs};
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
    /// The trailers are incomplete, were edited, or name another package (5). The tag exists only on the remote, and must not
    /// be fetched (7) or cannot be (6).
    pub fn release(&self, package: &Package, tag: VersionTag) -> Result<TaggedRelease> {
        let message = self.tag_message(&tag)?;
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

    /// Returns the message of a tag; empty for a lightweight one. A checkout of CI often has no tag, or only a lightweight copy
    /// of one that is annotated on the remote: then tag and commit are fetched by name, and no ref is changed.
    fn tag_message(&self, tag: &VersionTag) -> Result<String> {
        let (is_here, message) = (self.repo.has_tag(&tag.name), self.repo.tag_message(&tag.name));
        let has_all = is_here && self.repo.has(tag.commit) && (message.is_some() || !self.repo.is_shallow());
        let remote = self.repo.remote()?.filter(|_| !has_all && !self.options.offline);
        let Some(remote) = remote else {
            return match is_here {
                true => Ok(message.unwrap_or_default()),
                false => Err(Error::missing(format!("tag {} exists only on the remote", tag.name))
                    .hint(format!("git fetch origin tag {} --no-tags", tag.name))),
            };
        };
        let reference = format!("refs/tags/{}", tag.name);
        let listed = self.repo.ls_remote(&remote, Refs::Named(&[&reference]))?;
        let Some(object) = listed.refs.get(&reference).copied() else {
            return Ok(message.unwrap_or_default());
        };
        self.repo.fetch_commit(&remote, &reference)?;
        Ok(message.or_else(|| self.repo.tag_object_message(object)).unwrap_or_default())
    }

    /// Returns the commit that was built: `commit` itself, or its nearest ancestor that is not a release commit of `rel` (V30).
    /// Fetches older history if a shallow clone ends at what may be a release commit.
    pub fn built(&self, commit: CommitId) -> Result<CommitId> {
        let mut commit = commit;
        loop {
            if self.repo.is_boundary(commit) && !self.options.offline && self.reader.names_release(commit)? {
                self.until_complete(&[commit], || Ok((!self.repo.is_boundary(commit), ())))?;
            }
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
