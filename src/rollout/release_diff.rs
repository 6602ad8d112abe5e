//! The commits that one release has and another does not, and the irreversible changes among them.

use super::deployment_context::DeploymentContext;
use super::release_tree::fetch_commit;
use crate::error::Result;
use crate::git::{RawTag, Repo, Target};
use crate::git_history::CommitReader;
use crate::model::{BumpTable, CommitId, Release, TagName, Version};

/// How far a shallow history is deepened, step by step, in commits.
const DEEPEN_STEPS: [u32; 3] = [100, 1_000, 10_000];

/// The footer that marks a commit as irreversible: `Rollback-Unsafe: drops column email`.
const ROLLBACK_UNSAFE: &str = "Rollback-Unsafe:";

/// A commit as it is listed.
#[derive(Clone, Debug)]
pub(super) struct CommitSummary {
    /// The id.
    pub id: CommitId,
    /// The first line of the message.
    pub subject: String,
}

/// A commit with a `Rollback-Unsafe` footer.
#[derive(Clone, Debug)]
pub(super) struct IrreversibleChange {
    /// The first release that has the commit.
    pub release: String,
    /// What the footer says: `drops column email`.
    pub reason: String,
    /// The id.
    pub commit: CommitId,
}

/// The commits of one release that another does not have.
#[derive(Clone, Debug, Default)]
pub(super) struct CommitsBetween {
    /// The commits, newest first, without `rel`'s own release commits.
    pub commits: Vec<CommitSummary>,
    /// The irreversible changes among them.
    pub irreversible: Vec<IrreversibleChange>,
}

/// Returns the commits that are removed when `to` replaces `from`; `None` where they cannot be fetched, or cannot be read: a
/// damaged clone must not stop a rollback.
pub(super) fn commits_between(
    deployment: &DeploymentContext<'_>,
    from: &Release,
    to: &Release,
) -> Option<CommitsBetween> {
    read_between(deployment, from, to).ok().flatten()
}

fn read_between(
    deployment: &DeploymentContext<'_>,
    from: &Release,
    to: &Release,
) -> Result<Option<CommitsBetween>> {
    let repo = deployment.context.repo()?;
    let (from_commit, to_commit) = (from.pin.commit, to.pin.commit);
    if !fetch_commit(deployment, repo, from) || !fetch_commit(deployment, repo, to) {
        return Ok(None);
    }
    let mut range = repo.range(from_commit, &[to_commit])?;
    for step in DEEPEN_STEPS {
        if range.complete {
            break;
        }
        let Some(remote) = repo.remote()? else { break };
        // Where the remote does not answer, the history stays as short as it is.
        if deployment.ledger_unreachable || repo.deepen(&remote, from_commit, Some(step)).is_err() {
            break;
        }
        range = repo.range(from_commit, &[to_commit])?;
    }
    if !range.complete {
        return Ok(None);
    }
    // A damaged tag must not stop a rollback: without tags, `rel`'s own release commits are listed too.
    let tags = repo.tags().unwrap_or_default();
    let reader = CommitReader::new(repo, deployment.context.config()?, BumpTable::default());
    let mut between = CommitsBetween::default();
    for link in &range.commits {
        let message = repo.message(link.id)?;
        if let Some(reason) = rollback_unsafe(&message) {
            let release = first_release_with(deployment, repo, &tags, link.id, from)?;
            let reason = reason.to_owned();
            between.irreversible.push(IrreversibleChange { release, reason, commit: link.id });
        }
        if !reader.is_release_commit(link, &tags)? {
            let subject = message.lines().next().unwrap_or_default().to_owned();
            between.commits.push(CommitSummary { id: link.id, subject });
        }
    }
    Ok(Some(between))
}

/// Returns the text of the first `Rollback-Unsafe` footer that has one.
fn rollback_unsafe(message: &str) -> Option<&str> {
    let lines = message.lines().skip(1);
    lines.filter_map(|line| line.strip_prefix(ROLLBACK_UNSAFE)).map(str::trim).find(|text| !text.is_empty())
}

/// Returns the lowest release that has a commit and is not above `from`; `from` itself where no tag has the commit.
fn first_release_with(
    deployment: &DeploymentContext<'_>,
    repo: &Repo,
    tags: &[RawTag],
    commit: CommitId,
    from: &Release,
) -> Result<String> {
    let version_of = |name: &TagName| deployment.formats.iter().find_map(|format| format.read(name.as_str()));
    let mut releases: Vec<(Version, &TagName, CommitId)> = Vec::new();
    for tag in tags {
        if let (Some(version), Target::Commit(target)) = (version_of(&tag.name), tag.target) {
            releases.push((version, &tag.name, target));
        }
    }
    releases.sort_by(|one, other| one.0.precedence(&other.0));
    for (version, name, target) in releases {
        if from.version.as_ref().is_some_and(|from| version.precedence(from).is_gt()) {
            break;
        }
        if repo.has(target) && repo.is_ancestor(commit, target)? {
            return Ok(name.to_string());
        }
    }
    Ok(from.label())
}

#[cfg(test)]
mod tests {
    use super::rollback_unsafe;

    #[test]
    fn a_rollback_unsafe_footer_with_text_marks_an_irreversible_change() {
        let message = "feat: x\n\nRollback-Unsafe: drops column email\n";
        assert_eq!(rollback_unsafe(message), Some("drops column email"));
        assert_eq!(rollback_unsafe("Rollback-Unsafe: no\n\nRollback-Unsafe: \n"), None);
    }
}
