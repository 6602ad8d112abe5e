//! An event that was recorded, would be recorded, or is not needed: as text and as `rel.event/1`.

use crate::ledger::{subject, summary};
use crate::model::{Event, EventPayload};
use crate::ui::{Format, Ui};
use serde_json::json;

/// Shows an event that was recorded.
pub(in crate::command) fn show(ui: &Ui, event: &Event) {
    ui.status(format!("recorded: {}", subject(event)));
    if ui.format() == Format::Json {
        let release = event.release.as_ref();
        ui.json(&json!({
            "schema": "rel.event/1",
            "kind": event.kind,
            "package": event.package,
            "environment": event.environment,
            "version": release.and_then(|release| release.version.as_ref()),
            "commit": release.map(|release| release.pin.commit),
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

/// Shows why nothing is recorded.
pub(in crate::command) fn show_already(ui: &Ui, why: &str) {
    ui.status(why);
    if ui.format() == Format::Json {
        ui.json(&json!({ "schema": "rel.event/1", "recorded": false, "already": true, "why": why }));
    }
}

/// Shows the events that would be recorded.
pub(in crate::command) fn show_planned(ui: &Ui, payloads: &[EventPayload]) {
    let lines: Vec<String> = payloads.iter().map(summary).collect();
    match ui.format() {
        Format::Text | Format::Github => {
            lines.iter().for_each(|line| ui.data(format!("would record: {line}")));
        }
        Format::Json => ui.json(&json!({
            "schema": "rel.event/1",
            "dry_run": true,
            "would": lines,
            "recorded": false,
            "already": false,
        })),
    }
}
