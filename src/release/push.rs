//! The one push of a release: a branch and tags, all of them or none.

use super::leftovers::LocalTag;
use crate::error::{Error, Result};
use crate::git::{PushOutcome, Remote, Repo, Update, Writer};
use crate::git_history::ReleaseContext;
use crate::model::{CommitId, TagName};
use crate::version::ReleaseLine;

/// One atomic push.
#[derive(Clone, Debug)]
pub struct Push {
    /// The remote.
    pub remote: Remote,
    /// The branch that is pushed with the tags; `None` to push only tags.
    pub branch: Option<PushedBranch>,
    /// Options for the hooks of the remote (`git push -o`).
    pub options: Vec<String>,
}

/// The branch of the remote that a push moves.
#[derive(Clone, Debug)]
pub struct PushedBranch {
    /// The full ref, such as `refs/heads/main`.
    pub reference: String,
    /// The commit expected on the remote; `None` where the branch does not exist there.
    pub expected: Option<CommitId>,
    /// How many commits up to HEAD the remote does not have; they are pushed too.
    pub ahead: usize,
}

impl PushedBranch {
    /// Finds the branch of a release line, with its state on the remote; `None` with a detached HEAD.
    pub(super) fn find(
        repo: &Repo,
        release_context: &ReleaseContext<'_>,
        line: &ReleaseLine,
    ) -> Result<Option<PushedBranch>> {
        let Some(branch) = &line.branch else { return Ok(None) };
        let (head, expected) = (release_context.head(), release_context.tip(branch)?);
        let ahead = match expected {
            Some(tip) if tip != head => repo.range(head, &[tip])?.commits.len(),
            _ => 0,
        };
        Ok(Some(PushedBranch { reference: format!("refs/heads/{branch}"), expected, ahead }))
    }
}

impl Push {
    /// Describes the push of some tags: `main (1 unpushed commit) and tag v1.4.0 to origin, atomically`.
    pub(super) fn describe(&self, tags: &[&str]) -> String {
        let names = match tags {
            [tag] => format!("tag {tag}"),
            several => format!("tags {}", several.join(" and ")),
        };
        let remote = &self.remote.name;
        let Some(branch) = &self.branch else {
            let atomically = if tags.len() > 1 { ", atomically" } else { "" };
            return format!("{names} to {remote}{atomically}");
        };
        let unpushed = match branch.ahead {
            0 => String::new(),
            1 => " (1 unpushed commit)".to_owned(),
            ahead => format!(" ({ahead} unpushed commits)"),
        };
        let branch = branch.reference.trim_start_matches("refs/heads/");
        format!("{branch}{unpushed} and {names} to {remote}, atomically")
    }

    /// Pushes existing local tags, and the branch to `commit`.
    ///
    /// # Errors
    ///
    /// Another push moved one of the refs first (5). The remote rejects the push (6) or it is stopped locally (4). Its result is
    /// unknown (6).
    pub(super) fn send(&self, repo: &Repo, commit: CommitId, tags: &[LocalTag]) -> Result<()> {
        let updates = self.updates(commit, tags.iter().map(|tag| (&tag.name, tag.object)));
        let remote = &self.remote.name;
        match Writer::new(repo).push(&self.remote, &updates, &self.options)? {
            PushOutcome::Done => Ok(()),
            PushOutcome::Lost { moved } => {
                let message = format!("the push lost a race: {} changed on {remote}", short_names(&moved));
                let error = Error::conflict(message);
                let error = repo.describe_moved(&self.remote, &moved).into_iter().fold(error, Error::cause);
                Err(error.hint("nothing was pushed; run the command again to see what is still to be released"))
            }
            PushOutcome::Rejected(output) => {
                Err(Error::unreachable(format!("{remote} rejected the push")).cause(output).hint(
                    "nothing was pushed; for a protected branch, set `[cut] commit = false` or allow this account to push",
                ))
            }
            PushOutcome::Unknown(output) => {
                Err(Error::unreachable(format!("cannot tell whether the push to {remote} succeeded"))
                    .cause(output)
                    .hint("run the command again: it checks the remote and finishes the release"))
            }
            PushOutcome::Stopped(output) => {
                Err(Error::refused(format!("the push to {remote} was stopped locally"))
                    .cause(output)
                    .hint("nothing was pushed; the output of the pre-push hook says why"))
            }
        }
    }

    /// Runs `git push --dry-run` for tags that do not exist yet; HEAD stands for their objects.
    ///
    /// # Errors
    ///
    /// One of the refs moved (5). The remote would reject the push, or cannot be reached (6).
    pub(super) fn try_send<'a>(
        &self,
        repo: &Repo,
        head: CommitId,
        tags: impl Iterator<Item = &'a TagName>,
    ) -> Result<()> {
        let updates = self.updates(head, tags.map(|tag| (tag, head)));
        let remote = &self.remote.name;
        match Writer::new(repo).check_push(&self.remote, &updates, &self.options)? {
            PushOutcome::Done => Ok(()),
            PushOutcome::Lost { moved } => {
                Err(Error::conflict(format!("{} has just changed on {remote}", short_names(&moved)))
                    .hint("run the command again"))
            }
            PushOutcome::Rejected(output) | PushOutcome::Stopped(output) | PushOutcome::Unknown(output) => {
                Err(Error::unreachable(format!("{remote} would reject the push"))
                    .cause(output)
                    .hint("`git push --dry-run` must succeed here"))
            }
        }
    }

    fn updates<'a>(
        &self,
        commit: CommitId,
        tags: impl Iterator<Item = (&'a TagName, CommitId)>,
    ) -> Vec<Update> {
        let branch = self.branch.iter().map(|branch| Update {
            reference: branch.reference.clone(),
            expected: branch.expected,
            new: commit,
        });
        let tag = |(name, new): (&TagName, CommitId)| Update {
            reference: format!("refs/tags/{name}"),
            expected: None,
            new,
        };
        branch.chain(tags.map(tag)).collect()
    }
}

/// Joins refs by their short names.
fn short_names(references: &[String]) -> String {
    let short =
        |name: &String| name.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/").to_owned();
    references.iter().map(short).collect::<Vec<_>>().join(" and ")
}
