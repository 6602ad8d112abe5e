//! A plan and its outcome, for people, in JSON and for GitHub. Leans on `plan`, `apply` and `ui`.

use super::finish::Made;
use super::images::Given;
use super::readable::readable;
use crate::apply::Outcome;
use crate::command::{End, explain, github};
use crate::context::Context;
use crate::error::Result;
use crate::git::unified;
use crate::model::{Bump, Image, Version};
use crate::plan::{Plan, Release, Versioned};
use crate::registry;
use crate::ui::{Format, Role, Table, Text, Ui};
use crate::version::VersionDecision;
use serde_json::{Value, json};

/// Shows what will happen.
pub(super) fn show(context: &Context, plan: &Plan, decisions: &[VersionDecision]) {
    let ui = context.ui();
    for release in &plan.releases {
        headline(ui, release);
        notes(ui, release);
        let decision = decisions.iter().find(|decision| decision.package == release.package);
        let quiet = decision.map_or(0, |decision| {
            decision
                .commits
                .iter()
                .filter(|classified| classified.effect.bump.is_none() && !classified.commit.own)
                .count()
        });
        if quiet > 0 {
            let noun = if quiet == 1 { "commit that releases" } else { "commits that release" };
            ui.status(Text::new().with(Role::Faint, format!("  and {quiet} {noun} nothing")));
            ui.status("");
        }
    }
    let mut table = Table::new(2);
    for (verb, what) in plan.steps() {
        table.row(vec![Text::new().with(Role::Name, verb), Text::new().plain(what)]);
    }
    for line in table.lines(ui.width()) {
        ui.status(line);
    }
    ui.status("");
}

fn headline(ui: &Ui, release: &Release) {
    let from = release.previous.as_ref().map(|(_, version)| format!("{version} → ")).unwrap_or_default();
    let line = Text::new().with(Role::Heading, &release.package).plain("  ").plain(from);
    ui.status(line.with(Role::Answer, release.version.to_string()));
    let mut table = Table::new(2);
    table.row(vec![Text::new().with(Role::Faint, &release.reason)]);
    for line in table.lines(ui.width()) {
        ui.status(line);
    }
    ui.status("");
}

/// The notes as a screen shows them: without what only a browser needs.
fn notes(ui: &Ui, release: &Release) {
    let mut blank = true;
    for line in release.notes.lines() {
        let line = readable(line);
        if let Some(heading) = line.strip_prefix("### ") {
            ui.status(Text::new().plain("  ").with(Role::Heading, heading));
            blank = true;
            continue;
        }
        // Markdown wants a blank line below a heading; a screen does not.
        if line.trim().is_empty() && blank {
            continue;
        }
        blank = line.trim().is_empty();
        let indent = line.len() - line.trim_start().len();
        let mut table = Table::new(2 + indent).tight();
        table.row(match line.trim_start().strip_prefix("- ") {
            Some(text) => vec![Text::new().with(Role::Faint, "-"), Text::new().plain(text)],
            None => vec![Text::new().plain(line.trim_start())],
        });
        table.lines(ui.width()).into_iter().for_each(|line| ui.status(line));
    }
    if !blank {
        ui.status("");
    }
}

/// Shows what changes in every file.
pub(super) fn files(context: &Context, plan: &Plan) -> Result<()> {
    for change in &plan.files {
        for line in unified(&change.path, change.before.as_deref(), &change.after)?.lines() {
            let role = match line.as_bytes() {
                [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Role::Heading,
                [b'@', ..] => Role::Name,
                [b'+', ..] => Role::Good,
                [b'-', ..] => Role::Bad,
                _ => Role::Plain,
            };
            context.ui().explain(Text::new().with(role, line));
        }
    }
    Ok(())
}

/// `--dry-run`: the same plan, and nothing is done.
pub(super) fn planned(context: &Context, plan: &Plan, decisions: &[VersionDecision]) -> Result<End> {
    match context.ui().format() {
        Format::Json => {
            let step = |(verb, what)| json!({ "step": verb, "what": what });
            let mut value = answer(plan, None);
            value["dry_run"] = json!(true);
            value["steps"] = plan.steps().into_iter().map(step).collect();
            context.ui().json(&value);
        }
        Format::Github => outputs(context, plan)?,
        Format::Text => {
            show(context, plan, decisions);
            if context.ui().verbose() {
                files(context, plan)?;
            }
        }
    }
    context.ui().status("Nothing was changed: this is a dry run.");
    Ok(End::Done)
}

/// What was done.
pub(super) fn done(context: &Context, plan: &Plan, outcome: &Outcome, given: &Result<Given>) -> Result<()> {
    let ui = context.ui();
    if let Some(warning) = &outcome.warning {
        ui.warning(format!("{}: {}", warning.message, warning.causes.join("; ")));
        warning.hints.iter().for_each(|hint| ui.hint(hint));
    }
    match ui.format() {
        // Where images lack their version, the error is the answer.
        Format::Json => given.iter().for_each(|given| ui.json(&answer(plan, Some((outcome, given))))),
        Format::Github => outputs(context, plan)?,
        Format::Text => plan.releases.iter().for_each(|release| ui.data(release.tag.as_str())),
    }
    for release in &plan.releases {
        let place = if outcome.pushed { "is out" } else { "is made here and not pushed" };
        ui.status(
            Text::new()
                .with(Role::Answer, release.tag.as_str())
                .plain(format!(" {place}, at {}", outcome.commit.short())),
        );
    }
    if let Some(push) = plan.push.as_ref().filter(|_| outcome.pushed) {
        ui.detail(format!("pushed to {}", push.remote.name));
    } else {
        ui.hint("rel cut pushes it, rel cut --abort takes it back");
    }
    Ok(())
}

fn outputs(context: &Context, plan: &Plan) -> Result<()> {
    let mut lines = vec![("release", "true".to_owned())];
    match plan.releases.as_slice() {
        [release] => {
            lines.push(("next", release.version.to_string()));
            lines.push(("tag", release.tag.to_string()));
            let previous = release.previous.as_ref().map(|(_, version)| version);
            lines.extend(stands_on(previous, &release.version));
        }
        several => {
            let one = |release: &Release| json!({ "package": release.package, "next": release.version, "tag": release.tag });
            lines.push(("packages", several.iter().map(one).collect::<Value>().to_string()));
        }
    }
    github::output(context, &lines)
}

/// What a release stands on, and how far it goes from there.
fn stands_on(previous: Option<&Version>, version: &Version) -> [(&'static str, String); 2] {
    let bump = previous.and_then(|previous| Bump::between(previous, version));
    let text = |value: Option<String>| value.unwrap_or_default();
    [("current", text(previous.map(Version::to_string))), ("bump", text(bump.map(|bump| bump.to_string())))]
}

/// The shape `rel.cut/1`; of several packages a list.
fn answer(plan: &Plan, outcome: Option<(&Outcome, &Given)>) -> Value {
    let one = |release: &Release| {
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
            "images": match outcome.and_then(|(_, given)| given.get(&release.package)) {
                Some(given) => json!(given),
                None => release.images.iter().map(planned_image).collect(),
            },
        })
    };
    listed(plan.releases.iter().map(one).collect())
}

