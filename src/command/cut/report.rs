//! What a run of `rel cut` or `rel tag` did or would do: for people, in JSON (`rel.cut/1`) and for GitHub.

use super::screen;
use crate::command::End;
use crate::command::view::{decision, github};
use crate::context::Context;
use crate::error::Result;
use crate::model::{Bump, Image, Version};
use crate::registry::RetagOutcome;
use crate::release::{
    CutOutcome, Existing, ExistingRelease, ExistingState, ImageTags, PlannedImage, PlannedRelease,
    ReleasePlan, Undo,
};
use crate::ui::{Format, Role, Text, Ui};
use crate::version::VersionDecision;
use serde_json::{Value, json};

/// Reports the plan of `--dry-run`.
pub(super) fn planned(context: &Context, plan: &ReleasePlan) -> Result<End> {
    let ui = context.ui();
    match ui.format() {
        Format::Json => {
            let step = |(verb, what)| json!({ "step": verb, "what": what });
            let mut value = plan_json(plan, None);
            value["dry_run"] = json!(true);
            value["steps"] = plan.steps().into_iter().map(step).collect();
            ui.json(&value);
        }
        Format::Github => plan_outputs(context, plan)?,
        Format::Text => {
            screen::show(ui, plan);
            if ui.is_verbose() {
                screen::diffs(ui, plan)?;
            }
        }
    }
    ui.status("dry run: nothing was changed");
    Ok(End::Done)
}

/// Reports a release that was made in this run. If its images could not be tagged, that error is the answer in JSON.
pub(super) fn done(context: &Context, plan: &ReleasePlan, outcome: &CutOutcome) -> Result<()> {
    let ui = context.ui();
    if let Some(warning) = &outcome.warning {
        ui.warning(format!("{}: {}", warning.message, warning.causes.join("; ")));
        warning.hints.iter().for_each(|hint| ui.hint(hint));
    }
    match ui.format() {
        Format::Json => {
            outcome.images.iter().for_each(|images| ui.json(&plan_json(plan, Some((outcome, images)))));
        }
        Format::Github => plan_outputs(context, plan)?,
        Format::Text => plan.releases.iter().for_each(|release| ui.data(release.tag.as_str())),
    }
    for release in &plan.releases {
        let state = if outcome.pushed { "is released" } else { "was created here and has not been pushed" };
        let tag = Text::new().with(Role::Answer, release.tag.as_str());
        ui.status(tag.plain(format!(" {state} at {}", outcome.commit.short())));
    }
    match plan.push.as_ref().filter(|_| outcome.pushed) {
        Some(push) => ui.detail(format!("pushed to {}", push.remote.name)),
        None => ui.hint("push it with `rel cut`, or undo it with `rel cut --abort`"),
    }
    Ok(())
}

/// Reports releases that an earlier run made.
pub(super) fn existing(context: &Context, existing: &Existing, images: &ImageTags) -> Result<End> {
    let (ui, releases) = (context.ui(), &existing.releases);
    let (pushed, already, state) = match existing.state {
        ExistingState::AfterHead | ExistingState::OnHead { .. } => (true, true, "is already released"),
        ExistingState::Local => (false, true, "was already created here and has not been pushed"),
        ExistingState::Unpushed { .. } => (true, false, "is released"),
    };
    // A run that was killed after its push had left images without their version.
    let completed = images.values().flatten().any(|image| image.result == RetagOutcome::Created);
    match ui.format() {
        Format::Json => {
            let one = |release| existing_json(release, pushed, already && !completed, images);
            ui.json(&one_or_list(releases.iter().map(one).collect()));
        }
        Format::Github => {
            let list = releases.iter().map(
                |release| json!({ "package": release.package, "next": release.version, "tag": release.tag }),
            );
            let one = releases
                .first()
                .map(|release| (&release.version, release.tag.as_str(), release.previous.as_ref()));
            outputs(context, one, list.collect())?;
        }
        Format::Text => releases.iter().for_each(|release| ui.data(release.tag.as_str())),
    }
    for release in releases {
        ui.status(format!("{} {state} at {}", release.tag, release.commit.short()));
    }
    Ok(End::Done)
}

/// Reports that there is nothing to release.
pub(super) fn nothing(context: &Context, decisions: &[VersionDecision], require: bool) -> Result<End> {
    let ui = context.ui();
    let one = |decision: &VersionDecision| json!({ "schema": "rel.cut/1", "package": decision.package, "version": null, "reason": decision.reason, "pushed": false, "already": false, "images": [] });
    match ui.format() {
        Format::Json => ui.json(&one_or_list(decisions.iter().map(one).collect())),
        Format::Github => github::output(context, &[("release", "false".to_owned())])?,
        Format::Text => {}
    }
    for decision in decisions {
        ui.status(format!("{}: nothing to release: {}", decision.package, decision.reason));
        if decisions.len() == 1 {
            decision::uncounted(ui, decision);
        }
    }
    Ok(if require { End::NothingToRelease } else { End::Done })
}

