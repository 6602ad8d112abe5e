//! Which line of releases HEAD stands on (V10). Leans on `context` for what CI says, and on `config` for what it means.

use crate::config::BranchRule;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::Head;
use crate::model::{BranchName, Channel, CommitId, Version};
use crate::version::ReleaseLine;

/// What is known of the remote's branches.
pub(super) struct RemoteBranches<'a> {
    /// Where a branch stands.
    pub tip: &'a dyn Fn(&BranchName) -> Result<Option<CommitId>>,
    /// Whether a first commit reaches a second one.
    pub contains: &'a dyn Fn(CommitId, CommitId) -> Result<bool>,
    /// The branch matters also where `release.toml` lists none.
    pub always: bool,
}

/// Finds the line. `branch` is `--branch`, `channel` is `--pre`, which wins over the branch's own (V10). Warnings are
/// sentences for a person.
pub(super) fn find(
    context: &Context,
    head: &Head,
    branch: Option<&str>,
    channel: Option<&str>,
    remote: &RemoteBranches<'_>,
    warnings: &mut Vec<String>,
) -> Result<ReleaseLine> {
    let channel = channel.map(checked).transpose()?;
    let rules = &context.config()?.branches;
    let branch = match branch {
        Some(name) => Some(named(context, name, remote)?),
        None if head.branch.is_some() => head.branch.clone(),
        None if rules.is_empty() && !remote.always => None,
        None => from_ci(context, head, remote, warnings)?,
    };
    let rule =
        branch.as_ref().and_then(|branch| rules.iter().find(|rule| rule.matches.matches(branch.as_str())));
    if !rules.is_empty() && rule.is_none() {
        let what = match &branch {
            Some(branch) => format!("no [[branch]] of release.toml matches {branch}"),
            None => "HEAD is on no branch; --branch names one".to_owned(),
        };
        warnings.push(format!("{what}: answered as for finals"));
    }
    let Some(rule) = rule else { return Ok(ReleaseLine { branch, channel, ..ReleaseLine::default() }) };
    let named = branch.as_ref().filter(|_| rule.named).map(|branch| version_in(branch, rule)).transpose()?;
    Ok(ReleaseLine { branch, channel: channel.or_else(|| rule.channel.clone()), range: rule.range, named })
}

/// A branch as a person names it: `main`, `refs/heads/main`, or `origin/main` where the remote has a `main`.
fn named(context: &Context, name: &str, remote: &RemoteBranches<'_>) -> Result<BranchName> {
    let name =
        name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/")).unwrap_or(name);
    let own = context.repo()?.remote()?.and_then(|remote| name.strip_prefix(&format!("{}/", remote.name)));
    match own.map(BranchName::new) {
        Some(branch) if (remote.tip)(&branch)?.is_some() => Ok(branch),
        _ => Ok(BranchName::new(name)),
    }
}

/// V28. The counter is `rel`'s own.
fn checked(text: &str) -> Result<Channel> {
    if let Some((channel, counter)) = text.rsplit_once('.')
        && counter.parse::<u64>().is_ok()
    {
        return Err(Error::usage(format!("--pre {text}: rel counts the prereleases of a channel itself"))
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

/// `release/v1.2.3` says 1.2.3.
fn version_in(branch: &BranchName, rule: &BranchRule) -> Result<Version> {
    let last = branch.as_str().rsplit('/').next().unwrap_or_default();
    Version::parse(last.trim_start_matches(['v', 'V'])).filter(Version::is_final).ok_or_else(|| {
        Error::usage(format!(
            "the name of branch {branch} says no version, and [[branch]] {} takes it from there",
            rule.name
        ))
        .hint(format!("call it like {}", rule.name.replace('*', "1.2.3")))
    })
}

/// What CI names, for events of branches alone, and only where the remote's branch is or contains HEAD: a pull
/// request must not release for the branch that it wants to enter.
fn from_ci(
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
        .push(format!("CI names branch {branch}, but the remote's {branch} {why}, so it is not believed"));
    Ok(None)
}

/// The branch that a CI system names, where the event is one of a branch: no pull request, no tag.
fn ci_branch(context: &Context) -> Option<String> {
    let get = |name: &str| context.variable(name);
    let is = |name: &str, value: &str| get(name).is_some_and(|found| found == value);
    if get("GITHUB_ACTIONS").is_some() {
        return get("GITHUB_REF")?.strip_prefix("refs/heads/").map(str::to_owned);
    }
    if get("GITLAB_CI").is_some() {
        // Set in branch pipelines alone.
        return get("CI_COMMIT_BRANCH");
    }
    if get("JENKINS_URL").is_some() {
        let unfit = get("CHANGE_ID").or_else(|| get("TAG_NAME")).is_some();
        let branch = get("BRANCH_NAME")
            .or_else(|| get("GIT_BRANCH")?.split_once('/').map(|(_, name)| name.to_owned()));
        return branch.filter(|_| !unfit);
    }
    if get("BUILDKITE").is_some() {
        let unfit = get("BUILDKITE_TAG").is_some();
        return get("BUILDKITE_BRANCH").filter(|_| !unfit);
    }
    if get("CIRCLECI").is_some() {
        // Both name the branch of an open pull request for its own pushes too; that HEAD must lie on it keeps forks out.
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
