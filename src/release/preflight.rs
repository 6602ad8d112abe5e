//! Everything that prevents a release, found before anything is written.

use super::leftovers::LocalTag;
use super::plan::ReleasePlan;
use super::push::Push;
use super::session::Session;
use crate::error::{Error, Result};
use crate::git::{Refs, has_program};
use crate::model::{BranchName, tag};
use crate::version::ReleaseLine;

/// Returns what prevents any release from this HEAD.
pub(super) fn check_repository(session: &Session<'_>) -> Result<Vec<Error>> {
    let mut errors = Vec::new();
    errors.extend(session.repo.committer_email().err());
    errors.extend(check_clean(session).err());
    let (line, _) = session.release_context()?.release_line()?;
    errors.extend(check_branch(session, &line).err());
    if session.remote.is_some() && session.pushes()? {
        for tag in &session.leftovers.on_head {
            let error = Error::refused(format!("{} was created here and never pushed", tag.name));
            errors
                .push(error.hint("push it with `rel cut --package NAME`, or undo it with `rel cut --abort`"));
        }
    }
    for LocalTag { name, .. } in &session.leftovers.behind_head {
        let message = format!("{name} was created here and never pushed, and HEAD has moved on since");
        errors.push(
            Error::refused(message)
                .hint(format!("git push {} refs/tags/{name}", session.remote_name()))
                .hint(format!("git tag -d {name}   # to discard it")),
        );
    }
    Ok(errors)
}

/// Returns what prevents this plan.
pub(super) fn check_plan(session: &Session<'_>, plan: &ReleasePlan) -> Result<Vec<Error>> {
    let mut errors = Vec::new();
    if session.repo.committer_email().is_ok() {
        errors.extend(session.check_signing(plan.head, plan.sign).err());
    }
    errors.extend(check_date(session, plan)?);
    errors.extend(existing_tags(session, plan)?);
    errors.extend(missing_programs(session, plan));
    for file in plan.files.iter().filter(|file| file.before.is_none()) {
        if session.repo.has_file(&file.path) {
            let error = Error::refused(format!("{} exists but is not tracked by git", file.path));
            errors.push(error.hint(format!("`git add {}` and commit it, or move it away", file.path)));
        }
    }
    if let Some(push) = &plan.push {
        let (line, _) = session.release_context()?.release_line()?;
        let outdated = check_position(session, plan, push, &line)?;
        let ready = outdated.is_none() && errors.is_empty();
        errors.extend(outdated);
        if ready {
            let tags = plan.releases.iter().map(|release| &release.tag);
            errors.extend(push.try_send(session.repo, plan.head, tags).err());
        }
    }
    Ok(errors)
}

/// Refuses an unfinished merge, rebase and the like, and changed files.
fn check_clean(session: &Session<'_>) -> Result<()> {
    if let Some(operation) = session.repo.under_way() {
        return Err(Error::refused(format!("{operation} is in progress in this work tree"))
            .hint("`git status` shows how to finish or abort it"));
    }
    let (files, all) = session.repo.dirty(5)?;
    if files.is_empty() {
        return Ok(());
    }
    let more = if all > files.len() { format!(" and {} more", all - files.len()) } else { String::new() };
    Err(Error::refused(format!("the work tree is not clean: {}{more}", files.join(", ")))
        .hint("commit or stash the changes; `git status` lists them"))
}

/// Returns an error for each planned tag that exists, here or on the remote.
fn existing_tags(session: &Session<'_>, plan: &ReleasePlan) -> Result<Vec<Error>> {
    let local = session.repo.tags()?;
    let mut errors = Vec::new();
    for release in &plan.releases {
        let tag = &release.tag;
        let stale = plan.stale_tags.iter().any(|stale| stale.name == *tag);
        let place = if session.remote_has_tag(tag) {
            format!("on {}", session.remote_name())
        } else if !stale && local.iter().any(|other| other.name == *tag) {
            "in this clone only".to_owned()
        } else {
            continue;
        };
        let by = session.repo.tagger(tag).map_or_else(String::new, |name| format!(", by {name}"));
        let error = Error::conflict(format!("tag {tag} already exists {place}{by}"));
        errors.push(if session.remote_has_tag(tag) {
            error.hint(format!("`git show {tag}` shows it; `git tag -d {tag}` deletes it here"))
        } else {
            error.hint(format!("`git show {tag}` shows it; another `rel cut` in this clone may be making it"))
        });
    }
    Ok(errors)
}

