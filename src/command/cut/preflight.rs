//! Everything that is in the way of a release, in one message, before anything is written. Leans on `git` and `config`.

use super::scene::Scene;
use crate::apply::named;
use crate::error::{Error, Result};
use crate::git::{Pushed, Update};
use crate::git_history::ReleaseContext;
use crate::model::BranchName;
use crate::plan::{Plan, Push};
use crate::version::ReleaseLine;

/// What is in the way of any release from here.
pub(super) fn here(scene: &Scene<'_>, release_context: &ReleaseContext<'_>) -> Result<Vec<Error>> {
    let mut faults = Vec::new();
    faults.extend(scene.repo.identity().err());
    faults.extend(clean(scene).err());
    let (line, _) = release_context.release_line()?;
    faults.extend(releases(scene, &line).err());
    if scene.remote.is_some() && scene.pushes()? {
        for made in &scene.left.head {
            let error = Error::refused(format!("{} was made here and never pushed", made.name));
            faults.push(error.hint("rel cut with its --package pushes it, rel cut --abort takes it back"));
        }
    }
    for made in &scene.left.below {
        faults.push(
            Error::refused(format!(
                "{} was made here and never pushed, and HEAD has gone on since",
                made.name
            ))
            .hint(format!("git push {} refs/tags/{}", remote_name(scene), made.name))
            .hint(format!("git tag -d {} forgets it", made.name)),
        );
    }
    Ok(faults)
}

/// What is in the way of this very plan.
pub(super) fn of(scene: &Scene<'_>, release_context: &ReleaseContext<'_>, plan: &Plan) -> Result<Vec<Error>> {
    let mut faults = Vec::new();
    if scene.repo.identity().is_ok() {
        faults.extend(scene.can_sign(plan).err());
    }
    faults.extend(tags(scene, plan)?);
    faults.extend(programs(scene, plan));
    for change in plan.files.iter().filter(|change| change.before.is_none()) {
        if scene.repo.in_the_way(&change.path) {
            let error = Error::refused(format!("{} lies here and is not in git", change.path));
            faults.push(error.hint(format!("git add {} and commit it, or move it away", change.path)));
        }
    }
    if let Some(push) = &plan.push {
        let (line, _) = release_context.release_line()?;
        let blocked = position(scene, release_context, plan, push, &line)?;
        let free = blocked.is_none() && faults.is_empty();
        faults.extend(blocked);
        if free {
            faults.extend(would_take(scene, plan, push).err());
        }
    }
    Ok(faults)
}

fn remote_name<'a>(scene: &'a Scene<'_>) -> &'a str {
    scene.remote.as_ref().map_or("origin", |remote| remote.name.as_str())
}

fn clean(scene: &Scene<'_>) -> Result<()> {
    if let Some(what) = scene.repo.under_way() {
        return Err(Error::refused(format!("{what} is under way in this work tree"))
            .hint("`git status` says how to end it"));
    }
    let (files, all) = scene.repo.dirty(5)?;
    if files.is_empty() {
        return Ok(());
    }
    let more = if all > files.len() { format!(" and {} more", all - files.len()) } else { String::new() };
    Err(Error::refused(format!("the work tree is not clean: {}{more}", files.join(", ")))
        .hint("commit or stash it; `git status` shows all"))
}

/// A tag of that name that is only here, or that the remote has got.
fn tags(scene: &Scene<'_>, plan: &Plan) -> Result<Vec<Error>> {
    let here = scene.repo.tags()?;
    let mut faults = Vec::new();
    for release in &plan.releases {
        let tag = &release.tag;
        let left = plan.leftovers.iter().any(|(name, _)| name == tag);
        let place = if scene.there.refs.contains_key(&format!("refs/tags/{tag}")) {
            remote_name(scene)
        } else if !left && here.iter().any(|other| other.name == *tag) {
            "this clone alone"
        } else {
            continue;
        };
        let by = scene.repo.tagger(tag).map_or_else(String::new, |name| format!(", by {name}"));
        let error = Error::conflict(format!("tag {tag} exists: in {place}{by}"));
        faults.push(error.hint(format!("`git show {tag}` shows it; `git tag -d {tag}` takes it away here")));
    }
    Ok(faults)
}

fn programs(scene: &Scene<'_>, plan: &Plan) -> Vec<Error> {
    let path = scene.context.variable("PATH").unwrap_or_default();
    let programs = plan.before.iter().filter_map(|words| words.first());
    let missing = programs.filter(|program| !scene.repo.has_program(program, &path));
    let fault = |program: &String| {
        Error::refused(format!("{program} of [cut] before is not on PATH"))
            .hint("install it, or take it out of release.toml")
    };
    missing.map(fault).collect()
}

