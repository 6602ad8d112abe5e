//! The hand: does what a plan says, in its order, and undoes what is only here when it cannot go on. Nobody else calls
//! the writers of `git/`. Leans on `plan` and `git`.
//!
//! Until the push nothing moves but local tags: commit and tree are objects that no branch names. So whoever dies
//! before the push leaves a repository in which the same command starts anew, and whoever dies behind it leaves a
//! release that is out.

use crate::error::{Error, Result};
use crate::git::{Pushed, Repo, Update};
use crate::model::{CommitId, TagName};
use crate::plan::{Plan, Push, command_line};

/// What was done.
#[derive(Debug)]
pub struct Outcome {
    /// The commit that the tags point at.
    pub commit: CommitId,
    /// It is on the remote.
    pub pushed: bool,
    /// What did not stop the release but wants to be known.
    pub warning: Option<Error>,
}

/// A local tag and its object.
pub type Made = (TagName, CommitId);

/// Does what a plan says. `said` is told what may take its time, before it begins.
pub fn apply(repo: &Repo, plan: &Plan, run: &str, said: &dyn Fn(&str)) -> Result<Outcome> {
    for (name, object) in &plan.leftovers {
        repo.drop_tag(name, *object)?;
    }
    for words in &plan.before {
        said(&format!("running {}", command_line(words)));
        repo.run_before(words)?;
    }
    unmoved(repo, plan)?;
    let commit = match &plan.commit {
        None => plan.head,
        Some(message) => {
            let file = |change: &crate::plan::Change| (change.path.clone(), Some(change.after.clone()));
            let files: Vec<_> = plan.files.iter().map(file).collect();
            let tree = repo.tree_with(Some(plan.head), &files)?;
            repo.write_commit(Some(plan.head), tree, message, plan.sign)?
        }
    };
    let mut tags: Vec<Made> = Vec::new();
    for release in &plan.releases {
        let message = plan.tag_message(release, run);
        match repo.write_tag(&release.tag, commit, &message, plan.sign) {
            Ok(object) => tags.push((release.tag.clone(), object)),
            Err(error) => return Err(undone(repo, &tags, error)),
        }
    }
    if let Some(push) = &plan.push {
        said(&format!("pushing to {}", push.remote.name));
        if let Err(error) = send(repo, push, commit, &tags) {
            return Err(undone(repo, &tags, error));
        }
    }
    let warning = if commit == plan.head { None } else { repo.forward(commit).err() };
    Ok(Outcome { commit, pushed: plan.push.is_some(), warning })
}

/// What the plan was made for is still so: the user's own commands ran in between.
fn unmoved(repo: &Repo, plan: &Plan) -> Result<()> {
    if repo.head()?.commit != plan.head {
        return Err(Error::conflict("HEAD moved while the release was prepared").hint("run it again"));
    }
    let (files, _) = repo.dirty(5)?;
    if !files.is_empty() {
        return Err(Error::refused(format!(
            "files changed while the release was prepared: {}",
            files.join(", ")
        ))
        .hint("nothing is released; what [cut] before writes must be committed, or ignored by git"));
    }
    Ok(())
}

/// The one push, of a branch and of tags that exist here.
pub fn send(repo: &Repo, push: &Push, commit: CommitId, tags: &[Made]) -> Result<()> {
    let branch = push.branch.iter().map(|branch| Update {
        reference: branch.reference.clone(),
        expected: branch.expected,
        new: commit,
    });
    let tags = tags.iter().map(|(name, object)| Update {
        reference: format!("refs/tags/{name}"),
        expected: None,
        new: *object,
    });
    let remote = &push.remote.name;
    match repo.push(&push.remote, &branch.chain(tags).collect::<Vec<_>>(), &push.options, false)? {
        Pushed::Done => Ok(()),
        Pushed::Lost { moved } => {
            let error =
                Error::conflict(format!("somebody else was faster: {} moved on {remote}", named(&moved)));
            let error = repo.winner(&push.remote, &moved).into_iter().fold(error, Error::cause);
            Err(error.hint("nothing went out; run it again: it says what is out, and what there is still to release"))
        }
        Pushed::Refused(words) => {
            Err(Error::unreachable(format!("{remote} does not take the release")).cause(words).hint(
                "nothing went out; a branch that is protected wants `[cut] commit = false`, or a right for whoever releases",
            ))
        }
        Pushed::Unknown(words) => Err(Error::unreachable(format!("the push to {remote} ended, and nobody can tell how"))
            .cause(words)
            .hint("run it again: it finds out whether the release arrived, and finishes it")),
        Pushed::Stopped(words) => {
            Err(Error::refused(format!("the push to {remote} was stopped here, before anything left"))
                .cause(words)
                .hint("nothing went out; a pre-push hook says what it wants"))
        }
    }
}

/// Refs as people say them.
pub fn named(references: &[String]) -> String {
    let short = |name: &String| {
        let name =
            name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/")).unwrap_or(name);
        name.to_owned()
    };
    references.iter().map(short).collect::<Vec<_>>().join(" and ")
}

/// Takes the local tags away again; the objects are nobody's, and git collects them.
fn undone(repo: &Repo, tags: &[Made], error: Error) -> Error {
    tags.iter().fold(error, |error, (name, object)| match repo.drop_tag(name, *object) {
        Ok(()) => error,
        Err(left) => error.cause(left.message).hint(format!("git tag -d {name}")),
    })
}

/// Brings HEAD and its branch up to a release that a job made which died right behind its push.
pub fn follow(repo: &Repo, commit: CommitId) -> Result<()> {
    repo.forward(commit)
}

/// Takes back what was made here and never pushed: tags, and where HEAD is a release commit of `rel`, that.
pub fn take_back(repo: &Repo, tags: &[Made], to: Option<CommitId>) -> Result<()> {
    for (name, object) in tags {
        repo.drop_tag(name, *object)?;
    }
    to.map_or(Ok(()), |commit| repo.back(commit))
}
