//! The plan of an operation as a table.

use crate::model::{EnvironmentState, Release};
use crate::rollout::deployment_context::DeploymentContext;
use crate::rollout::plan::DeploymentPlan;
use crate::ui::{Role, Table, Text};

/// How many of the removed commits are listed.
const MAX_COMMITS: usize = 10;
/// The width of the table in columns, however wide the terminal is: the plan is read in CI logs too.
const MAX_WIDTH: usize = 80;
/// The width of the second column, beside the longest name.
const CELL_WIDTH: usize = 68;

/// Shows what will be done.
pub(in crate::rollout) fn show_plan(deployment: &DeploymentContext<'_>, plan: &DeploymentPlan) {
    let ui = deployment.context.ui();
    let title = Text::new()
        .with(Role::Heading, plan.kind.to_string())
        .plain(" ")
        .with(Role::Name, &deployment.environment)
        .plain(format!(" ({})", deployment.package));
    ui.status(title);
    let mut table = Table::new(2);
    let state = plan.state_before.as_ref();
    if let Some(from) = &plan.from {
        table.row(vec!["from".into(), release_text(deployment, state, from)]);
    }
    table.row(vec!["to".into(), release_text(deployment, state, &plan.release)]);
    table.row(vec!["source".into(), plan.pin_source.to_string().into()]);
    add_digests(plan, &mut table);
    add_removed_commits(plan, &mut table);
    for stage in &plan.stages {
        for command in &stage.commands {
            let name = Text::new().with(Role::Faint, &stage.name);
            table.row(vec!["run".into(), name.plain(format!(": {}", command_text(command)))]);
        }
    }
    for (name, text) in consequences(deployment, plan) {
        table.row(vec![name.into(), text.into()]);
    }
    for line in table.lines(ui.width().min(MAX_WIDTH)) {
        ui.status(line);
    }
    for unchecked in &plan.unchecked {
        ui.warning(format!("not checked: {unchecked}"));
    }
}

/// Returns a release with when and by whom it was deployed.
fn release_text(
    deployment: &DeploymentContext<'_>,
    state: Option<&EnvironmentState>,
    release: &Release,
) -> Text {
    let text = Text::new().with(Role::Answer, release.label());
    let same_build = |other: &Release| deployment.same_result(&other.pin, &release.pin);
    let Some(state) = state else { return text };
    if let Some(lock) = state.lock.as_ref().filter(|lock| lock.release.as_ref().is_some_and(same_build)) {
        let started = lock.since.age(deployment.now);
        return text.plain(format!("  being deployed by {}, started {started}", lock.actor.label()));
    }
    if let Some(running) = state.running.as_ref().filter(|running| same_build(&running.release)) {
        let deployed = running.since.age(deployment.now);
        return text.plain(format!("  {}, deployed {deployed} by {}", running.state, running.by.label()));
    }
    match state.healthy.iter().find(|healthy| same_build(&healthy.release)) {
        Some(recorded) if !recorded.is_proven() => {
            text.plain(format!("  recorded here by {}, never verified by rel", recorded.by.label()))
        }
        Some(healthy) => {
            let last = healthy.intervals.last();
            let deployed = last.map(|last| last.since.age(deployment.now)).unwrap_or_default();
            text.plain(format!("  was healthy here, deployed {deployed} by {}", healthy.by.label()))
        }
        None => text.plain("  was never healthy here"),
    }
}

fn add_digests(plan: &DeploymentPlan, table: &mut Table) {
    for image in &plan.release.pin.images {
        let mut images_before = plan.from.iter().flat_map(|from| &from.pin.images);
        let before = images_before.find(|other| other.name == image.name);
        let before = before.map(|before| format!("{} → ", before.digest.short())).unwrap_or_default();
        let text =
            Text::new().plain(format!("{} {before}", image.name)).with(Role::Name, image.digest.short());
        table.row(vec!["digest".into(), text]);
    }
}

fn add_removed_commits(plan: &DeploymentPlan, table: &mut Table) {
    let Some(removed) = &plan.removed else { return };
    let count = match removed.commits.len() {
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    };
    table.row(vec!["removes".into(), count.into()]);
    for commit in removed.commits.iter().take(MAX_COMMITS) {
        let line = Text::new().with(Role::Name, commit.id.short()).plain(format!(" {}", commit.subject));
        table.row(vec!["".into(), line]);
    }
    if removed.commits.len() > MAX_COMMITS {
        let more = format!("… and {} more", removed.commits.len() - MAX_COMMITS);
        table.row(vec!["".into(), Text::new().with(Role::Faint, more)]);
    }
    for change in &removed.irreversible {
        let text = format!(
            "irreversible change: {} ({}), in {}",
            change.reason,
            change.commit.short(),
            change.release
        );
        table.row(vec!["".into(), Text::new().with(Role::Warning, text)]);
    }
}

/// Returns what the operation does besides deploying, and the command that undoes each.
fn consequences(deployment: &DeploymentContext<'_>, plan: &DeploymentPlan) -> Vec<(&'static str, String)> {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    let mut rows = Vec::new();
    if plan.hold {
        let command = format!("rel unhold {environment} --reason \"…\"{flag}");
        add_lasting(&mut rows, "then", format!("{environment} accepts no deploys until"), command);
    }
    if let Some(from) = plan.from.as_ref().filter(|_| plan.bad) {
        let label = from.label();
        let command = format!("rel good {label} --reason \"…\"{flag}");
        add_lasting(&mut rows, "", format!("{label} is bad everywhere until"), command);
    }
    rows.extend(plan.notes.iter().map(|note| ("note", note.clone())));
    rows.extend(plan.overrides.iter().map(|overridden| ("override", overridden.to_string())));
    let identity_matters = deployment.rules.approvals > 0 || plan.hold || !plan.overrides.is_empty();
    if deployment.unverified_identity && identity_matters {
        let actor = &deployment.authority.actor.id;
        rows.push(("note", format!("{actor} is not verified: the ledger requires no signatures")));
    }
    rows
}

/// Adds a row for something that lasts until a command is run. A command that does not fit beside the text gets a row to
/// itself, so that it is not wrapped.
fn add_lasting(rows: &mut Vec<(&'static str, String)>, name: &'static str, text: String, command: String) {
    let line = format!("{text}: {command}");
    if line.chars().count() <= CELL_WIDTH {
        rows.push((name, line));
    } else {
        rows.push((name, format!("{text}:")));
        rows.push(("", command));
    }
}

/// Returns a command on one line, its digests shortened.
fn command_text(command: &[String]) -> String {
    let shorten = |word: &String| match word.split_once("@sha256:") {
        Some((name, digits)) if digits.len() > 12 => {
            format!("{name}@sha256:{}…", digits.get(..12).unwrap_or(digits))
        }
        _ => word.clone(),
    };
    command.iter().map(shorten).collect::<Vec<_>>().join(" ")
}
