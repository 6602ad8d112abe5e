//! One entry of the ledger. It stands by itself: who, what, where, when, why and how it ended, so that nobody has to look
//! anything up. Kinds, states and keys that are not known are kept. Leans on `pin`, `timestamp` and `commit`.

use super::{CommitId, Release, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::fmt;

/// The format of events and states that this program writes.
pub const FORMAT: u32 = 1;

/// The name of an event: a ULID, 26 characters that sort by the time at which they were made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EventId(String);

/// Crockford's base 32, as the ULID specification has it.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl EventId {
    /// Of the milliseconds since 1970 and some randomness, of which 80 bits are used.
    pub fn new(milliseconds: u64, randomness: u128) -> Self {
        let mut bits = (u128::from(milliseconds) << 80) | (randomness & ((1 << 80) - 1));
        let mut text = [b'0'; 26];
        for place in text.iter_mut().rev() {
            *place = DIGITS[(bits & 31) as usize];
            bits >>= 5;
        }
        EventId(text.iter().map(|byte| char::from(*byte)).collect())
    }

    /// Reads one: 26 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 26 && text.bytes().all(|byte| DIGITS.contains(&byte));
        sound.then(|| EventId(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An enum of words, with a place for the words of later programs.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A word that this program does not know.
            Other(String),
        }

        impl $name {
            /// The word, as the ledger has it.
            pub fn word(&self) -> &str {
                match self {
                    $($name::$variant => $word,)*
                    $name::Other(word) => word,
                }
            }

            /// Reads a word; every word is one.
            pub fn read(word: &str) -> Self {
                match word {
                    $($word => $name::$variant,)*
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|word| $name::read(&word))
            }
        }
    };
}

words! {
    /// What happened.
    EventKind {
        /// A release was brought forward.
        Deploy = "deploy",
        /// What runs in one environment was brought to another.
        Promote = "promote",
        /// An environment was returned to an earlier release.
        Rollback = "rollback",
        /// An environment accepts no deploy any more.
        Hold = "hold",
        /// It accepts them again.
        Unhold = "unhold",
        /// Nothing is deployed for a time.
        Freeze = "freeze",
        /// That time is over.
        Thaw = "thaw",
        /// A build is taken by no environment any more.
        Bad = "bad",
        /// It is again.
        Good = "good",
        /// A person agrees with a deploy.
        Approve = "approve",
        /// What runs was brought there by something else.
        Adopt = "adopt",
        /// An operation whose owner is gone was ended.
        Unlock = "unlock",
    }
}

words! {
    /// How an operation stands, or ended.
    State {
        /// It is under way.
        Deploying = "deploying",
        /// It ended, and was verified.
        Healthy = "healthy",
        /// It is recorded; another system deploys.
        Recorded = "recorded",
        /// It failed.
        Failed = "failed",
        /// Nobody knows: time ran out, or its owner is gone.
        Unknown = "unknown",
        /// Some of it runs one release, some another.
        Mixed = "mixed",
        /// A rollback took over.
        Superseded = "superseded",
    }
}

impl State {
    /// Whether a release in this state serves `from` and rollbacks.
    pub fn is_usable(&self) -> bool {
        matches!(self, State::Healthy | State::Recorded)
    }
}

/// Which repository an event is of: a writer from another one is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RepositoryIdentity {
    /// `name` of release.toml.
    pub name: String,
    /// The first commit of its default branch.
    pub root: CommitId,
}

/// Who acts, as far as it is claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `github:ada`, or an address of mail.
    pub id: String,
    /// The name that people use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Someone at a terminal, or who started a CI run by hand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub person: bool,
    /// The page of the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Which CI it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// Keys that this program does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A part of an environment, as a deployer reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// What runs there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// That an event was recorded later than it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: Actor,
}

/// What a command wants recorded; the ledger adds the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPayload {
    /// What happened.
    pub kind: EventKind,
    /// How it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The started event of the operation that this one ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<EventId>,
    /// Whose; `None` for a whole environment, or for everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Where; `None` for everything, and for what is bad or good everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// What ran before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Release>,
    /// When the operation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Until when it must have ended; later, nobody knows how it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Until when a freeze lasts; `None` until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The operation that a rollback ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<EventId>,
    /// Policies that were passed, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// What could not be checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<String>,
    /// The rollback also holds the environment.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hold: bool,
    /// The rollback also marks what it leaves as bad.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bad: bool,
    /// The rollback was made by `rollback_on_failure`: what it leaves is refused until somebody tries again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub automatic: bool,
    /// The deploy also ends the hold.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ends_hold: bool,
    /// Parts of the environment, where the deployer told of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetStatus>,
    /// Keys that this program does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl EventPayload {
    /// Nothing but a kind.
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
            targets: Vec::new(),
            rest: Map::new(),
        }
    }

    /// The same, in a package and an environment.
    #[must_use]
    pub fn at(self, package: Option<&str>, environment: Option<&str>) -> Self {
        EventPayload {
            package: package.map(str::to_owned),
            environment: environment.map(str::to_owned),
            ..self
        }
    }
}

/// One entry of the ledger: a draft with what the ledger adds to it. Its keys lie beside each other in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The format that it was written in.
    pub format: u32,
    /// Its name.
    pub id: EventId,
    /// Its number within package and environment, from 1.
    pub sequence: u64,
    /// The tip that it was built on, where its chain had an event before it: the state there holds that event whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<CommitId>,
    /// Of which repository it is.
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
    /// Somebody else had acted before it was recorded.
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
    /// Whether it began an operation that another event ends.
    pub fn is_start(&self) -> bool {
        self.operation.is_none() && self.state == Some(State::Deploying)
    }

    /// The operation that it belongs to: itself, where it names none.
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
    use super::{EventId, EventKind, State};

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

    #[test]
    fn words_of_later_programs_are_kept() {
        assert_eq!(EventKind::read("rollback"), EventKind::Rollback);
        assert_eq!(EventKind::read("quarantine").to_string(), "quarantine");
        assert!(State::Recorded.is_usable() && !State::read("paused").is_usable());
    }
}
