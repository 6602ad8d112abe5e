//! What lies between two releases: the commits that come or go, and the one-way doors among them. Leans on `git` and
//! `history`.

use super::place::DeploymentContext;
use crate::error::Result;
use crate::git::{Link, Repo};
use crate::model::message::Message;
use crate::model::{BumpTable, CommitId, Release, TagName, Version};
use crate::policy::Order;

/// How far a shallow history is deepened before it is given up, in commits.
const STEPS: [u32; 3] = [100, 1_000, 10_000];

/// A commit of the way.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Its name.
    pub id: CommitId,
    /// Its first line.
    pub subject: String,
}

/// A commit that cannot be taken back.
#[derive(Clone, Debug)]
pub struct Door {
    /// The release that brought it.
    pub release: String,
    /// Why: `drops column email`.
    pub why: String,
    /// The commit.
    pub commit: CommitId,
}

/// The commits of one release that another does not have.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Newest first.
    pub commits: Vec<Passed>,
    /// Doors among them.
    pub doors: Vec<Door>,
}

/// What goes away when `from` is replaced by `to`; `None` where this history does not tell.
pub(super) fn way(place: &DeploymentContext<'_>, from: &Release, to: &Release) -> Result<Option<Way>> {
    let repo = place.context.repo()?;
    let (from_commit, to_commit) = (from.pin.commit, to.pin.commit);
    if !here(place, repo, from) || !here(place, repo, to) {
        return Ok(None);
    }
    let mut range = repo.range(from_commit, &[to_commit])?;
    for step in STEPS {
        if range.complete {
            break;
        }
        let Some(remote) = repo.remote()? else { break };
        // A remote that does not answer leaves the history as short as it is.
        if place.cut_off || repo.deepen(&remote, from_commit, Some(step)).is_err() {
            break;
        }
        range = repo.range(from_commit, &[to_commit])?;
    }
    if !range.complete {
        return Ok(None);
    }
    let mut way = Way::default();
    for link in &range.commits {
        let message = repo.message(link.id)?;
        let subject = message.lines().next().unwrap_or_default().to_owned();
        if let Some(why) = door(&message) {
            let release = bearer(place, repo, link.id, from)?;
            way.doors.push(Door { release, why: why.to_owned(), commit: link.id });
        }
        if !own(place, repo, link, &message)? {
            way.commits.push(Passed { id: link.id, subject });
        }
    }
    Ok(Some(way))
}

/// One of `rel`'s own release commits (V30): nobody's work goes away with it.
fn own(place: &DeploymentContext<'_>, repo: &Repo, link: &Link, message: &str) -> Result<bool> {
    let ([parent], Some(tag)) =
        (link.parents.as_slice(), Message::parse(message, &BumpTable::default(), true).rel_release)
    else {
        return Ok(false);
    };
    if repo.resolve(&format!("refs/tags/{tag}")).ok() != Some(link.id) {
        return Ok(false);
    }
    let config = place.context.config()?;
    Ok(repo.changed_paths(link.id, Some(*parent))?.iter().all(|path| config.writes(path)))
}

/// The commit whose tree a release is: the tagged one where it is the build or `rel`'s own commit upon it, else the build.
/// `None` where it cannot be had.
pub(super) fn tree_of(place: &DeploymentContext<'_>, release: &Release) -> Option<CommitId> {
    let repo = place.context.repo().ok()?;
    let build = release.pin.commit;
    if !here(place, repo, release) {
        return None;
    }
    let tagged = release.tag.as_ref().and_then(|tag| repo.resolve(&format!("refs/tags/{tag}")).ok());
    let config = place.context.config().ok()?;
    // Only what `rel` itself writes may differ: a commit that brings anything else was not built.
    let follows = |tagged: &CommitId| {
        repo.first_parent(*tagged).is_ok_and(|(parent, _)| parent == Some(build))
            && repo
                .changed_paths(*tagged, Some(build))
                .is_ok_and(|paths| paths.iter().all(|path| config.writes(path)))
    };
    Some(tagged.filter(follows).unwrap_or(build))
}

