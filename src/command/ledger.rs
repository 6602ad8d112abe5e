//! `rel ledger`: proves the record, shows it, and gives it away. Leans on `ledger`.

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
    /// Verify the whole ledger: linear history, unique events, states that match, signatures
    Verify,
    /// Show the newest events of all environments
    Log {
        /// How many events
        #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
        number: usize,
    },
    /// Print every event as a line of JSON, oldest first
    Export,
}

/// Does it.
pub fn ledger(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = Ledger::open(context)?;
    ledger.warn_if_stale()?;
    match arguments.verb {
        Verb::Verify => verify(context, &ledger),
        Verb::Log { number } => log(context, &ledger, number),
        Verb::Export => export(context, &ledger),
    }
}

fn verify(context: &Context, ledger: &Ledger<'_>) -> Result<End> {
    let proof = ledger.verify()?;
    let ui = context.ui();
    let faults: Vec<Value> = proof
        .faults
        .iter()
        .map(|fault| json!({ "event": fault.event, "commit": fault.commit, "what": fault.what }))
        .collect();
    if ui.format() == Format::Json {
        ui.json(&json!({
            "schema": "rel.ledger.verify/1",
            "ok": faults.is_empty(),
            "events": proof.events,
            "tip": proof.tip,
            "unknown": proof.unknown,
            "faults": faults,
        }));
    }
    if proof.unknown > 0 {
        ui.warning(format!(
            "{} events are of kinds that this rel does not know; what they did is not proven",
            proof.unknown
        ));
    }
    if proof.faults.is_empty() {
        let signed = if ledger.config().ledger.allowed_signers.is_some() { ", all signed" } else { "" };
        let tip = proof.tip.map_or_else(String::new, |tip| format!(", tip {}", tip.short()));
        ui.status(format!(
            "{} events, one chain, every state is what its events make of it{signed}{tip}",
            proof.events
        ));
        return Ok(End::Done);
    }
    ui.explain(Text::new().with(Role::Bad, "error: ").plain(format!(
        "the ledger has {} faults in {} events",
        proof.faults.len(),
        proof.events
    )));
    for fault in &proof.faults {
        let id = fault.event.as_ref().map_or_else(String::new, |id| format!(" ({id})"));
        ui.explain(format!("  {}{id}: {}", fault.commit.short(), fault.what));
    }
    ui.hint(format!("git -C {} show COMMIT shows what it holds", ledger.folder().display()));
    Ok(End::Failed(Kind::Conflict))
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
        ui.status("nothing was ever recorded");
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
    ledger.for_each_event(&mut |event| ui.json(&event))?;
    Ok(End::Done)
}
