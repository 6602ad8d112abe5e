//! The tree of a release, in which commands run.

use super::deployment_context::DeploymentContext;
use crate::git::Repo;
use crate::model::{CommitId, Release};

/// Returns the build commit of a release, whose tree its commands run in: the release commit above it adds nothing but the
/// version, and another tagged commit was not built. `None` where it cannot be fetched.
pub(super) fn release_tree(deployment: &DeploymentContext<'_>, release: &Release) -> Option<CommitId> {
    let repo = deployment.context.repo().ok()?;
    fetch_commit(deployment, repo, release).then_some(release.pin.commit)
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
