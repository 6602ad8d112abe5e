//! The tree of a release, in which commands run.

use super::deployment_context::DeploymentContext;
use super::plan::{DeploymentPlan, Unchecked};
use crate::config::Tree;
use crate::deploy::Workspace;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::model::{CommitId, EventKind, Release};

/// Prepares the folder that the commands of a plan run in. Where the commit of a release cannot be fetched, a rollback runs
/// in the tree of the configuration; the second value says so.
///
/// # Errors
///
/// Exit code 7 where the commit of a deploy cannot be fetched.
pub(super) fn prepare<'w>(
    deployment: &DeploymentContext<'w>,
    plan: &DeploymentPlan,
) -> Result<(Workspace<'w>, Option<Unchecked>)> {
    let repo = deployment.context.repo()?;
    let folder = deployment.context.folder();
    let head = || repo.head().map(|head| head.commit);
    let config = || deployment.config_commit.map_or_else(head, Ok);
    let commit = match deployment.rules.tree {
        Tree::Release => release_tree(deployment, &plan.release),
        Tree::Config => Some(config()?),
        Tree::Here => Some(plan.release.pin.commit),
    };
    match commit {
        Some(commit) => Ok((Workspace::prepare(repo, deployment.rules.tree, commit, folder)?, None)),
        None if plan.kind == EventKind::Rollback => {
            let unchecked = Unchecked::Tree { release: plan.release.label() };
            deployment.context.ui().warning(unchecked.to_string());
            Ok((Workspace::prepare(repo, Tree::Config, config()?, folder)?, Some(unchecked)))
        }
        None => Err(Error::missing(format!(
            "commit {} of {} cannot be fetched",
            plan.release.pin.commit.short(),
            plan.release.label()
        ))
        .hint("`git fetch --unshallow` fetches the whole history")),
    }
}

/// Returns the commit whose tree a release is: the tagged commit where it is the build or `rel`'s own commit on top of it,
/// else the build commit. `None` where it cannot be fetched.
fn release_tree(deployment: &DeploymentContext<'_>, release: &Release) -> Option<CommitId> {
    let repo = deployment.context.repo().ok()?;
    let build = release.pin.commit;
    if !fetch_commit(deployment, repo, release) {
        return None;
    }
    let tagged = release.tag.as_ref().and_then(|tag| repo.resolve(&format!("refs/tags/{tag}")).ok());
    let config = deployment.context.config().ok()?;
    // A commit that changes more than what `rel` itself writes was not built.
    let is_release_commit = |tagged: &CommitId| {
        repo.first_parent(*tagged).is_ok_and(|(parent, _)| parent == Some(build))
            && repo
                .changed_paths(*tagged, Some(build))
                .is_ok_and(|paths| paths.iter().all(|path| config.writes(path)))
    };
    Some(tagged.filter(is_release_commit).unwrap_or(build))
}

/// Fetches the build commit of a release where this clone lacks it. Returns whether the clone has it now.
pub(super) fn fetch_commit(deployment: &DeploymentContext<'_>, repo: &Repo, release: &Release) -> bool {
    let commit = release.pin.commit;
    if repo.has(commit) {
        return true;
    }
    let Ok(Some(remote)) = repo.remote() else { return false };
    if deployment.ledger_unreachable {
        return false;
    }
    let names = [release.tag.as_ref().map(|tag| format!("refs/tags/{tag}")), Some(commit.to_string())];
    names.into_iter().flatten().any(|name| repo.fetch_commit(&remote, &name).is_ok() && repo.has(commit))
}
