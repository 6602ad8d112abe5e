//! `rel history`: the operations or events of one environment.

use super::End;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::model::{Event, Release, State, Timestamp};
use crate::resolve::{self, Request};
use crate::ui::{Format, Role, Table, Text};
use clap::Args;
use serde_json::{Value, json};
use std::num::NonZeroUsize;

/// Show what happened to an environment, newest first
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// How many events to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = NonZeroUsize::MIN.saturating_add(19))]
    number: NonZeroUsize,
    /// Show the start and the end of every operation, as two events
    #[arg(long)]
    all: bool,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
}

/// Runs `rel history`.
pub fn show(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = Ledger::open(context)?;
    ledger.warn_if_stale()?;
    let environment =
        Request::new("history", &arguments.environment, arguments.package.as_deref()).environment(&ledger)?;
    let package = resolve::package(&ledger, arguments.package.as_deref())?.name;
    let number = arguments.number.get();
    let events = if arguments.all {
        ledger.history(&package, environment, number)?
    } else {
        ledger.operations(&package, environment, number)?
    };
    let (ui, now) = (context.ui(), context.now()?);
    let is_pending =
        |event: &Event| ledger.snapshot().pending_events().iter().any(|pending| pending.id == event.id);
    if ui.format() == Format::Json {
        let list: Vec<Value> = events.iter().map(|event| as_json(event, now, !is_pending(event))).collect();
        ui.json(
            &json!({ "schema": "rel.history/1", "package": package, "environment": environment, "events": list }),
        );
        return Ok(End::Done);
    }
    if events.is_empty() {
        ui.status(format!("{package} has no events in {environment} yet"));
    }
    let several = resolve::packages(&ledger, None)?.len() > 1;
    let mut table = Table::new(0);
    for event in &events {
        table.row(vec![
            Text::new().with(Role::Faint, event.at.age(now)),
            Text::new().plain(event.kind.word()),
            Text::new().with(Role::Name, releases(event)),
            state_text(event, now),
            event.actor.label().into(),
            remarks(event, several, !is_pending(event)).into(),
        ]);
    }
    table.lines(ui.width().min(80)).into_iter().for_each(|line| ui.data(line));
    Ok(End::Done)
}

/// Returns `v1.3.0 → v1.2.2`.
fn releases(event: &Event) -> String {
    let label = |release: &Option<Release>| release.as_ref().map(Release::label);
    match (label(&event.from), label(&event.release)) {
        (Some(from), Some(to)) if from != to => format!("{from} → {to}"),
        (_, Some(to)) => to,
        (Some(from), None) => from,
        (None, None) => String::new(),
    }
}

/// Returns the state to show: an operation that timed out is unknown.
fn shown_state(event: &Event, now: Timestamp) -> Option<State> {
    let over = event.deadline.is_some_and(|deadline| deadline < now);
    match &event.state {
        Some(State::Deploying) if over => Some(State::Unknown),
        other => other.clone(),
    }
}

fn state_text(event: &Event, now: Timestamp) -> Text {
    let Some(state) = shown_state(event, now) else { return Text::new() };
    let role = match state {
        State::Healthy => Role::Good,
        State::Recorded => Role::Plain,
        State::Deploying => Role::Warning,
        _ => Role::Bad,
    };
    Text::new().with(role, state.word())
}

fn remarks(event: &Event, several: bool, recorded: bool) -> String {
    let mut remarks: Vec<String> = Vec::new();
    if !recorded {
        remarks.push("UNRECORDED".to_owned());
    }
    match &event.environment {
        None => remarks.push("[everything]".to_owned()),
        Some(_) if several && event.package.is_none() => remarks.push("[all packages]".to_owned()),
        Some(_) => {}
    }
    remarks.extend(event.reason.clone());
    remarks.extend(event.until.map(|until| format!("until {until}")));
    if event.late {
        remarks.push("[recorded late]".to_owned());
    }
    if event.automatic {
        remarks.push("[automatic]".to_owned());
    }
    remarks.extend(event.overrides.iter().map(|rule| format!("[override: {rule}]")));
    remarks.extend(event.unchecked.iter().map(|what| format!("[unchecked: {what}]")));
    remarks.join(" ")
}

/// Returns one element of `rel.history/1`.
fn as_json(event: &Event, now: Timestamp, recorded: bool) -> Value {
    let (release, from) = (event.release.as_ref(), event.from.as_ref());
    json!({
        "id": event.id,
        "sequence": event.sequence,
        "kind": event.kind,
        "state": shown_state(event, now),
        "package": event.package,
        "environment": event.environment,
        "version": release.and_then(|release| release.version.as_ref()),
        "tag": release.and_then(|release| release.tag.as_ref()),
        "commit": release.map(|release| release.pin.commit),
        "from_version": from.and_then(|from| from.version.as_ref()),
        "from_commit": from.map(|from| from.pin.commit),
        "at": event.at,
        "began": event.began,
        "deadline": event.deadline,
        "until": event.until,
        "by": event.actor.id,
        "person": event.actor.person,
        "run": event.actor.run,
        "host": event.host,
        "reason": event.reason,
        "operation": event.operation,
        "images": release.map_or_else(|| json!([]), |release| json!(release.pin.images)),
        "overrides": event.overrides,
        "unchecked": event.unchecked,
        "targets": event.targets,
        "late": event.late,
        "recorded": recorded,
        "recorded_at": event.synced.as_ref().map_or(event.at, |synced| synced.at),
    })
}
