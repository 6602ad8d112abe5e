//! Executes a release plan in its order, and deletes its local tags again when it cannot go on.

use super::image_tags::{self, ImageTags};
use super::leftovers::LocalTag;
use super::plan::{ReleasePlan, command_line};
use super::session::Session;
use crate::error::{Error, Result};
use crate::git::{Repo, Writer, run_before};
use crate::model::CommitId;

/// How a release ended.
#[derive(Debug)]
pub struct CutOutcome {
    /// The commit that the tags name.
    pub commit: CommitId,
    /// Whether it is on the remote.
    pub pushed: bool,
    /// What went wrong without stopping the release.
    pub warning: Option<Error>,
    /// The image tags, by package. An error here does not undo the release.
    pub images: Result<ImageTags>,
}

/// Executes a plan: local objects, the push, HEAD, and the version tags of the images.
///
/// # Errors
///
/// What stopped it before or during the push; nothing is left behind then.
pub fn execute(session: &Session<'_>, plan: &ReleasePlan) -> Result<CutOutcome> {
    let (repo, ui) = (session.repo, session.context.ui());
    let writer = Writer::new(repo);
    for tag in &plan.stale_tags {
        writer.delete_tag(&tag.name, tag.object)?;
    }
    // Progress is written as lines, not on a spinner: signing keys and hooks may ask for input at the same terminal.
    for words in &plan.before {
        ui.status(format!("running {}", command_line(words)));
        run_before(repo, words)?;
    }
    check_unchanged(repo, plan)?;
    let commit = write_commit(&writer, plan)?;
    let tags = write_tags(&writer, plan, commit, &session.context.run_id())?;
    if let Some(push) = &plan.push {
        ui.status(format!("pushing to {}", push.remote.name));
        if let Err(error) = push.send(repo, commit, &tags) {
            return Err(delete_tags(&writer, &tags, error));
        }
        ui.something_changed();
    }
    let warning = if commit == plan.head { None } else { writer.fast_forward_head(commit).err() };
    let pushed = plan.push.is_some();
    let images = if pushed { image_tags::tag_planned(session, plan) } else { Ok(ImageTags::new()) };
    Ok(CutOutcome { commit, pushed, warning, images })
}

/// Refuses when the repository is not what the plan was made for: the user's own commands ran in between.
fn check_unchanged(repo: &Repo, plan: &ReleasePlan) -> Result<()> {
    if repo.head()?.commit != plan.head {
        return Err(
            Error::conflict("HEAD moved while the release was being prepared").hint("run the command again")
        );
    }
    let (files, _) = repo.dirty(5)?;
    if !files.is_empty() {
        return Err(Error::refused(format!(
            "files changed while the release was being prepared: {}",
            files.join(", ")
        ))
        .hint("nothing was released; commit or ignore the files that [cut] before writes"));
    }
    Ok(())
}

/// Writes the release commit as an object; HEAD where the plan has none.
fn write_commit(writer: &Writer<'_>, plan: &ReleasePlan) -> Result<CommitId> {
    let Some(message) = &plan.commit else { return Ok(plan.head) };
    let files: Vec<_> = plan.files.iter().map(|file| (file.path.clone(), Some(file.after.clone()))).collect();
    let tree = writer.write_tree(Some(plan.head), &files)?;
    writer.write_commit(Some(plan.head), tree, message, plan.sign)
}

/// Creates the local tags, all or none of them.
fn write_tags(writer: &Writer<'_>, plan: &ReleasePlan, commit: CommitId, run: &str) -> Result<Vec<LocalTag>> {
    let mut tags: Vec<LocalTag> = Vec::new();
    for release in &plan.releases {
        let message = plan.tag_message(release, run);
        match writer.create_tag(&release.tag, commit, &message, plan.sign) {
            Ok(object) => tags.push(LocalTag { name: release.tag.clone(), object }),
            Err(error) => return Err(delete_tags(writer, &tags, error)),
        }
    }
    Ok(tags)
}

/// Deletes the local tags after an error; git collects the objects.
fn delete_tags(writer: &Writer<'_>, tags: &[LocalTag], error: Error) -> Error {
    tags.iter().fold(error, |error, tag| match writer.delete_tag(&tag.name, tag.object) {
        Ok(()) => error,
        Err(other) => error.cause(other.message).hint(format!("git tag -d {}", tag.name)),
    })
}