/// Reports, before `--abort` does anything, what it does not undo.
pub(super) fn undo_warnings(ui: &Ui, undo: &Undo) {
    if undo.tags.is_empty() {
        ui.status("nothing to abort: there is no unpushed release here");
    }
    for tag in &undo.kept {
        ui.warning(format!("{tag} was never pushed either, but HEAD has moved on since, so it is kept"));
        ui.hint(format!("git tag -d {tag}"));
    }
}

/// Reports what `--abort` undid, or would undo.
pub(super) fn undone(ui: &Ui, undo: &Undo, dry_run: bool) {
    let (delete, remove) = if dry_run { ("would delete", "would remove") } else { ("deleted", "removed") };
    for tag in &undo.tags {
        ui.status(format!("{delete} tag {}", tag.name));
    }
    if let Some((commit, _)) = undo.commit {
        ui.status(format!("{remove} release commit {}", commit.short()));
    }
}

/// Writes the outputs for later steps of a GitHub workflow. `one` is version, tag and previous version of a release; it is
/// used where there is exactly one.
fn outputs(
    context: &Context,
    one: Option<(&Version, &str, Option<&Version>)>,
    list: Vec<Value>,
) -> Result<()> {
    let mut lines = vec![("release", "true".to_owned())];
    match one.filter(|_| list.len() == 1) {
        Some((version, tag, previous)) => {
            let bump = previous.and_then(|previous| Bump::between(previous, version));
            let text = |value: Option<String>| value.unwrap_or_default();
            lines.extend([("next", version.to_string()), ("tag", tag.to_owned())]);
            lines.push(("current", text(previous.map(Version::to_string))));
            lines.push(("bump", text(bump.map(|bump| bump.to_string()))));
        }
        None => lines.push(("packages", Value::Array(list).to_string())),
    }
    github::output(context, &lines)
}

fn plan_outputs(context: &Context, plan: &ReleasePlan) -> Result<()> {
    let releases = &plan.releases;
    let list = releases
        .iter()
        .map(|release| json!({ "package": release.package, "next": release.version, "tag": release.tag }));
    let one = releases.first().map(|release| {
        let previous = release.previous.as_ref().map(|(_, version)| version);
        (&release.version, release.tag.as_str(), previous)
    });
    outputs(context, one, list.collect())
}

/// Returns a plan, and its outcome where it was executed, in the form `rel.cut/1`.
fn plan_json(plan: &ReleasePlan, outcome: Option<(&CutOutcome, &ImageTags)>) -> Value {
    let one = |release: &PlannedRelease| {
        json!({
            "schema": "rel.cut/1",
            "package": release.package,
            "version": release.version,
            "tag": release.tag,
            "commit": outcome.map(|(outcome, _)| outcome.commit),
            "build": plan.build,
            "previous": release.previous.as_ref().map(|(_, version)| version),
            "pushed": outcome.is_some_and(|(outcome, _)| outcome.pushed),
            "already": false,
            "reason": release.reason,
            "notes": release.notes,
            "images": match outcome.and_then(|(_, images)| images.get(&release.package)) {
                Some(images) => json!(images),
                None => release.images.iter().map(planned_image_json).collect(),
            },
        })
    };
    one_or_list(plan.releases.iter().map(one).collect())
}

/// Returns a release that an earlier run made in the form `rel.cut/1`.
fn existing_json(release: &ExistingRelease, pushed: bool, already: bool, images: &ImageTags) -> Value {
    json!({
        "schema": "rel.cut/1",
        "package": release.package,
        "version": release.version,
        "tag": release.tag,
        "commit": release.commit,
        "previous": release.previous,
        "pushed": pushed,
        "already": already,
        "images": match images.get(&release.package) {
            Some(images) => json!(images),
            None => release.images.iter().map(recorded_image_json).collect(),
        },
    })
}

/// An image that has not got its version tags yet.
fn planned_image_json(PlannedImage { image, tags }: &PlannedImage) -> Value {
    json!({ "name": image.name, "repository": image.repository, "digest": image.digest, "tags": tags })
}

/// An image as the tag of a release records it.
fn recorded_image_json(image: &Image) -> Value {
    json!({ "name": image.name, "repository": image.repository, "digest": image.digest })
}

fn one_or_list(mut all: Vec<Value>) -> Value {
    match all.len() {
        1 => all.remove(0),
        _ => json!({ "schema": "rel.cut/1", "packages": all }),
    }
}
