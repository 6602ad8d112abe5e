//! Whether a release is newer or older than the one that runs.

use super::deployment_context::same_result;
use crate::git::Repo;
use crate::model::{CommitId, Release, Version};
use crate::policy::ReleaseOrder;
use std::cmp::Ordering;

/// Compares a release with the one that runs: by version, and by history where one of them is a commit without a version. The
/// same build under another version is newer or older.
pub(super) fn release_order(repo: &Repo, release: &Release, running: Option<&Release>) -> ReleaseOrder {
    let Some(running) = running else { return ReleaseOrder::NothingRuns };
    let same = same_result(repo, &release.pin, &running.pin);
    let other_version = |running: &Version| release.version.as_ref().is_some_and(|own| own != running);
    if same && !running.version.as_ref().is_some_and(other_version) {
        return ReleaseOrder::SameBuild;
    }
    if let (Some(one), Some(other)) = (&release.version, &running.version) {
        return match one.precedence(other) {
            Ordering::Less => ReleaseOrder::Older,
            Ordering::Equal => ReleaseOrder::Unordered,
            Ordering::Greater => ReleaseOrder::Newer,
        };
    }
    let contains = |descendant: CommitId, ancestor: CommitId| {
        repo.has(ancestor) && repo.has(descendant) && repo.is_ancestor(ancestor, descendant).unwrap_or(false)
    };
    let (one, other) = (release.pin.commit, running.pin.commit);
    match (contains(one, other), contains(other, one)) {
        (true, _) => ReleaseOrder::Newer,
        (false, true) => ReleaseOrder::Older,
        (false, false) => ReleaseOrder::Unordered,
    }
}
