//! The kinds of events and the states of operations. Words of later versions are kept.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum EventKind {
    /// A release was deployed.
    Deploy,
    /// What runs in one environment was deployed to another.
    Promote,
    /// An environment was returned to an earlier release.
    Rollback,
    /// An environment accepts no deploy any more.
    Hold,
    /// It accepts deploys again.
    Unhold,
    /// Nothing is deployed for some time.
    Freeze,
    /// The freeze is over.
    Thaw,
    /// A build was marked bad: no environment accepts it.
    Bad,
    /// The mark was removed.
    Good,
    /// A person approved a deploy.
    Approve,
    /// What another system deployed was recorded.
    Adopt,
    /// An operation that its owner does not end was ended.
    Unlock,
    /// A word that this version does not know.
    Other(String),
}

impl EventKind {
    /// The known values.
    const KNOWN: [EventKind; 12] = [
        EventKind::Deploy,
        EventKind::Promote,
        EventKind::Rollback,
        EventKind::Hold,
        EventKind::Unhold,
        EventKind::Freeze,
        EventKind::Thaw,
        EventKind::Bad,
        EventKind::Good,
        EventKind::Approve,
        EventKind::Adopt,
        EventKind::Unlock,
    ];

    /// Returns the word in the ledger.
    pub fn word(&self) -> &str {
        match self {
            EventKind::Deploy => "deploy",
            EventKind::Promote => "promote",
            EventKind::Rollback => "rollback",
            EventKind::Hold => "hold",
            EventKind::Unhold => "unhold",
            EventKind::Freeze => "freeze",
            EventKind::Thaw => "thaw",
            EventKind::Bad => "bad",
            EventKind::Good => "good",
            EventKind::Approve => "approve",
            EventKind::Adopt => "adopt",
            EventKind::Unlock => "unlock",
            EventKind::Other(word) => word,
        }
    }

    /// Parses a word; one that is not known is kept.
    pub fn read(word: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.word() == word);
        known.unwrap_or_else(|| EventKind::Other(word.to_owned()))
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl From<String> for EventKind {
    fn from(word: String) -> Self {
        EventKind::read(&word)
    }
}

impl From<EventKind> for String {
    fn from(value: EventKind) -> Self {
        value.word().to_owned()
    }
}

/// The state of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum State {
    /// It is in progress.
    Deploying,
    /// It ended, and was verified.
    Healthy,
    /// It is recorded; another system deploys.
    Recorded,
    /// It failed.
    Failed,
    /// Its deadline passed, or its owner is gone.
    Unknown,
    /// Some targets run one release, some another.
    Mixed,
    /// A rollback replaced it.
    Superseded,
    /// A word that this version does not know.
    Other(String),
}

impl State {
    /// The known values.
    const KNOWN: [State; 7] = [
        State::Deploying,
        State::Healthy,
        State::Recorded,
        State::Failed,
        State::Unknown,
        State::Mixed,
        State::Superseded,
    ];

    /// Returns the word in the ledger.
    pub fn word(&self) -> &str {
        match self {
            State::Deploying => "deploying",
            State::Healthy => "healthy",
            State::Recorded => "recorded",
            State::Failed => "failed",
            State::Unknown => "unknown",
            State::Mixed => "mixed",
            State::Superseded => "superseded",
            State::Other(word) => word,
        }
    }

    /// Parses a word; one that is not known is kept.
    pub fn read(word: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.word() == word);
        known.unwrap_or_else(|| State::Other(word.to_owned()))
    }

    /// Whether a release in this state can be promoted or returned to.
    pub fn is_usable(&self) -> bool {
        matches!(self, State::Healthy | State::Recorded)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl From<String> for State {
    fn from(word: String) -> Self {
        State::read(&word)
    }
}

impl From<State> for String {
    fn from(value: State) -> Self {
        value.word().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{EventKind, State};

    #[test]
    fn words_of_later_versions_are_kept() {
        assert_eq!(EventKind::read("rollback"), EventKind::Rollback);
        assert_eq!(EventKind::read("quarantine").to_string(), "quarantine");
        assert!(State::Recorded.is_usable() && !State::read("paused").is_usable());
        for known in EventKind::KNOWN {
            assert_eq!(EventKind::read(known.word()), known);
        }
        for known in State::KNOWN {
            assert_eq!(State::read(known.word()), known);
        }
    }
}