/// Whether this branch releases at all: a listed one, or without a list the remote's default branch.
fn releases(scene: &Scene<'_>, line: &ReleaseLine) -> Result<()> {
    let Some(branch) = &line.branch else {
        return Err(Error::refused("HEAD is on no branch, so nothing says which line of releases this is")
            .hint("--branch NAME; in CI the branch that it names is believed where the remote's branch holds HEAD"));
    };
    if let Some(fault) = crate::model::tag::ref_name_fault(branch.as_str()) {
        return Err(Error::usage(format!("{branch} is no name for a branch: {fault}")));
    }
    if let Some(on) = scene.repo.head()?.branch.filter(|on| on != branch) {
        return Err(Error::refused(format!("HEAD is on {on}, not on {branch}"))
            .hint(format!("git switch {branch}; --branch is for a HEAD that is on none")));
    }
    let rules = &scene.context.config()?.branches;
    if rules.iter().any(|rule| rule.matches.matches(branch.as_str())) {
        return Ok(());
    }
    if !rules.is_empty() {
        let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        let names = names.join(", ");
        return Err(Error::refused(format!("branch {branch} releases nothing: release.toml lists {names}"))
            .hint("switch to one of them, or add a [[branch]]"));
    }
    let Some(remote) = &scene.remote else { return Ok(()) };
    match scene.repo.default_branch(remote)? {
        Some(default) if default != *branch => Err(Error::refused(format!(
            "branch {branch} releases nothing: without a [[branch]] only {default} does"
        ))
        .hint(format!("switch to {default}, or add to release.toml:\n  [[branch]]\n  name = \"{branch}\""))),
        _ => Ok(()),
    }
}

/// Where HEAD stands to the remote's branch: a release commit needs its tip below it, a tag alone needs to lie on it.
fn position(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    plan: &Plan,
    push: &Push,
    line: &ReleaseLine,
) -> Result<Option<Error>> {
    let (repo, remote, head) = (scene.repo, &push.remote, plan.head);
    let Some(branch) = &line.branch else { return Ok(None) };
    let tip = release_context.tip(branch)?;
    if tip == Some(head) {
        return Ok(None);
    }
    let name = &remote.name;
    Ok(match (&push.branch, tip) {
        (Some(_), None) => None,
        (Some(_), Some(tip)) if repo.is_ancestor(tip, head)? => None,
        (Some(_), Some(tip)) => {
            let behind = repo.range(tip, &[head])?.commits.len();
            let ahead = repo.range(head, &[tip])?.commits.len();
            Some(apart(branch, name, behind, ahead))
        }
        (None, Some(tip)) if release_context.contains(tip, head)? => None,
        (None, _) => Some(
            Error::refused(format!("{} is not on {name}'s {branch} yet", head.short()))
                .hint(format!("git push {name} HEAD:{branch}")),
        ),
    })
}

fn apart(branch: &BranchName, remote: &str, behind: usize, ahead: usize) -> Error {
    let commits = |count: usize| if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") };
    if ahead == 0 {
        return Error::refused(format!("{branch} is {} behind {remote}", commits(behind)))
            .hint(format!("git pull --ff-only {remote} {branch}"));
    }
    let (here, there) = (commits(ahead), commits(behind));
    Error::refused(format!("{branch} and {remote}'s have parted: {here} only here, {there} only there"))
        .hint(format!("git pull --rebase {remote} {branch}"))
}

/// `git push --dry-run` of exactly these refs, with HEAD in the place of what does not exist yet.
fn would_take(scene: &Scene<'_>, plan: &Plan, push: &Push) -> Result<()> {
    let branch = push.branch.iter().map(|branch| Update {
        reference: branch.reference.clone(),
        expected: branch.expected,
        new: plan.head,
    });
    let tags = plan.releases.iter().map(|release| Update {
        reference: format!("refs/tags/{}", release.tag),
        expected: None,
        new: plan.head,
    });
    let remote = &push.remote.name;
    match scene.repo.push(&push.remote, &branch.chain(tags).collect::<Vec<_>>(), &push.options, true)? {
        Pushed::Done => Ok(()),
        Pushed::Lost { moved } => {
            Err(Error::conflict(format!("{} moved on {remote} just now", named(&moved))).hint("run it again"))
        }
        Pushed::Refused(words) | Pushed::Stopped(words) | Pushed::Unknown(words) => {
            Err(Error::unreachable(format!("{remote} would not take the release"))
                .cause(words)
                .hint("`git push --dry-run` must work here"))
        }
    }
}
