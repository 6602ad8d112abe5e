//! The tree of a release, in which commands run.

use super::deployment_context::DeploymentContext;
use crate::git::Repo;
use crate::model::{CommitId, Release};

/// Returns the commit whose tree a release is: the tagged commit where it is the build or `rel`'s own commit on top of it,
/// else the build commit. `None` where it cannot be fetched.
pub(super) fn release_tree(deployment: &DeploymentContext<'_>, release: &Release) -> Option<CommitId> {
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
