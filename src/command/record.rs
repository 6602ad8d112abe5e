//! What the verbs that record one event share: the environment that is named exactly, the append, and how its end is told.
//! Leans on `ledger`.

use super::End;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Appended, Decision, Ledger, Snapshot, subject, summary};
use crate::model::{Event, EventPayload};
use crate::ui::Format;
use clap::Args;
use serde_json::json;

/// What every such verb understands.
#[derive(Debug, Args)]
pub(in crate::command) struct Common {
    /// Says why, for those who read it later.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::command) reason: Option<String>,
    /// Shows what would be recorded.
    #[arg(long)]
    pub(in crate::command) dry_run: bool,
}

/// Records what `decide` wants, and tells how that ended.
pub(in crate::command) fn record(
    context: &Context,
    ledger: &mut Ledger<'_>,
    common: &Common,
    decide: &dyn Fn(&Snapshot) -> Result<Decision>,
) -> Result<End> {
    let ui = context.ui();
    let mut decide = |snapshot: &Snapshot| match decide(snapshot)? {
        Decision::Record(drafts) => {
            let with = |draft: EventPayload| EventPayload { reason: common.reason.clone(), ..draft };
            Ok(Decision::Record(drafts.into_iter().map(with).collect()))
        }
        already @ Decision::Already(_) => Ok(already),
    };
    if common.dry_run {
        ledger.warn_if_stale()?;
        match decide(ledger.snapshot())? {
            Decision::Already(why) => already(context, &why),
            Decision::Record(drafts) => {
                let lines: Vec<String> = drafts.iter().map(summary).collect();
                match ui.format() {
                    Format::Text | Format::Github => {
                        lines.iter().for_each(|line| ui.data(format!("would record: {line}")));
                    }
                    Format::Json => ui.json(&json!({ "schema": "rel.event/1", "dry_run": true, "would": lines, "recorded": false, "already": false })),
                }
            }
        }
        return Ok(End::Done);
    }
    match ledger.append(&mut decide)? {
        Appended::Already(why) => already(context, &why),
        Appended::Recorded(events) => events.iter().for_each(|event| recorded(context, event)),
    }
    Ok(End::Done)
}

fn already(context: &Context, why: &str) {
    context.ui().status(why);
    if context.ui().format() == Format::Json {
        context
            .ui()
            .json(&json!({ "schema": "rel.event/1", "recorded": false, "already": true, "why": why }));
    }
}

fn recorded(context: &Context, event: &Event) {
    let ui = context.ui();
    ui.status(format!("recorded: {}", subject(event)));
    if ui.format() == Format::Json {
        ui.json(&json!({
            "schema": "rel.event/1",
            "kind": event.kind,
            "package": event.package,
            "environment": event.environment,
            "version": event.release.as_ref().and_then(|release| release.version.as_ref()),
            "commit": event.release.as_ref().map(|release| release.pin.commit),
            "until": event.until,
            "reason": event.reason,
            "by": event.actor.id,
            "at": event.at,
            "sequence": event.sequence,
            "event": event.id,
            "recorded": true,
            "already": false,
        }));
    }
}

/// `held by Ada since 2026-11-20T12:00:00Z (INC-412)`.
pub(in crate::command) fn held(
    word: &str,
    by: &str,
    since: &impl std::fmt::Display,
    reason: Option<&str>,
) -> String {
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("{word} by {by} since {since}{reason}")
}
