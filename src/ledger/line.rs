//! What people read: the first line of an event's commit, and its trailers. `git log` of the branch needs no `rel`. Leans
//! on `model`.

use crate::model::{Event, EventKind, EventPayload};
use std::fmt::Write as _;

/// `deploy shop v1.4.0 → prod: healthy, by release-bot (INC-412)`.
pub fn line(event: &Event) -> String {
    let mut line = what(&event.what);
    // Only a string grows here, which cannot fail.
    let _ = write!(line, ", by {}", event.actor.label());
    if let Some(reason) = &event.reason {
        let _ = write!(line, " ({reason})");
    }
    if event.late {
        line.push_str(" [late]");
    }
    line
}

/// The line without who and why.
pub fn what(event: &EventPayload) -> String {
    let release = event.release.as_ref().map(|release| release.label());
    let place = event.environment.as_deref();
    let mut line = event.kind.to_string();
    for word in [event.package.as_deref(), release.as_deref()].into_iter().flatten() {
        let _ = write!(line, " {word}");
    }
    match (place, &event.package) {
        (Some(place), Some(_)) => {
            let _ = write!(line, " → {place}");
        }
        (Some(place), None) => {
            let _ = write!(line, " {place}");
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

/// The whole message. CI that builds every branch is told to leave this one alone.
pub fn message(event: &Event) -> String {
    let mut message = format!(
        "{}\n\n[skip ci]\n\nRel-Event: {}\nRel-Sequence: {}\n",
        line(event),
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
