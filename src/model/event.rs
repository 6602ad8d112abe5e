//! One entry of the ledger. It is complete in itself: who, what, where, when, why and how it ended. Kinds, states and keys
//! that this version does not know are kept.

use super::{CommitId, EventKind, Release, State, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// The format of events and states that this program writes.
pub const FORMAT: u32 = 1;

/// The id of an event: a ULID, 26 characters that sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EventId(String);

/// Crockford's base 32 (ULID specification).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl EventId {
    /// Creates an id from the milliseconds since 1970 and 80 bits of randomness.
    pub fn new(milliseconds: u64, randomness: u128) -> Self {
        let mut bits = (u128::from(milliseconds) << 80) | (randomness & ((1 << 80) - 1));
        let mut text = [b'0'; 26];
        for place in text.iter_mut().rev() {
            *place = DIGITS[(bits & 31) as usize];
            bits >>= 5;
        }
        EventId(text.iter().map(|byte| char::from(*byte)).collect())
    }

    /// Parses 26 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 26 && text.bytes().all(|byte| DIGITS.contains(&byte));
        sound.then(|| EventId(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The repository of an event; events of another one are refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RepositoryIdentity {
    /// `name` of release.toml.
    pub name: String,
    /// The first commit of its default branch.
    pub root: CommitId,
}

/// Who acts, as the environment says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `github:ada`, or an email address.
    pub id: String,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A person at a terminal, or who started a CI run manually.
    #[serde(default, skip_serializing_if = "is_false")]
    pub person: bool,
    /// The page of the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Which CI it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The status of one target of an environment, as the deployer reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// What runs there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// When and by whom an event was recorded that could not be recorded at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: Actor,
}

/// What a command records; the ledger adds the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPayload {
    /// What happened.
    pub kind: EventKind,
    /// The state of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The event that started the operation which this event ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<EventId>,
    /// The package; `None` for a whole environment, or for everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The environment; `None` for all, and for `bad` and `good`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// What ran before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Release>,
    /// When the operation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// By when it must have ended; later, its state is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Until when a freeze lasts; `None` until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why, as the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The operation that a rollback ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<EventId>,
    /// Policies that were overridden, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// What could not be checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<String>,
    /// The rollback also holds the environment.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hold: bool,
    /// The rollback also marks the previous release as bad.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bad: bool,
    /// The rollback was made by `rollback_on_failure`: the failed release is refused until it is deployed again explicitly.
    #[serde(default, skip_serializing_if = "is_false")]
    pub automatic: bool,
    /// The deploy also ends the hold; in ledgers of older programs, already when it starts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ends_hold: bool,
    /// Somebody says that the release runs, and `rel` did not bring it there or verify it: it was adopted, synced, or
    /// only recorded where `rel` deploys. It counts for no `from`, soak or exemption.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unproven: bool,
    /// The targets of the environment, if the deployer reports them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetStatus>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl EventPayload {
    /// Creates a payload with only a kind.
    pub fn new(kind: EventKind) -> Self {
        EventPayload {
            kind,
            state: None,
            operation: None,
            package: None,
            environment: None,
            release: None,
            from: None,
            began: None,
            deadline: None,
            until: None,
            reason: None,
            takes_over: None,
            overrides: Vec::new(),
            unchecked: Vec::new(),
            hold: false,
            bad: false,
            automatic: false,
            ends_hold: false,
            unproven: false,
            targets: Vec::new(),
            rest: Map::new(),
        }
    }

    /// Returns the same payload for a package and an environment.
    #[must_use]
    pub fn at(self, package: Option<&str>, environment: Option<&str>) -> Self {
        EventPayload {
            package: package.map(str::to_owned),
            environment: environment.map(str::to_owned),
            ..self
        }
    }
}

/// One entry of the ledger: a payload with what the ledger adds to it. In JSON the keys of both are in one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The format that it was written in.
    pub format: u32,
    /// Its id.
    pub id: EventId,
    /// Its number within package and environment, from 1.
    pub sequence: u64,
    /// The tip of the ledger before it, if its chain has an earlier event: the state there contains that event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<CommitId>,
    /// Its repository.
    pub repository: RepositoryIdentity,
    /// Who acts.
    pub actor: Actor,
    /// The machine.
    pub host: String,
    /// When it happened.
    pub at: Timestamp,
    /// SHA-256 of the configuration that was used, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// It was recorded later than it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced: Option<Synced>,
    /// Another event was recorded before it that happened later.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// What happened.
    #[serde(flatten)]
    pub what: EventPayload,
}

impl std::ops::Deref for Event {
    type Target = EventPayload;

    fn deref(&self) -> &EventPayload {
        &self.what
    }
}

impl Event {
    /// Whether it starts an operation that another event ends.
    pub fn is_start(&self) -> bool {
        self.operation.is_none() && self.state == Some(State::Deploying)
    }

    /// Whether it was recorded later than it happened, so that it can only claim what it says. Earlier programs recorded such
    /// events without `unproven`, and what they recorded means what it meant.
    pub fn is_unproven_sync(&self) -> bool {
        self.synced.is_some() && self.unproven
    }

    /// Returns the operation that it belongs to: itself if it names none.
    pub fn operation_id(&self) -> &EventId {
        self.operation.as_ref().unwrap_or(&self.id)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::EventId;

    #[test]
    fn ids_sort_by_time() {
        let (early, late) = (EventId::new(1_700_000_000_000, u128::MAX), EventId::new(1_700_000_000_001, 0));
        assert!(early < late);
        assert_eq!(late.as_str().len(), 26);
        assert_eq!(EventId::parse(late.as_str()), Some(late));
        // The example of the ULID specification.
        assert!(EventId::new(1_469_918_176_385, 0).as_str().starts_with("01ARYZ6S41"));
        for text in ["", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "../../../../../etc/passwd.."] {
            assert_eq!(EventId::parse(text), None, "{text}");
        }
    }
}
