//! Releases that were made before: out already, waiting for their push, or to be taken back. Leans on `apply`.

use super::draft;
use super::finish::{Made, Unpushed, waiting};
use super::images::{self, Given};
use super::menu;
use super::report::{self, State};
use super::scene::Scene;
use crate::apply;
use crate::command::End;
use crate::error::Result;
use crate::git_history::ReleaseContext;
use crate::model::message::Message;
use crate::model::{BumpTable, CommitId};
use crate::plan::Push;

/// The release commit is out, right above HEAD: a job that is run again, or one that died right behind its push. A
/// branch that HEAD is on is brought up to it.
pub(super) fn followed(scene: &Scene<'_>, release_context: &ReleaseContext<'_>, out: &[Made]) -> Result<End> {
    let commit = out.first().map(|made| made.commit);
    if let Some(commit) = commit.filter(|_| !scene.arguments.dry_run) {
        let clean = scene.repo.dirty(1)?.1 == 0;
        if clean && scene.repo.head()?.branch.is_some() {
            let followed = apply::follow(scene.repo, commit);
            followed.unwrap_or_else(|error| scene.context.ui().warning(error.message));
        }
    }
    let given = given(scene, release_context, out)?;
    report::made(scene.context, out, State::Already, &given)
}

/// Gives the images of releases that are out what they lack.
fn given(scene: &Scene<'_>, release_context: &ReleaseContext<'_>, out: &[Made]) -> Result<Given> {
    match scene.arguments.dry_run {
        true => Ok(Given::new()),
        false => images::finish(scene, release_context, out),
    }
}

/// The release is on HEAD: out already, or it goes out now.
pub(super) fn pushed(scene: &Scene<'_>, release_context: &ReleaseContext<'_>, out: &[Made]) -> Result<End> {
    let waiting = waiting(scene, out)?;
    let pushes = scene.pushes()?;
    let Some(remote) = scene.remote.as_ref().filter(|_| pushes && !waiting.is_empty()) else {
        if !waiting.is_empty() {
            return report::made(scene.context, out, State::Kept, &Given::new());
        }
        let there = scene.remote.is_some() && pushes;
        let given = if there { given(scene, release_context, out)? } else { Given::new() };
        return report::made(scene.context, out, State::Already, &given);
    };
    let names: Vec<&str> = waiting.iter().map(|made| made.name.as_str()).collect();
    let names = names.join(" and ");
    let ui = scene.context.ui();
    ui.status(format!("{names} was made here and never pushed: it goes to {} now", remote.name));
    if scene.arguments.dry_run {
        ui.status("Nothing was changed: this is a dry run.");
        return Ok(End::Done);
    }
    menu::confirm(scene, &format!("Push {names}?"))?;
    let (line, _) = release_context.release_line()?;
    // A tag alone lies on the remote's branch; a release commit brings the branch along.
    let mut branch = draft::branch(scene, release_context, &line)?;
    if let Some(tip) = branch.as_ref().and_then(|branch| branch.expected)
        && release_context.contains(tip, release_context.head())?
    {
        branch = None;
    }
    let push = Push { remote: remote.clone(), branch, options: scene.arguments.push_options.clone() };
    let tags: Vec<apply::Made> = waiting.into_iter().map(|made| (made.name, made.object)).collect();
    apply::send(scene.repo, &push, release_context.head(), &tags)
        .map_err(|error| error.hint("rel cut --abort takes it back"))?;
    let given = given(scene, release_context, out)?;
    report::made(scene.context, out, State::Out, &given)
}

/// `--abort`: what was made here and never pushed is taken back.
pub(super) fn aborted(scene: &Scene<'_>) -> Result<End> {
    let (ui, repo) = (scene.context.ui(), scene.repo);
    let made: Vec<&Unpushed> = scene.left.head.iter().chain(&scene.left.loose).collect();
    if made.is_empty() {
        ui.status("There is nothing to take back: no release was made here that was never pushed.");
    }
    for below in &scene.left.below {
        ui.warning(format!("{} was never pushed either, and HEAD has gone on since: it stays", below.name));
        ui.hint(format!("git tag -d {}", below.name));
    }
    let to = release_commit(scene)?;
    let dry = scene.arguments.dry_run;
    if !dry {
        let tags: Vec<apply::Made> = made.iter().map(|made| (made.name.clone(), made.object)).collect();
        apply::take_back(repo, &tags, to)?;
    }
    let verb = if dry { "would take back" } else { "took back" };
    for made in &made {
        ui.status(format!("{verb} the tag {}", made.name));
    }
    if to.is_some() {
        let head = made.first().map(|made| made.commit.short()).unwrap_or_default();
        ui.status(format!("{verb} the release commit {head}"));
    }
    Ok(End::Done)
}

/// The parent of HEAD, where HEAD is a release commit of a tag that is taken back and that no remote has.
fn release_commit(scene: &Scene<'_>) -> Result<Option<CommitId>> {
    let head = scene.repo.head()?.commit;
    let message = Message::parse(&scene.repo.message(head)?, &BumpTable::default(), true);
    let named = |made: &Unpushed| message.rel_release.as_deref() == Some(made.name.as_str());
    let out = scene.there.refs.values().any(|id| *id == head);
    if out || !scene.left.head.iter().any(named) {
        return Ok(None);
    }
    Ok(scene.repo.first_parent(head)?.0)
}
