//! Questions about reachability. A shallow history is deepened until the answer is certain, or refused with the line that
//! the workflow needs: a version is never computed from an incomplete history.

use super::release_context::ReleaseContext;
use crate::error::{Error, Result};
use crate::git::{Link, Wanted};
use crate::model::{BranchName, CommitId};

/// How many commits the first deepening fetches; each further one fetches four times as many.
const FIRST_STEP: u32 = 100;
/// After this many deepenings, the whole history is fetched.
const STEPS: u32 = 4;

impl ReleaseContext<'_> {
    /// Returns for each commit whether it is reachable from HEAD.
    pub fn reached(&self, commits: &[CommitId]) -> Result<Vec<bool>> {
        self.reached_from(&[self.head()], commits)
    }

    /// Returns for each commit whether it is reachable from one of `tips`.
    pub(super) fn reached_from(&self, tips: &[CommitId], commits: &[CommitId]) -> Result<Vec<bool>> {
        let wanted: Vec<Wanted> =
            commits.iter().map(|commit| Wanted { commit: *commit, settles: false }).collect();
        self.until_complete(tips, || {
            let reach = self.repo.reach(tips, &wanted)?;
            Ok((reach.complete, reach.reached.iter().map(Option::is_some).collect()))
        })
    }

    /// Whether a commit is reachable from `tip`.
    pub fn contains(&self, tip: CommitId, commit: CommitId) -> Result<bool> {
        Ok(self.reached_from(&[tip], &[commit])?.first() == Some(&true))
    }

    /// Returns the commits that are reachable from HEAD and from none of `hidden`, children before parents.
    pub(super) fn commits_since(&self, hidden: &[CommitId]) -> Result<Vec<Link>> {
        self.until_complete(&[self.head()], || {
            let range = self.repo.range(self.head(), hidden)?;
            Ok((range.complete, range.commits))
        })
    }

    /// Repeats a question about the history of `tips` until its answer is complete, and fetches more history in between.
    pub(super) fn until_complete<T>(
        &self,
        tips: &[CommitId],
        question: impl Fn() -> Result<(bool, T)>,
    ) -> Result<T> {
        let mut commits = FIRST_STEP;
        for step in 0..=STEPS {
            let (complete, answer) = question()?;
            if complete {
                return Ok(answer);
            }
            let remote = self.repo.remote()?;
            let Some(remote) = remote.filter(|_| !self.options.offline) else {
                return Err(too_shallow(self.branch()));
            };
            self.context
                .ui()
                .detail(format!("this clone is shallow: fetching older history from {}", remote.name));
            for tip in tips {
                self.repo.deepen(&remote, *tip, (step < STEPS).then_some(commits))?;
            }
            commits = commits.saturating_mul(4);
        }
        match question()? {
            (true, answer) => Ok(answer),
            (false, _) => {
                Err(too_shallow(self.branch()).cause("the history of the remote is shallow as well"))
            }
        }
    }
}

fn too_shallow(branch: Option<&BranchName>) -> Error {
    let branch = branch.map_or_else(String::new, |branch| format!(" of {branch}"));
    Error::refused(format!(
        "the history{branch} in this clone does not reach back to the last release, so no version can be computed"
    ))
    .hint("with actions/checkout, add `with: { fetch-depth: 0 }`; in GitLab, `variables: { GIT_DEPTH: 0 }`")
    .hint("by hand: `git fetch --unshallow --tags`")
}
