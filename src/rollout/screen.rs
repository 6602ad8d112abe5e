//! What a person reads before, while and after: the plan, what is not recorded, the end. Leans on `ui`.

use super::act::Done;
use super::place::DeploymentContext;
use super::plan::Plan;
use crate::error::{Error, Result};
use crate::model::{EnvironmentState, EventKind, Release, State};
use crate::ui::{Format, Role, Table, Text, Ui};
use serde_json::{Value, json};

/// So many commits are listed.
const COMMITS: usize = 10;
/// No line of a plan is wider, however wide the screen is: it is read in the logs of CI too.
const WIDTH: usize = 80;
/// What is left of that beside the names of the rows.
const CELL: usize = 69;

/// Shows what will happen.
pub fn show(place: &DeploymentContext<'_>, plan: &Plan) {
    let ui = place.context.ui();
    let what = Text::new()
        .with(Role::Heading, plan.kind.to_string())
        .plain(" ")
        .with(Role::Name, &place.environment)
        .plain(format!(" ({})", place.package));
    ui.status(what);
    let mut table = Table::new(2);
    if let Some(from) = &plan.from {
        table.row(vec!["from".into(), release(place, plan.seen.as_ref(), from)]);
    }
    table.row(vec!["to".into(), release(place, plan.seen.as_ref(), &plan.release)]);
    table.row(vec!["known".into(), format!("from {}", plan.source).into()]);
    for image in &plan.release.pin.images {
        let before =
            plan.from.iter().flat_map(|from| &from.pin.images).find(|other| other.name == image.name);
        let before = before.map(|before| format!("{} → ", before.digest.short())).unwrap_or_default();
        let digests =
            Text::new().plain(format!("{} {before}", image.name)).with(Role::Name, image.digest.short());
        table.row(vec!["digest".into(), digests]);
    }
    commits(plan, &mut table);
    for stage in &plan.stages {
        for words in &stage.commands {
            let name = Text::new().with(Role::Faint, &stage.name);
            table.row(vec!["run".into(), name.plain(format!(": {}", shortened(words)))]);
        }
    }
    for (name, text) in consequences(place, plan) {
        table.row(vec![name.into(), text.into()]);
    }
    for line in table.lines(ui.width().min(WIDTH)) {
        ui.status(line);
    }
    for what in &plan.unchecked {
        ui.warning(format!("not checked: {what}"));
    }
}

/// A release with its age and who brought it.
fn release(place: &DeploymentContext<'_>, state: Option<&EnvironmentState>, release: &Release) -> Text {
    let text = Text::new().with(Role::Answer, release.label());
    let same = |other: &Release| other.pin.same_artifacts(&release.pin);
    let Some(state) = state else { return text };
    if let Some(lock) = state.lock.as_ref().filter(|lock| lock.release.as_ref().is_some_and(same)) {
        let since = lock.since.age(place.now);
        return text.plain(format!("  being deployed by {} since {since}", lock.actor.label()));
    }
    if let Some(running) = state.running.as_ref().filter(|running| same(&running.release)) {
        let since = running.since.age(place.now);
        return text.plain(format!("  {}, {since}, by {}", running.state, running.by.label()));
    }
    match state.healthy.iter().find(|healthy| same(&healthy.release)) {
        Some(healthy) => {
            let last = healthy.intervals.last();
            let since = last.map(|last| last.since.age(place.now)).unwrap_or_default();
            text.plain(format!("  was healthy here, brought {since} by {}", healthy.by.label()))
        }
        None => text.plain("  never ran here"),
    }
}

fn commits(plan: &Plan, table: &mut Table) {
    let Some(way) = &plan.way else { return };
    let leaving = match way.commits.len() {
        1 => "1 commit goes away".to_owned(),
        many => format!("{many} commits go away"),
    };
    table.row(vec!["leaving".into(), leaving.into()]);
    for commit in way.commits.iter().take(COMMITS) {
        let line = Text::new().with(Role::Name, commit.id.short()).plain(format!(" {}", commit.subject));
        table.row(vec!["".into(), line]);
    }
    if way.commits.len() > COMMITS {
        let more = format!("… and {} more", way.commits.len() - COMMITS);
        table.row(vec!["".into(), Text::new().with(Role::Faint, more)]);
    }
    for door in &way.doors {
        let text =
            format!("one-way door crossed: {} ({}), of {}", door.why, door.commit.short(), door.release);
        table.row(vec!["".into(), Text::new().with(Role::Warning, text)]);
    }
}