/// Makes sure that the commit of a release is here.
fn here(place: &DeploymentContext<'_>, repo: &Repo, release: &Release) -> bool {
    if repo.has(release.pin.commit) {
        return true;
    }
    let Ok(Some(remote)) = repo.remote() else { return false };
    if place.cut_off {
        return false;
    }
    let depth = repo.is_shallow().then_some(1);
    let names =
        [release.tag.as_ref().map(|tag| format!("refs/tags/{tag}")), Some(release.pin.commit.to_string())];
    names
        .into_iter()
        .flatten()
        .any(|name| repo.bring(&remote, &name, depth).is_ok() && repo.has(release.pin.commit))
}

/// The footer `Rollback-Unsafe: drops column email`.
fn door(message: &str) -> Option<&str> {
    let footers = message.lines().skip(1);
    footers
        .filter_map(|line| line.strip_prefix("Rollback-Unsafe:"))
        .map(str::trim)
        .find(|why| !why.is_empty())
}

/// The lowest release that has a commit, among those that are not above `from`; `from` itself where no tag has it.
fn bearer(place: &DeploymentContext<'_>, repo: &Repo, commit: CommitId, from: &Release) -> Result<String> {
    let read = |name: &TagName| place.formats.iter().find_map(|format| format.read(name.as_str()));
    let mut tags: Vec<(Version, TagName, CommitId)> = Vec::new();
    for tag in repo.tags()? {
        if let (Some(version), crate::git::Target::Commit(target)) = (read(&tag.name), tag.target) {
            tags.push((version, tag.name, target));
        }
    }
    tags.sort_by(|one, other| one.0.precedence(&other.0));
    for (version, name, target) in tags {
        if from.version.as_ref().is_some_and(|from| version.precedence(from).is_gt()) {
            break;
        }
        if repo.has(target) && repo.is_ancestor(commit, target)? {
            return Ok(name.to_string());
        }
    }
    Ok(from.label())
}

/// How old a release is beside the one that runs: by versions, and by history for bare commits.
pub(super) fn order(repo: &Repo, release: &Release, running: Option<&Release>) -> Order {
    let Some(running) = running else { return Order::First };
    if release.pin.same_artifacts(&running.pin) {
        return Order::Same;
    }
    if let (Some(one), Some(other)) = (&release.version, &running.version) {
        return match one.precedence(other) {
            std::cmp::Ordering::Less => Order::Older,
            std::cmp::Ordering::Equal => Order::Apart,
            std::cmp::Ordering::Greater => Order::Newer,
        };
    }
    let reaches = |one: CommitId, other: CommitId| {
        repo.has(one) && repo.has(other) && repo.is_ancestor(one, other).unwrap_or(false)
    };
    let (one, other) = (release.pin.commit, running.pin.commit);
    match (reaches(other, one), reaches(one, other)) {
        (true, _) => Order::Newer,
        (false, true) => Order::Older,
        (false, false) => Order::Apart,
    }
}

/// The branches of the remote that a commit was made on: its first parents have it, and those of the default branch do
/// not.
pub(super) fn branches(place: &DeploymentContext<'_>, commit: CommitId) -> Result<Vec<String>> {
    if place.rules.lanes.is_empty() {
        return Ok(Vec::new());
    }
    let repo = place.context.repo()?;
    let (remote, default) = (repo.remote()?, place.config_commit);
    if let (Some(remote), Some(default), true) = (&remote, default, repo.is_shallow() && !place.cut_off) {
        // A remote that does not answer leaves the history short: then there is no lane.
        let _ = repo.deepen(remote, default, None);
    }
    repo.branches_on(remote.as_ref(), default, commit)
}

#[cfg(test)]
mod tests {
    use super::door;

    #[test]
    fn a_footer_makes_a_door() {
        assert_eq!(door("feat: x\n\nRollback-Unsafe: drops column email\n"), Some("drops column email"));
        assert_eq!(door("Rollback-Unsafe: no\n\nRollback-Unsafe: \n"), None);
    }
}
