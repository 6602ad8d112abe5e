//! The commit message of an event, readable with `git log` alone.

use crate::model::{Event, EventKind, EventPayload};
use std::fmt::Write as _;

/// Returns the subject line: `deploy shop v1.4.0 → prod: healthy, by release-bot (INC-412)`.
pub fn subject(event: &Event) -> String {
    let mut line = summary(&event.what);
    // Writing into a string cannot fail.
    let _ = write!(line, ", by {}", event.actor.label());
    if let Some(reason) = &event.reason {
        let _ = write!(line, " ({reason})");
    }
    if event.late {
        line.push_str(" [late]");
    }
    line
}

/// Returns the subject line without actor and reason: `deploy shop v1.4.0 → prod: healthy`.
pub fn summary(event: &EventPayload) -> String {
    let release = event.release.as_ref().map(|release| release.label());
    let environment = event.environment.as_deref();
    let mut line = event.kind.to_string();
    for word in [event.package.as_deref(), release.as_deref()].into_iter().flatten() {
        let _ = write!(line, " {word}");
    }
    match (environment, &event.package) {
        (Some(environment), Some(_)) => {
            let _ = write!(line, " → {environment}");
        }
        (Some(environment), None) => {
            let _ = write!(line, " {environment}");
        }
        (None, None) => line.push_str(" everything"),
        (None, Some(_)) => {}
    }
    if let Some(state) = &event.state {
        let _ = write!(line, ": {state}");
    }
    if let Some(until) = event.until.filter(|_| event.kind == EventKind::Freeze) {
        let _ = write!(line, " until {until}");
    }
    line
}

/// Returns the whole message: the subject, `[skip ci]` for CI that builds every branch, and trailers.
pub fn commit_message(event: &Event) -> String {
    let mut message = format!(
        "{}\n\n[skip ci]\n\nRel-Event: {}\nRel-Sequence: {}\n",
        subject(event),
        event.id,
        event.sequence
    );
    if let Some(operation) = &event.operation {
        let _ = writeln!(message, "Rel-Operation: {operation}");
    }
    if let Some(run) = &event.actor.run {
        let _ = writeln!(message, "Rel-CI-Run: {run}");
    }
    message
}
