//! The branches of a lane that a commit was made on. The remote is asked for them: a branch that it deleted, or that only this
//! clone has, opens no lane.

use super::deployment_context::DeploymentContext;
use crate::error::Result;
use crate::git::{Depth, FetchTimeout, Refs};
use crate::ledger::project_remote;
use crate::model::{BranchName, CommitId};

/// Returns the branches that a lane of the environment names and that a commit was made on: it is on their first-parent history
/// and not on that of the default branch. Empty where the remote cannot be asked; without a remote, the local branches count.
pub(super) fn lane_branches(deployment: &DeploymentContext<'_>, commit: CommitId) -> Result<Vec<String>> {
    let lanes = &deployment.rules.lanes;
    if lanes.is_empty() {
        return Ok(Vec::new());
    }
    let repo = deployment.context.repo()?;
    let of_lane =
        |(branch, _): &(BranchName, CommitId)| lanes.iter().any(|lane| lane.matches.matches(branch.as_str()));
    let branches = match project_remote(repo)? {
        None => repo.branches(None)?.into_iter().filter(of_lane).collect(),
        Some(_) if deployment.ledger_unreachable => return Ok(Vec::new()),
        Some(remote) => {
            let Ok(listed) = repo.ls_remote(&remote, Refs::HeadsAndTags) else { return Ok(Vec::new()) };
            let branches: Vec<_> = listed.branches().into_iter().filter(of_lane).collect();
            for (branch, tip) in &branches {
                if !repo.has(*tip) {
                    // A branch that cannot be fetched has no history here, and so opens no lane.
                    let name = format!("refs/heads/{branch}");
                    let _ = repo.fetch(&remote, &name, Depth::Missing, FetchTimeout::Short);
                }
            }
            if repo.is_shallow()
                && let Some(default) = deployment.config_commit
            {
                // Where the remote does not answer, the history stays short and no lane matches.
                let _ = repo.deepen(&remote, default, None);
            }
            branches
        }
    };
    repo.with_first_parent(branches, deployment.config_commit, commit)
}
