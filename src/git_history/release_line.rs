//! Finds the line of releases of HEAD: its branch, and what `release.toml` says about that branch (V10).

use crate::config::BranchRule;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::Head;
use crate::model::{BranchName, Channel, CommitId, Version};
use crate::version::ReleaseLine;

/// Questions about the branches of the remote.
pub(super) struct RemoteBranches<'a> {
    /// Returns the tip of a branch.
    pub tip: &'a dyn Fn(&BranchName) -> Result<Option<CommitId>>,
    /// Whether the second commit is reachable from the first.
    pub contains: &'a dyn Fn(CommitId, CommitId) -> Result<bool>,
    /// The branch is needed even if `release.toml` lists none.
    pub branch_needed: bool,
}

/// Finds the line. `branch` is `--branch`. `channel` is `--pre`, which overrides that of the branch.
pub(super) fn find(
    context: &Context,
    head: &Head,
    branch: Option<&str>,
    channel: Option<&str>,
    remote: &RemoteBranches<'_>,
    warnings: &mut Vec<String>,
) -> Result<ReleaseLine> {
    let channel = channel.map(parse_channel).transpose()?;
    let rules = &context.config()?.branches;
    let branch = match branch {
        Some(name) => Some(parse_branch(context, name, remote)?),
        None if head.branch.is_some() => head.branch.clone(),
        None if rules.is_empty() && !remote.branch_needed => None,
        None => branch_from_ci(context, head, remote, warnings)?,
    };
    let rule =
        branch.as_ref().and_then(|branch| rules.iter().find(|rule| rule.matches.matches(branch.as_str())));
    if !rules.is_empty() && rule.is_none() {
        warnings.push(match &branch {
            Some(branch) => {
                format!("no [[branch]] of release.toml matches {branch}, so a final version is computed")
            }
            None => {
                "HEAD is detached, so a final version is computed; name the branch with --branch".to_owned()
            }
        });
    }
    let Some(rule) = rule else { return Ok(ReleaseLine { branch, channel, ..ReleaseLine::default() }) };
    let named = branch.as_ref().filter(|_| rule.named).map(|branch| version_of(branch, rule)).transpose()?;
    Ok(ReleaseLine { branch, channel: channel.or_else(|| rule.channel.clone()), range: rule.range, named })
}

/// Reads a branch as people name it: `main`, `refs/heads/main`, or `origin/main` if the remote has a branch `main`.
fn parse_branch(context: &Context, name: &str, remote: &RemoteBranches<'_>) -> Result<BranchName> {
    let name =
        name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/")).unwrap_or(name);
    let own = context.repo()?.remote()?.and_then(|remote| name.strip_prefix(&format!("{}/", remote.name)));
    match own.map(BranchName::new) {
        Some(branch) if (remote.tip)(&branch)?.is_some() => Ok(branch),
        _ => Ok(BranchName::new(name)),
    }
}

/// Reads `--pre` (V28). The counter is not part of it.
fn parse_channel(text: &str) -> Result<Channel> {
    if let Some((channel, counter)) = text.rsplit_once('.')
        && counter.parse::<u64>().is_ok()
    {
        return Err(Error::usage(format!("--pre {text}: rel adds the prerelease number itself"))
            .hint(format!("--pre {channel}")));
    }
    Channel::parse(text).map_err(|fault| {
        let error = Error::usage(format!("--pre {text}: {fault}"));
        match Channel::nearest(text) {
            Some(nearest) => error.hint(format!("--pre {nearest}")),
            None => error.hint("--pre rc"),
        }
    })
}

/// Reads the version in a branch name: 1.2.3 in `release/v1.2.3`.
fn version_of(branch: &BranchName, rule: &BranchRule) -> Result<Version> {
    let last = branch.as_str().rsplit('/').next().unwrap_or_default();
    Version::parse(last.trim_start_matches(['v', 'V'])).filter(Version::is_final).ok_or_else(|| {
        Error::usage(format!(
            "branch {branch} has no version in its name, but [[branch]] {} takes the version from there",
            rule.name
        ))
        .hint(format!("rename the branch to match {}", rule.name.replace('*', "1.2.3")))
    })
}

/// Returns the branch that CI names, if that branch of the remote contains HEAD: a pull request must not release for its
/// target branch.
fn branch_from_ci(
    context: &Context,
    head: &Head,
    remote: &RemoteBranches<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<BranchName>> {
    let Some(name) = ci_branch(context) else { return Ok(None) };
    let branch = BranchName::new(name);
    let why = match (remote.tip)(&branch)? {
        Some(tip) if tip == head.commit || (remote.contains)(tip, head.commit)? => return Ok(Some(branch)),
        Some(_) => "does not contain HEAD",
        None => "is not in this clone",
    };
    warnings
        .push(format!("CI says the branch is {branch}, but {branch} on the remote {why}, so it is ignored"));
    Ok(None)
}

/// Returns the branch that a CI system names for the event of a branch, not of a pull request or a tag.
fn ci_branch(context: &Context) -> Option<String> {
    let get = |name: &str| context.variable(name);
    let is = |name: &str, value: &str| get(name).is_some_and(|found| found == value);
    if get("GITHUB_ACTIONS").is_some() {
        return get("GITHUB_REF")?.strip_prefix("refs/heads/").map(str::to_owned);
    }
    if get("GITLAB_CI").is_some() {
        // Set only in branch pipelines.
        return get("CI_COMMIT_BRANCH");
    }
    if get("JENKINS_URL").is_some() {
        let other_event = get("CHANGE_ID").or_else(|| get("TAG_NAME")).is_some();
        let branch = get("BRANCH_NAME")
            .or_else(|| get("GIT_BRANCH")?.split_once('/').map(|(_, name)| name.to_owned()));
        return branch.filter(|_| !other_event);
    }
    if get("BUILDKITE").is_some() {
        let other_event = get("BUILDKITE_TAG").is_some();
        return get("BUILDKITE_BRANCH").filter(|_| !other_event);
    }
    if get("CIRCLECI").is_some() {
        // Buildkite and CircleCI name the branch of an open pull request too. That the branch must contain HEAD excludes
        // forks.
        return get("CIRCLE_BRANCH");
    }
    if get("TF_BUILD").is_some() {
        return get("BUILD_SOURCEBRANCH")?.strip_prefix("refs/heads/").map(str::to_owned);
    }
    if get("BITBUCKET_BUILD_NUMBER").is_some() {
        return get("BITBUCKET_BRANCH").filter(|_| get("BITBUCKET_PR_ID").is_none());
    }
    if get("DRONE").is_some() {
        return get("DRONE_BRANCH").filter(|_| is("DRONE_BUILD_EVENT", "push"));
    }
    None
}
