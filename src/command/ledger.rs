//! `rel ledger`: verifies, shows and exports the events of all environments.

use super::End;
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::ledger::{Ledger, subject};
use crate::ui::{Format, Role, Table, Text};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Verify, show or export the ledger: the record of what happened to every environment
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Verify the whole ledger: linear history, unique events, states that match the events, signatures
    Verify,
    /// Show the newest events of all environments
    Log {
        /// How many events to show
        #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
        number: usize,
    },
    /// Print every event as a line of JSON, oldest first
    Export,
}

/// Runs `rel ledger verify`, `log` or `export`.
pub fn ledger(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = match arguments.verb {
        // A ledger that every other command refuses can still be verified.
        Verb::Verify => Ledger::open_to_verify(context)?,
        Verb::Log { .. } | Verb::Export => Ledger::open(context)?,
    };
    ledger.warn_if_stale()?;
    match arguments.verb {
        Verb::Verify => verify(context, &ledger),
        Verb::Log { number } => log(context, &ledger, number),
        Verb::Export => export(context, &ledger),
    }
}

/// How many problems are shown in text.
const MAX_FAULTS: usize = 100;

fn verify(context: &Context, ledger: &Ledger<'_>) -> Result<End> {
    let verification = ledger.verify()?;
    let ui = context.ui();
    let faults: Vec<Value> = verification
        .faults
        .iter()
        .map(|fault| json!({ "event": fault.event, "commit": fault.commit, "what": fault.what }))
        .collect();
    if ui.format() == Format::Json {
        ui.json(&json!({
            "schema": "rel.ledger.verify/1",
            "ok": faults.is_empty(),
            "events": verification.events,
            "tip": verification.tip,
            "unknown": verification.unknown,
            "faults": faults,
        }));
    }
    if verification.unknown > 0 {
        ui.warning(format!(
            "{} of a kind or format that this version of rel does not know",
            events(verification.unknown)
        ));
    }
    if verification.faults.is_empty() {
        let signed = if ledger.config().ledger.allowed_signers.is_some() { ", all signed" } else { "" };
        let tip = verification.tip.map_or_else(String::new, |tip| format!(", tip {}", tip.short()));
        let count = events(verification.events);
        ui.status(format!("{count} verified: linear history, states match{signed}{tip}"));
        return Ok(End::Done);
    }
    let count = verification.faults.len();
    let faults = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
    let message = format!("the ledger has {faults} in {}", events(verification.events));
    ui.explain(Text::new().with(Role::Bad, "error: ").plain(message));
    for fault in verification.faults.iter().take(MAX_FAULTS) {
        let id = fault.event.as_ref().map_or_else(String::new, |id| format!(" ({id})"));
        ui.explain(format!("  {}{id}: {}", fault.commit.short(), fault.what));
    }
    if count > MAX_FAULTS {
        ui.explain(format!(
            "  … and {} more; `rel ledger verify --format json` lists all",
            count - MAX_FAULTS
        ));
    }
    ui.hint(format!("git -C {} show COMMIT   # what a commit changed", ledger.folder().display()));
    Ok(End::Failed(Kind::Conflict))
}

fn events(count: usize) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

fn log(context: &Context, ledger: &Ledger<'_>, number: usize) -> Result<End> {
    let (ui, now) = (context.ui(), context.now()?);
    let events = ledger.newest_events(number)?;
    if ui.format() == Format::Json {
        let list: Vec<Value> =
            events.iter().map(|(commit, event)| json!({ "commit": commit, "event": event })).collect();
        ui.json(&json!({ "schema": "rel.ledger.log/1", "events": list }));
        return Ok(End::Done);
    }
    if events.is_empty() {
        ui.status("the ledger has no events");
    }
    let mut table = Table::new(0);
    for (commit, event) in &events {
        table.row(vec![
            Text::new().with(Role::Name, commit.short()),
            Text::new().with(Role::Faint, event.at.age(now)),
            subject(event).into(),
        ]);
    }
    table.lines(ui.width().min(80)).into_iter().for_each(|line| ui.data(line));
    Ok(End::Done)
}

fn export(context: &Context, ledger: &Ledger<'_>) -> Result<End> {
    let ui = context.ui();
    ledger.for_each_event(&mut |event| ui.event(&event))?;
    Ok(End::Done)
}
