//! Releases that an earlier run made: finished where something is missing, pushed where they are still local, or undone.

use super::existing::{self, ExistingRelease};
use super::image_tags::{self, ImageTags};
use super::leftovers::LocalTag;
use super::push::{Push, PushedBranch};
use super::session::Session;
use crate::error::Result;
use crate::git::{Remote, Writer};
use crate::model::message::Message;
use crate::model::{BumpTable, CommitId, TagName};

/// Releases that exist already, and what is missing.
#[derive(Debug)]
pub struct Existing {
    /// The releases.
    pub releases: Vec<ExistingRelease>,
    /// What is missing.
    pub state: ExistingState,
}

/// What existing releases need.
#[derive(Debug)]
pub enum ExistingState {
    /// They are on the remote, and their commit is right after HEAD.
    AfterHead,
    /// They are on HEAD, and pushed as far as this run pushes. `remote`: they are on the remote, so that their images may be
    /// tagged.
    OnHead {
        /// Whether they are on the remote.
        remote: bool,
    },
    /// They are local, and this run pushes nothing.
    Local,
    /// They are local, and this run pushes them.
    Unpushed {
        /// Where to.
        remote: Remote,
        /// Their tags.
        tags: Vec<LocalTag>,
    },
}

impl Existing {
    /// Finds the releases on the commit right after HEAD: an old job that is run again, or one that was killed right after
    /// its push. `None` where there are none, or where this run does not push.
    pub fn after_head(session: &Session<'_>) -> Result<Option<Existing>> {
        if !session.pushes()? {
            return Ok(None);
        }
        let releases = existing::after_head(session)?;
        Ok((!releases.is_empty()).then_some(Existing { releases, state: ExistingState::AfterHead }))
    }

    /// Finds the releases on HEAD; `None` where there are none.
    ///
    /// # Errors
    ///
    /// One of their tags is local and was not created by `rel` (4).
    pub fn on_head(session: &Session<'_>) -> Result<Option<Existing>> {
        let releases = existing::on_head(session)?;
        if releases.is_empty() {
            return Ok(None);
        }
        let unpushed = existing::unpushed_tags(session, &releases)?;
        let pushes = session.pushes()?;
        let remote = session.remote.as_ref().filter(|_| pushes);
        let state = match (remote, unpushed.is_empty()) {
            (remote, true) => ExistingState::OnHead { remote: remote.is_some() },
            (None, false) => ExistingState::Local,
            (Some(remote), false) => ExistingState::Unpushed { remote: remote.clone(), tags: unpushed },
        };
        Ok(Some(Existing { releases, state }))
    }

    /// Does what is missing: moves a branch that HEAD is on to the release commit, pushes, and tags the images.
    pub fn finish(&self, session: &Session<'_>) -> Result<ImageTags> {
        match &self.state {
            ExistingState::Local | ExistingState::OnHead { remote: false } => return Ok(ImageTags::new()),
            ExistingState::OnHead { remote: true } => {}
            ExistingState::AfterHead => self.follow(session)?,
            ExistingState::Unpushed { remote, tags } => push(session, remote, tags)?,
        }
        image_tags::tag_existing(session, &self.releases)
    }

    /// Moves a clean branch that HEAD is on to the release commit; a failure is only a warning.
    fn follow(&self, session: &Session<'_>) -> Result<()> {
        let Some(commit) = self.releases.first().map(|release| release.commit) else { return Ok(()) };
        let repo = session.repo;
        let clean = repo.dirty(1)?.1 == 0;
        if clean && repo.head()?.branch.is_some() {
            Writer::new(repo)
                .fast_forward_head(commit)
                .unwrap_or_else(|error| session.context.ui().warning(error.message));
        }
        Ok(())
    }
}

/// Pushes tags that an earlier run created on HEAD.
fn push(session: &Session<'_>, remote: &Remote, tags: &[LocalTag]) -> Result<()> {
    let release_context = session.release_context()?;
    let head = release_context.head();
    let (line, _) = release_context.release_line()?;
    // A release commit needs the branch to be pushed as well; a tag on a commit of the remote's branch does not.
    let mut branch = PushedBranch::find(session.repo, release_context, &line)?;
    if let Some(tip) = branch.as_ref().and_then(|branch| branch.expected)
        && release_context.contains(tip, head)?
    {
        branch = None;
    }
    let push = Push { remote: remote.clone(), branch, options: session.options.push_options.clone() };
    push.send(session.repo, head, tags)
        .map_err(|error| error.hint("rel cut --abort undoes the local release"))?;
    session.context.ui().something_changed();
    Ok(())
}

/// What `rel cut --abort` undoes.
#[derive(Debug)]
pub struct Undo {
    /// Local tags that are deleted.
    pub tags: Vec<LocalTag>,
    /// The release commit on HEAD and its parent, which HEAD returns to.
    pub commit: Option<(CommitId, CommitId)>,
    /// Unpushed tags on ancestors of HEAD: they are kept.
    pub kept: Vec<TagName>,
}

impl Undo {
    /// Finds what can be undone: releases that were made here and never pushed.
    pub fn find(session: &Session<'_>) -> Result<Undo> {
        let left = &session.leftovers;
        Ok(Undo {
            tags: left.on_head.iter().chain(&left.stale).cloned().collect(),
            commit: unpushed_release_commit(session)?,
            kept: left.behind_head.iter().map(|tag| tag.name.clone()).collect(),
        })
    }

    /// Deletes the tags, and removes the release commit from HEAD and its branch.
    pub fn execute(&self, session: &Session<'_>) -> Result<()> {
        for tag in &self.tags {
            Writer::new(session.repo).delete_tag(&tag.name, tag.object)?;
        }
        self.commit.map_or(Ok(()), |(_, parent)| Writer::new(session.repo).reset_head(parent))
    }
}

/// Returns HEAD and its parent, where HEAD is the release commit of an unpushed tag and is on no remote branch.
fn unpushed_release_commit(session: &Session<'_>) -> Result<Option<(CommitId, CommitId)>> {
    let head = session.repo.head()?.commit;
    let message = Message::parse(&session.repo.message(head)?, &BumpTable::default(), true);
    let names = |tag: &LocalTag| message.rel_release.as_deref() == Some(tag.name.as_str());
    let on_remote = session.advertised.refs.values().any(|id| *id == head);
    if on_remote || !session.leftovers.on_head.iter().any(names) {
        return Ok(None);
    }
    let (parent, _) = session.repo.first_parent(head)?;
    Ok(parent.map(|parent| (head, parent)))
}
