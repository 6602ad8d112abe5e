//! The lines below the table of `rel status`: what is in progress or blocks deploys, with the command that ends it.

use super::row::StatusRow;
use crate::model::{Hold, Lock, Timestamp};

/// Returns one line for each operation in progress, bad build, hold, freeze and failed release. `several`: rows of several
/// packages are shown.
pub(super) fn notes(row: &StatusRow, now: Timestamp, several: bool) -> Vec<String> {
    let environment = &row.environment;
    let mut notes = Vec::new();
    let ran = row.state.as_ref().is_some_and(|state| state.running.is_some());
    notes.extend(row.lock().map(|lock| operation(environment, lock, ran, now)));
    if let Some(bad) = &row.bad {
        let (label, by, age) = (row.runs(), bad.by.label(), bad.since.age(now));
        let reason = in_parentheses(bad.reason.as_deref());
        notes.push(format!(
            "{label} was marked bad by {by} {age}{reason}; `rel rollback {environment}` returns {environment} to the previous healthy release"
        ));
    }
    notes.extend(row.restrictions.holds.iter().map(|hold| hold_note(row, hold, now, several)));
    for freeze in row.restrictions.frozen(now) {
        let until = freeze.until.map_or_else(String::new, |until| format!(" until {until}"));
        let (by, age) = (freeze.by.label(), freeze.since.age(now));
        notes.push(format!("frozen by {by} {age}{until}{}", in_parentheses(freeze.reason.as_deref())));
    }
    if let Some(refused) = row.state.as_ref().and_then(|state| state.refused.as_ref()) {
        let label = refused.label();
        notes.push(format!(
            "automatic rollback from {label}; `rel deploy {environment} {label} --retry` tries it again"
        ));
    }
    notes
}

/// Describes an operation in progress. Where nothing ran before (`ran`), there is nothing to return to.
fn operation(environment: &str, lock: &Lock, ran: bool, now: Timestamp) -> String {
    let (kind, by, age, host) = (&lock.kind, lock.actor.label(), lock.since.age(now), &lock.host);
    let started = format!("{kind} started {age} by {by} on {host}");
    match lock.deadline {
        Some(deadline) if deadline < now && !ran => {
            format!("{started} timed out {}, and its result is unknown: deploy again", deadline.age(now))
        }
        Some(deadline) if deadline < now => format!(
            "{started} timed out {}, and its result is unknown: `rel rollback {environment}` returns to the last good \
             release, `rel unlock {environment}` only releases the lock",
            deadline.age(now)
        ),
        Some(deadline) => format!("{started}, times out {}", deadline.age(now)),
        None => started,
    }
}

fn hold_note(row: &StatusRow, hold: &Hold, now: Timestamp, several: bool) -> String {
    let by_rollback = if hold.is_of_rollback() { "'s rollback" } else { "" };
    let own = row.state.as_ref().and_then(|state| state.hold.as_ref());
    let of_package = several && own.is_some_and(|own| own.event == hold.event);
    let flag = if of_package { format!(" --package {}", row.package) } else { String::new() };
    let (by, age, reason) = (hold.by.label(), hold.since.age(now), in_parentheses(hold.reason.as_deref()));
    format!("held by {by}{by_rollback} {age}{reason}; `rel unhold {}{flag}` ends the hold", row.environment)
}

fn in_parentheses(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(" ({reason})"))
}