/// Refuses to tag a commit of a time that git itself cannot read.
fn check_date(session: &Session<'_>, plan: &ReleasePlan) -> Result<Option<Error>> {
    let dated = session.repo.people(plan.head)?.1.seconds;
    if dated >= 0 || plan.commit.is_some() {
        return Ok(None);
    }
    let short = plan.head.short();
    Ok(Some(
        Error::refused(format!("commit {short} is dated before 1970, and git cannot tag such a commit"))
            .hint("git commit --amend --no-edit --reset-author   # gives it the current date"),
    ))
}

fn missing_programs(session: &Session<'_>, plan: &ReleasePlan) -> Vec<Error> {
    let path = session.context.variable("PATH").unwrap_or_default();
    let programs = plan.before.iter().filter_map(|words| words.first());
    let missing = programs.filter(|program| !has_program(session.repo, program, &path));
    let error = |program: &String| {
        Error::refused(format!("{program}, which [cut] before runs, is not on PATH"))
            .hint("install it, or remove it from release.toml")
    };
    missing.map(error).collect()
}

/// Refuses a branch that makes no releases: with `[[branch]]` one that is not listed, else any but the remote's default.
fn check_branch(session: &Session<'_>, line: &ReleaseLine) -> Result<()> {
    let Some(branch) = &line.branch else {
        return Err(Error::refused("HEAD is detached, so the release branch is unknown").hint(
            "pass --branch NAME; in CI, the job's branch is used if it exists on the remote and contains HEAD",
        ));
    };
    if let Some(fault) = tag::ref_name_fault(branch.as_str()) {
        return Err(Error::usage(format!("{branch} is not a valid branch name: {fault}")));
    }
    if let Some(current) = session.repo.head()?.branch.filter(|current| current != branch) {
        return Err(Error::refused(format!("HEAD is on {current}, not on {branch}"))
            .hint(format!("git switch {branch}   # --branch is for a detached HEAD")));
    }
    let rules = &session.context.config()?.branches;
    if rules.iter().any(|rule| rule.matches.matches(branch.as_str())) {
        return Ok(());
    }
    if !rules.is_empty() {
        let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        let message =
            format!("branch {branch} makes no releases: release.toml lists only {}", names.join(", "));
        return Err(Error::refused(message).hint("switch to one of them, or add a [[branch]]"));
    }
    let Some(remote) = &session.remote else { return Ok(()) };
    match session.repo.ls_remote(remote, Refs::Named(&["HEAD"]))?.default_branch {
        Some(default) if default != *branch => Err(Error::refused(format!(
            "no releases are made from branch {branch}: without a [[branch]], only {default} makes them"
        ))
        .hint(format!("switch to {default}, or add to release.toml:\n  [[branch]]\n  name = \"{branch}\""))),
        _ => Ok(()),
    }
}

/// Returns an error where HEAD does not fit the remote's branch: a release commit must be based on its tip, a tag without one
/// must be on it.
fn check_position(
    session: &Session<'_>,
    plan: &ReleasePlan,
    push: &Push,
    line: &ReleaseLine,
) -> Result<Option<Error>> {
    let (repo, head) = (session.repo, plan.head);
    let release_context = session.release_context()?;
    let Some(branch) = &line.branch else { return Ok(None) };
    let tip = release_context.tip(branch)?;
    if tip == Some(head) {
        return Ok(None);
    }
    let remote = &push.remote.name;
    Ok(match (&push.branch, tip) {
        (Some(_), None) => None,
        (Some(_), Some(tip)) if repo.is_ancestor(tip, head)? => None,
        (Some(_), Some(tip)) => {
            let behind = repo.range(tip, &[head])?.commits.len();
            let ahead = repo.range(head, &[tip])?.commits.len();
            Some(not_up_to_date(branch, remote, behind, ahead))
        }
        (None, Some(tip)) if release_context.contains(tip, head)? => None,
        (None, _) => Some(
            Error::refused(format!("{} is not on {remote}/{branch} yet", head.short()))
                .hint(format!("git push {remote} HEAD:{branch}")),
        ),
    })
}

fn not_up_to_date(branch: &BranchName, remote: &str, behind: usize, ahead: usize) -> Error {
    let commits = |count: usize| if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") };
    if ahead == 0 {
        return Error::refused(format!("{branch} is {} behind {remote}/{branch}", commits(behind)))
            .hint(format!("git pull --ff-only {remote} {branch}"));
    }
    let (ahead, behind) = (commits(ahead), commits(behind));
    Error::refused(format!("{branch} and {remote}/{branch} have diverged: {ahead} ahead, {behind} behind"))
        .hint(format!("git pull --rebase {remote} {branch}"))
}
