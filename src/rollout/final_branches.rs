//! Whether the tag of a final version lies on a branch that makes final versions. Anybody who may push a tag can put it
//! anywhere; what lies on such a branch went through its protection.

use super::deployment_context::DeploymentContext;
use crate::error::Result;
use crate::git::{Refs, Remote, Repo};
use crate::ledger::project_remote;
use crate::model::{CommitId, Release, Version};

/// How far a shallow history is deepened, step by step, in commits.
const DEEPEN_STEPS: [u32; 3] = [100, 1_000, 10_000];

/// A branch that makes final versions.
struct FinalBranch {
    name: String,
    tip: CommitId,
}

/// Returns why the tag of a release is not known to be on a branch that makes such versions; `None` where it is, and where
/// there is no remote whose branches could say so.
pub(super) fn not_on_final_branch(
    deployment: &DeploymentContext<'_>,
    release: &Release,
) -> Result<Option<String>> {
    let repo = deployment.context.repo()?;
    let (Some(version), Some(tag), Some(remote)) = (&release.version, &release.tag, project_remote(repo)?)
    else {
        return Ok(None);
    };
    let Ok(commit) = repo.resolve(&format!("refs/tags/{tag}")) else {
        return Ok(Some(format!("tag {tag} is not in this clone")));
    };
    let branches = match final_branches(deployment, repo, &remote, version) {
        Ok(branches) => branches,
        Err(error) => return Ok(Some(error.message)),
    };
    for branch in &branches {
        if contains(deployment, repo, &remote, branch, commit) {
            return Ok(None);
        }
    }
    let names: Vec<&str> = branches.iter().map(|branch| branch.name.as_str()).collect();
    Ok(Some(match names.as_slice() {
        [] => format!("{} has no such branch", remote.name),
        names => format!("{tag} is not on {}", names.join(" or ")),
    }))
}

/// Returns the branches of the remote that make this version: those that a `[[branch]]` without a channel names, and
/// without any `[[branch]]` the default branch.
fn final_branches(
    deployment: &DeploymentContext<'_>,
    repo: &Repo,
    remote: &Remote,
    version: &Version,
) -> Result<Vec<FinalBranch>> {
    let rules = &deployment.context.config()?.branches;
    if rules.is_empty() {
        let tip = match deployment.config_commit {
            Some(tip) => Some(tip),
            None => repo.ls_remote(remote, Refs::Named(&["HEAD"]))?.refs.get("HEAD").copied(),
        };
        let name = format!("the default branch of {}", remote.name);
        return Ok(tip.map(|tip| FinalBranch { name, tip }).into_iter().collect());
    }
    let makes_version = |name: &str| {
        let rule = rules.iter().find(|rule| rule.matches.matches(name));
        rule.is_some_and(|rule| {
            rule.channel.is_none() && rule.range.as_ref().is_none_or(|range| range.contains(version))
        })
    };
    let told = repo.ls_remote(remote, Refs::HeadsAndTags)?;
    let branch = |(reference, tip): (&String, &CommitId)| {
        let name = reference.strip_prefix("refs/heads/").filter(|name| makes_version(name))?;
        Some(FinalBranch { name: name.to_owned(), tip: *tip })
    };
    let mut branches: Vec<FinalBranch> = told.refs.iter().filter_map(branch).collect();
    branches.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(branches)
}

/// Returns whether a branch contains a commit. Fetches what this clone lacks of the branch; where the remote does not answer,
/// what is here decides.
fn contains(
    deployment: &DeploymentContext<'_>,
    repo: &Repo,
    remote: &Remote,
    branch: &FinalBranch,
    commit: CommitId,
) -> bool {
    let is_ancestor = || repo.has(branch.tip) && repo.is_ancestor(commit, branch.tip).unwrap_or(false);
    if !repo.has(branch.tip) && !deployment.ledger_unreachable {
        let _ = repo.fetch_commit(remote, &branch.tip.to_string());
    }
    for step in DEEPEN_STEPS {
        if is_ancestor() {
            return true;
        }
        let short = repo.is_shallow() && !deployment.ledger_unreachable;
        if !short || repo.deepen(remote, branch.tip, Some(step)).is_err() {
            return false;
        }
    }
    is_ancestor()
}
