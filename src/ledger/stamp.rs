//! From what a command wants recorded to an event that stands by itself. What people wrote is bounded and cleaned of
//! control characters and secrets here, once. Leans on `model` and `context`.

use super::snapshot::Snapshot;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{
    Actor, Event, EventId, EventPayload, FORMAT, RepositoryIdentity, TargetStatus, Timestamp, clean_line,
};

/// The longest text that is recorded, in characters.
const LONGEST: usize = 500;
/// So many lines of a list are recorded.
const MOST: usize = 100;

/// What all events of one command share.
pub(super) struct Stamp {
    pub(super) repository: RepositoryIdentity,
    pub(super) actor: Actor,
    pub(super) host: String,
    pub(super) at: Timestamp,
    pub(super) config: Option<String>,
    pub(super) overrides: Vec<String>,
}

impl Stamp {
    /// Makes an event of a draft, to be built on a tip.
    pub(super) fn event(
        &self,
        context: &Context,
        id: EventId,
        draft: EventPayload,
        on: &Snapshot,
    ) -> Result<Event> {
        let newest = on.newest(draft.package.as_deref(), draft.environment.as_deref())?;
        let mut what = bounded(context, draft);
        what.overrides.extend(self.overrides.iter().cloned());
        Ok(Event {
            format: FORMAT,
            id,
            sequence: following(newest.as_ref())?,
            previous: newest.and_then(|_| on.tip()),
            repository: self.repository.clone(),
            actor: who(context, &self.actor),
            host: text(context, &self.host),
            at: self.at,
            config: self.config.clone(),
            synced: None,
            late: false,
            what,
        })
    }
}

impl Stamp {
    /// An event that came from somewhere else, cleaned like one of our own.
    pub(super) fn cleaned(&self, context: &Context, event: Event) -> Event {
        let actor = who(context, &event.actor);
        Event { actor, host: text(context, &event.host), what: bounded(context, event.what), ..event }
    }
}

/// The number after the newest event of a chain.
///
/// # Errors
///
/// 5 where there is none: no writer counted that far.
pub(super) fn following(newest: Option<&Event>) -> Result<u64> {
    let Some(newest) = newest else { return Ok(1) };
    newest.sequence.checked_add(1).ok_or_else(|| {
        Error::conflict(format!(
            "event {} has the number {}, after which there is none",
            newest.id, newest.sequence
        ))
        .hint("rel ledger verify   # says where the record was forged")
    })
}

/// Who acts, clean and bounded.
fn who(context: &Context, actor: &Actor) -> Actor {
    Actor {
        id: text(context, &actor.id),
        name: actor.name.as_deref().map(|name| text(context, name)),
        run: actor.run.as_deref().map(|run| text(context, run)),
        ..actor.clone()
    }
}

fn bounded(context: &Context, draft: EventPayload) -> EventPayload {
    let list = |lines: Vec<String>| lines.iter().take(MOST).map(|line| text(context, line)).collect();
    let part = |part: TargetStatus| TargetStatus {
        name: text(context, &part.name),
        version: part.version.as_deref().map(|version| text(context, version)),
        state: part.state.as_deref().map(|state| text(context, state)),
    };
    EventPayload {
        reason: draft
            .reason
            .as_deref()
            .map(|reason| text(context, reason))
            .filter(|reason| !reason.is_empty()),
        overrides: list(draft.overrides),
        unchecked: list(draft.unchecked),
        targets: draft.targets.into_iter().take(MOST).map(part).collect(),
        ..draft
    }
}

/// One line, clean, bounded, without secrets.
fn text(context: &Context, text: &str) -> String {
    let clean = clean_line(&context.masked(text));
    let clean = clean.trim();
    match clean.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.to_owned(),
    }
}
