//! Makes the plan of a release. Reads only. Leans on `history`, `config` and `plan`.

use super::desk::{Desk, Kept};
use super::scene::Scene;
use super::wish::{Wish, Wishes};
use crate::command::changelog::wanted::Notes;
use crate::command::explain;
use crate::error::{Error, Result};
use crate::git::Sign;
use crate::git_history::{Package, ReleaseContext};
use crate::plan::{Branch, Change, Plan, Push, Release};
use crate::version::{Next, ReleaseLine, VersionDecision};
use std::rc::Rc;

/// What was found out.
pub(super) struct Draft {
    /// What every package is to do, and why.
    pub decisions: Vec<VersionDecision>,
    /// What will happen; `None` where nothing is to release, or where a fault says why not.
    pub plan: Option<Plan>,
    /// What is in the way of a plan.
    pub faults: Vec<Error>,
}

/// A package that has something to release.
struct Due<'a> {
    package: &'a Package,
    release_context: Rc<ReleaseContext<'a>>,
    decision: VersionDecision,
    next: Next,
    notes: Notes<'a>,
    /// What a person may edit, or has edited.
    body: String,
    edited: bool,
    /// What the release says of itself: the body, and what people wrote into the changelog.
    whole: String,
}

/// Decides for every package, and plans for those that have something to release.
pub(super) fn draft<'a>(scene: &'a Scene<'a>, wishes: &Wishes) -> Result<Draft> {
    let common = Rc::new(scene.release_context(&Wish::default())?);
    let mut draft = Draft { decisions: Vec::new(), plan: None, faults: Vec::new() };
    let mut due = Vec::new();
    for package in &scene.packages {
        let wish = wishes.get(&package.name);
        let release_context = match wish {
            Some(wish) => Rc::new(scene.release_context(wish)?),
            None => Rc::clone(&common),
        };
        let decision = match release_context.decide(package, false) {
            Ok(decision) => decision,
            Err(error) => {
                let several = scene.packages.len() > 1;
                let message =
                    if several { format!("{}: {}", package.name, error.message) } else { error.message };
                draft.faults.push(Error { message, ..error });
                continue;
            }
        };
        draft.decisions.push(decision.clone());
        let Some(next) = decision.next.clone().filter(|next| !next.already) else { continue };
        let notes = Notes::next(scene.context, &release_context, package, &next)?;
        let edited = wish.and_then(|wish| wish.notes.clone());
        let (body, edited) = match edited {
            Some(body) => (body, true),
            None => (notes.body()?, false),
        };
        let whole = body.clone();
        due.push(Due { package, release_context, decision, next, notes, body, edited, whole });
    }
    if !due.is_empty() {
        draft.plan = plan(scene, &common, due, &mut draft.faults)?;
    }
    Ok(draft)
}

/// Says what is not right but stops nothing.
pub(super) fn warn(scene: &Scene<'_>, draft: &Draft) {
    draft.decisions.iter().for_each(|decision| explain::warn(scene.context.ui(), decision));
}

fn plan(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    mut due: Vec<Due<'_>>,
    faults: &mut Vec<Error>,
) -> Result<Option<Plan>> {
    let rules = &scene.context.config()?.cut;
    let wants_commit = if scene.tag_alone { Some(false) } else { rules.commit };
    let files = if wants_commit == Some(false) { Vec::new() } else { files(scene, &mut due, faults)? };
    let commit = wants_commit.unwrap_or(!files.is_empty());
    let releases: Vec<Release> = due.into_iter().map(release).collect();
    let (line, _) = release_context.release_line()?;
    let push = match (scene.pushes()?, &scene.remote) {
        (false, _) => None,
        (true, Some(remote)) => {
            let branch = if commit { branch(scene, release_context, &line)? } else { None };
            Some(Push { remote: remote.clone(), branch, options: scene.arguments.push_options.clone() })
        }
        (true, None) => {
            let error = Error::refused("there is no remote to push to");
            faults.push(error.hint("git remote add origin URL, or --no-push keeps the release here"));
            None
        }
    };
    let leftovers = &scene.left.loose;
    let sign = match rules.sign {
        None => Sign::Auto,
        Some(true) => Sign::Always,
        Some(false) => Sign::Never,
    };
    Ok(Some(Plan {
        head: release_context.head(),
        build: release_context.build_commit()?,
        leftovers: leftovers.iter().map(|made| (made.name.clone(), made.object)).collect(),
        before: rules.before.clone(),
        files,
        commit: commit.then(|| message(&rules.message, &releases)),
        releases,
        sign,
        signed: scene.repo.signs_tags(sign),
        push,
    }))
}

/// The branch that the release commit goes to, and what the remote has there.
pub(super) fn branch(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    line: &ReleaseLine,
) -> Result<Option<Branch>> {
    let Some(branch) = &line.branch else { return Ok(None) };
    let expected = release_context.tip(branch)?;
    let ahead = match expected {
        Some(tip) if tip != release_context.head() => {
            scene.repo.range(release_context.head(), &[tip])?.commits.len()
        }
        _ => 0,
    };
    Ok(Some(Branch { reference: format!("refs/heads/{branch}"), expected, ahead }))
}

/// The files of the release commit. A changelog is kept where there is one; `[cut] commit = true` begins one where
/// there would be nothing to commit.
fn files(scene: &Scene<'_>, due: &mut [Due<'_>], faults: &mut Vec<Error>) -> Result<Vec<Change>> {
    let config = scene.context.config()?;
    let mut desk = Desk::new(scene.context);
    for Due { package, release_context, decision, next, .. } in &*due {
        faults.extend(desk.versions(release_context, package, decision, &next.version).err());
    }
    let head = scene.repo.head()?.commit;
    let kept = scene.repo.file_at(head, &config.changelog.path)?.is_some();
    if kept || (config.cut.commit == Some(true) && config.files.is_empty()) {
        for Due { release_context, notes, body, edited, whole, .. } in due {
            match desk.changelog(release_context, notes, edited.then_some(body.as_str())) {
                Ok(Kept::Now(section)) => *whole = section,
                Ok(Kept::Before(_)) if *edited => {}
                Ok(Kept::Before(section)) => {
                    body.clone_from(&section);
                    *whole = section;
                }
                Err(error) => faults.push(error),
            }
        }
    }
    Ok(desk.changes())
}

fn release(due: Due<'_>) -> Release {
    let Due { decision, next, body, whole, .. } = due;
    Release {
        package: decision.package,
        previous: decision.current.map(|tag| (tag.name, tag.version)),
        version: next.version,
        tag: next.tag,
        notes: whole,
        editable: body,
        reason: decision.reason,
        images: Vec::new(),
    }
}

/// The release commit's message, with a trailer by which `rel` knows its own.
fn message(template: &str, releases: &[Release]) -> String {
    let list = |get: &dyn Fn(&Release) -> String| releases.iter().map(get).collect::<Vec<_>>().join(", ");
    let subject = template
        .replace("{tag}", &list(&|release| release.tag.to_string()))
        .replace("{version}", &list(&|release| release.version.to_string()))
        .replace("{package}", &list(&|release| release.package.clone()));
    let trailers: String = releases.iter().map(|release| format!("Rel-Release: {}\n", release.tag)).collect();
    format!("{}\n\n{trailers}", subject.trim_end())
}