/// An image that has not got its version yet.
fn planned_image(Versioned { image, tags }: &Versioned) -> Value {
    json!({ "name": image.name, "repository": image.repository, "digest": image.digest, "tags": tags })
}

fn listed(mut all: Vec<Value>) -> Value {
    match all.len() {
        1 => all.remove(0),
        _ => json!({ "schema": "rel.cut/1", "packages": all }),
    }
}

/// How a release stands that was made before this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is out.
    Already,
    /// It only had to be pushed.
    Out,
    /// It stays here.
    Kept,
}

/// An image as the tag of a release names it.
fn recorded_image(image: &Image) -> Value {
    json!({ "name": image.name, "repository": image.repository, "digest": image.digest })
}

/// A release that was made before this run.
pub(super) fn made(context: &Context, done: &[Made], state: State, given: &Given) -> Result<End> {
    let ui = context.ui();
    // A run that died behind its push left images without their version.
    let finished = given.values().flatten().any(|image| image.result == registry::RetagOutcome::Created);
    let one = |made: &Made| {
        json!({
            "schema": "rel.cut/1",
            "package": made.package,
            "version": made.version,
            "tag": made.tag,
            "commit": made.commit,
            "previous": made.previous,
            "pushed": state != State::Kept,
            "already": state != State::Out && !finished,
            "images": match given.get(&made.package) {
                Some(given) => json!(given),
                None => made.images.iter().map(recorded_image).collect(),
            },
        })
    };
    match ui.format() {
        Format::Json => ui.json(&listed(done.iter().map(one).collect())),
        Format::Github => {
            let mut lines = vec![("release", "true".to_owned())];
            if let [made] = done {
                lines.extend([("next", made.version.to_string()), ("tag", made.tag.to_string())]);
                lines.extend(stands_on(made.previous.as_ref(), &made.version));
            } else {
                let one =
                    |made: &Made| json!({ "package": made.package, "next": made.version, "tag": made.tag });
                lines.push(("packages", done.iter().map(one).collect::<Value>().to_string()));
            }
            github::output(context, &lines)?;
        }
        Format::Text => done.iter().for_each(|made| ui.data(made.tag.as_str())),
    }
    for made in done {
        let word = match state {
            State::Already => "is out already",
            State::Out => "is out",
            State::Kept => "is made already and not pushed",
        };
        ui.status(format!("{} {word}, at {}", made.tag, made.commit.short()));
    }
    Ok(End::Done)
}

/// Nothing to release.
pub(super) fn nothing(context: &Context, decisions: &[VersionDecision], require: bool) -> Result<End> {
    let ui = context.ui();
    let one = |decision: &VersionDecision| json!({ "schema": "rel.cut/1", "package": decision.package, "version": null, "reason": decision.reason, "pushed": false, "already": false, "images": [] });
    match ui.format() {
        Format::Json => ui.json(&listed(decisions.iter().map(one).collect())),
        Format::Github => github::output(context, &[("release", "false".to_owned())])?,
        Format::Text => {}
    }
    for decision in decisions {
        ui.status(format!("{}: nothing to release: {}", decision.package, decision.reason));
        if decisions.len() == 1 {
            explain::uncounted(ui, decision);
        }
    }
    Ok(if require { End::NothingToRelease } else { End::Done })
}
