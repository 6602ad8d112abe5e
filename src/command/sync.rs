//! `rel sync`: sends the events that could not be recorded while the remote was unreachable.

use super::End;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Ledger, SyncOutcome, subject};
use crate::ui::Format;
use clap::Args;
use serde_json::{Value, json};

/// Send the events that were kept here while the ledger could not be reached
#[derive(Debug, Args)]
pub struct Arguments {
    /// Read from stdin the events that a deploy or rollback printed on another machine
    #[arg(value_name = "-", value_parser = ["-"])]
    from: Option<String>,
    /// Show what would be sent without sending it
    #[arg(long)]
    dry_run: bool,
}

/// Runs `rel sync`.
pub fn sync(context: &Context, arguments: &Arguments) -> Result<End> {
    let lines = if arguments.from.is_some() { context.standard_input()? } else { String::new() };
    let mut ledger = Ledger::open(context)?;
    let ui = context.ui();
    if arguments.dry_run {
        let pending = ledger.plan_sync(&lines)?;
        if pending.is_empty() {
            ui.status("no events are pending");
        }
        pending.iter().for_each(|event| ui.status(format!("would send: {} ({})", subject(event), event.at)));
        if ui.format() == Format::Json {
            let list: Vec<Value> =
                pending.iter().map(|event| json!({ "event": event.id, "recorded": false })).collect();
            ui.json(&json!({ "schema": "rel.sync/1", "dry_run": true, "events": list }));
        }
        return Ok(End::Done);
    }
    let outcomes = ledger.sync(&lines)?;
    if outcomes.is_empty() {
        ui.status("no events are pending");
    }
    for outcome in &outcomes {
        ui.status(outcome.summary());
    }
    outcomes.iter().filter_map(SyncOutcome::warning).for_each(|warning| ui.warning(warning));
    if ui.format() == Format::Json {
        let list: Vec<Value> = outcomes
            .iter()
            .map(|outcome| match outcome {
                SyncOutcome::Recorded { event, lost_to } => {
                    json!({ "event": event.id, "recorded": true, "already": false, "late": event.late, "decides": lost_to.is_none() })
                }
                SyncOutcome::Already(event) => {
                    json!({ "event": event.id, "recorded": true, "already": true, "late": false, "decides": null })
                }
            })
            .collect();
        ui.json(&json!({ "schema": "rel.sync/1", "events": list }));
    }
    Ok(End::Done)
}