/// What it does beside deploying, and how that is taken back.
fn consequences(place: &DeploymentContext<'_>, plan: &Plan) -> Vec<(&'static str, String)> {
    let (environment, flag) = (&place.environment, &place.flag);
    let mut lines = Vec::new();
    if plan.hold {
        let command = format!("rel unhold {environment} --reason \"…\"{flag}");
        undone(&mut lines, "then", format!("{environment} takes no deploy until"), command);
    }
    if let Some(from) = plan.from.as_ref().filter(|_| plan.bad) {
        let label = from.label();
        let command = format!("rel good {label} --reason \"…\"{flag}");
        undone(&mut lines, "", format!("{label} is bad everywhere until"), command);
    }
    lines.extend(plan.notes.iter().map(|note| ("note", note.clone())));
    lines.extend(plan.overrides.iter().map(|line| ("passed", line.clone())));
    if place.claimed && (place.rules.approvals > 0 || plan.hold || !plan.overrides.is_empty()) {
        lines.push(("note", format!("{} is claimed, not proven: there are no signatures", place.actor.id)));
    }
    lines
}

/// What lasts until a command is typed; the command is never broken in two where it can stand on a line of its own.
fn undone(lines: &mut Vec<(&'static str, String)>, name: &'static str, what: String, command: String) {
    let whole = format!("{what}: {command}");
    if whole.chars().count() <= CELL {
        lines.push((name, whole));
    } else {
        lines.push((name, format!("{what}:")));
        lines.push(("", command));
    }
}

/// A command on one line, digests shortened to what tells them apart.
fn shortened(words: &[String]) -> String {
    let short = |word: &String| match word.split_once("@sha256:") {
        Some((name, digits)) if digits.len() > 12 => {
            format!("{name}@sha256:{}…", digits.get(..12).unwrap_or(digits))
        }
        _ => word.clone(),
    };
    words.iter().map(short).collect::<Vec<_>>().join(" ")
}

/// Asks once. Where the environment is protected a person types the version; `--yes` is for machines. Whoever ends a hold
/// at a terminal is asked, too.
pub fn confirm(place: &DeploymentContext<'_>, plan: &Plan, yes: bool) -> Result<()> {
    let ui = place.context.ui();
    let asks =
        plan.kind == EventKind::Rollback || place.rules.protected || (plan.ends_hold && ui.is_interactive());
    if yes || !asks {
        return Ok(());
    }
    let question = match plan.kind {
        EventKind::Rollback => format!("Roll {} back to {}?", place.environment, plan.release.label()),
        _ if plan.ends_hold => {
            format!("Bring {} to {}, and end the hold?", plan.release.label(), place.environment)
        }
        _ => format!("Bring {} to {}?", plan.release.label(), place.environment),
    };
    if place.rules.protected {
        let label = plan.release.label();
        let typed = ui.input(&format!("{question} Type {label} to confirm"), None, &|_| None)?;
        let bare = plan.release.version.as_ref().map(ToString::to_string);
        if typed.trim() == label || Some(typed.trim()) == bare.as_deref() {
            return Ok(());
        }
        return Err(Error::refused(format!("not confirmed: that is not {label}")).hint("nothing was changed"));
    }
    if ui.confirm(&question)? {
        return Ok(());
    }
    Err(Error::refused("not confirmed").hint("nothing was changed"))
}

/// Says loudly that events are only here.
pub(super) fn unrecorded(ui: &Ui, why: &Error) {
    ui.explain(Text::new().with(Role::Bad, "UNRECORDED").plain(format!(": {}", why.message)));
}

/// How the events that are only here get to the others.
fn to_send(ui: &Ui, lines: &[String]) {
    if !lines.is_empty() {
        ui.explain("  rel sync sends it from here; on any machine:");
        ui.explain(format!("  rel sync - <<'END'\n{}\nEND", lines.join("\n")));
    }
}

/// Says that a failed deploy is taken back.
pub(super) fn returning(place: &DeploymentContext<'_>, plan: &Plan) {
    let text = format!(
        "{} failed; {} returns to ",
        plan.from.as_ref().map(Release::label).unwrap_or_default(),
        place.environment
    );
    place.context.ui().status(Text::new().with(Role::Warning, text).with(Role::Answer, plan.release.label()));
}

/// Says how it ended; an error where it did not end well.
pub fn tell(place: &DeploymentContext<'_>, plan: &Plan, done: Done) -> Result<()> {
    let ui = place.context.ui();
    to_send(ui, &done.waiting);
    if let Some(fault) = done.fault {
        return Err(advised(place, plan, &done.state, done.returned.as_ref(), fault));
    }
    match &done.already {
        Some(why) => ui.status(why.as_str()),
        None => ui.status(
            Text::new()
                .plain(format!("{} runs ", place.environment))
                .with(Role::Answer, plan.release.label())
                .plain(": ")
                .with(Role::Good, done.state.to_string()),
        ),
    }
    if ui.format() == Format::Json {
        let mut value = json(place, plan, &done.state);
        value["event"] = done.event.as_ref().map_or(Value::Null, |event| json!(event));
        value["recorded"] = json!(done.recorded && done.already.is_none());
        value["already"] = json!(done.already.is_some());
        ui.json(&value);
    }
    if !done.recorded && plan.kind != EventKind::Rollback {
        return Err(Error::unreachable("it was deployed, and that is not recorded").hint("rel sync"));
    }
    Ok(())
}

/// The shape `rel.deploy/1`.
pub fn json(place: &DeploymentContext<'_>, plan: &Plan, state: &State) -> Value {
    json!({
        "schema": "rel.deploy/1",
        "kind": plan.kind,
        "package": place.package,
        "environment": place.environment,
        "version": plan.release.version,
        "tag": plan.release.tag,
        "commit": plan.release.pin.commit,
        "images": plan.release.pin.images,
        "from_version": plan.from.as_ref().and_then(|from| from.version.as_ref()),
        "state": state,
        "event": null,
        "recorded": false,
        "already": false,
        "overrides": plan.overrides,
        "unchecked": plan.unchecked,
    })
}

/// What to do about an end that is not good.
fn advised(
    place: &DeploymentContext<'_>,
    plan: &Plan,
    state: &State,
    returned: Option<&State>,
    fault: Error,
) -> Error {
    let (environment, flag) = (&place.environment, &place.flag);
    let deploy = format!("rel deploy {environment} {}", plan.release.label());
    let back = format!("rel rollback {environment}{flag}   # to what ran before");
    match state {
        State::Superseded => fault.hint(format!("rel status {environment}{flag}   # what runs there now")),
        _ if plan.kind == EventKind::Rollback => fault
            .hint(format!("rel rollback {environment} {}{flag}   # again", plan.release.label()))
            .hint("a release further back is named the same way"),
        _ => match returned {
            None => fault.hint(format!("{deploy}{flag}")).hint(back),
            // What runs is good again: there is nothing to go back from.
            Some(returned) if returned.is_usable() => {
                fault.hint(format!("{deploy} --retry{flag}   # tries again"))
            }
            Some(_) => fault.hint(back).hint(format!("{deploy} --retry{flag}   # tries again")),
        },
    }
}

/// `--dry-run`: the plan, and nothing is done.
pub fn planned(place: &DeploymentContext<'_>, plan: &Plan) {
    let ui = place.context.ui();
    if ui.format() == Format::Json {
        let mut value = json(place, plan, &State::Deploying);
        value["state"] = Value::Null;
        value["dry_run"] = json!(true);
        let stage = |stage: &crate::deploy::Stage| json!({ "name": stage.name, "wait": stage.wait.as_secs(), "commands": stage.commands });
        value["stages"] = plan.stages.iter().map(stage).collect();
        value["hold"] = json!(plan.hold);
        value["bad"] = json!(plan.bad);
        ui.json(&value);
    }
    ui.status("nothing was done (--dry-run)");
}
