//! Makes an event of what a command wants to record. What people wrote is bounded here, and cleaned of control characters
//! and secrets.

use super::snapshot::Snapshot;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{
    Actor, Event, EventId, EventPayload, FORMAT, RepositoryIdentity, TargetStatus, Timestamp, clean_line,
};

/// The most characters of a text that are recorded.
const MAX_TEXT: usize = 500;
/// The most entries of a list that are recorded.
const MAX_LIST: usize = 100;

/// What all events of one command have in common.
pub(super) struct EventBuilder {
    pub(super) repository: RepositoryIdentity,
    pub(super) actor: Actor,
    pub(super) host: String,
    pub(super) at: Timestamp,
    pub(super) config: Option<String>,
    pub(super) overrides: Vec<String>,
}

impl EventBuilder {
    /// Makes an event that follows the tip of a snapshot.
    ///
    /// # Errors
    ///
    /// Those of [`next_sequence`].
    pub(super) fn build(
        &self,
        context: &Context,
        id: EventId,
        payload: EventPayload,
        on: &Snapshot,
    ) -> Result<Event> {
        let newest = on.newest(payload.package.as_deref(), payload.environment.as_deref())?;
        let mut what = clean_payload(context, payload);
        what.overrides.extend(self.overrides.iter().cloned());
        Ok(Event {
            format: FORMAT,
            id,
            sequence: next_sequence(newest.as_ref())?,
            previous: newest.and_then(|_| on.tip()),
            repository: self.repository.clone(),
            actor: clean_actor(context, &self.actor),
            host: clean_text(context, &self.host),
            at: self.at,
            config: self.config.clone(),
            synced: None,
            late: false,
            what,
        })
    }
}

/// Cleans an event that was made on another machine.
pub(super) fn clean_event(context: &Context, event: Event) -> Event {
    Event {
        actor: clean_actor(context, &event.actor),
        host: clean_text(context, &event.host),
        what: clean_payload(context, event.what),
        ..event
    }
}

/// Returns the sequence number after the newest event of a chain.
///
/// # Errors
///
/// 5 if that event has the highest number there is, which no writer ever reached by counting.
pub(super) fn next_sequence(newest: Option<&Event>) -> Result<u64> {
    let Some(newest) = newest else { return Ok(1) };
    newest.sequence.checked_add(1).ok_or_else(|| {
        Error::conflict(format!(
            "event {} has sequence number {}, the highest possible",
            newest.id, newest.sequence
        ))
        .hint("rel ledger verify   # shows what is wrong")
    })
}

fn clean_actor(context: &Context, actor: &Actor) -> Actor {
    Actor {
        id: clean_text(context, &actor.id),
        name: actor.name.as_deref().map(|name| clean_text(context, name)),
        run: actor.run.as_deref().map(|run| clean_text(context, run)),
        ..actor.clone()
    }
}

fn clean_payload(context: &Context, payload: EventPayload) -> EventPayload {
    let list =
        |lines: Vec<String>| lines.iter().take(MAX_LIST).map(|line| clean_text(context, line)).collect();
    let target = |target: TargetStatus| TargetStatus {
        name: clean_text(context, &target.name),
        version: target.version.as_deref().map(|version| clean_text(context, version)),
        state: target.state.as_deref().map(|state| clean_text(context, state)),
    };
    let reason = payload.reason.as_deref().map(|reason| clean_text(context, reason));
    EventPayload {
        reason: reason.filter(|reason| !reason.is_empty()),
        overrides: list(payload.overrides),
        unchecked: list(payload.unchecked),
        targets: payload.targets.into_iter().take(MAX_LIST).map(target).collect(),
        ..payload
    }
}

/// Returns a text as one bounded line without control characters and secrets.
fn clean_text(context: &Context, text: &str) -> String {
    let clean = clean_line(&context.masked(text));
    let clean = clean.trim();
    match clean.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.to_owned(),
    }
}
