//! A rule that refuses, and what would lift it.

use crate::error::{Error, Kind};
use std::fmt;

/// A rule of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyRule {
    /// `accept`.
    Accept,
    /// A deploy never goes to an older version.
    Order,
    /// The build is marked bad.
    Bad,
    /// `from`.
    From,
    /// `soak`.
    Soak,
    /// `approvals`.
    Approvals,
    /// A freeze, configured or recorded.
    Freeze,
    /// A hold.
    Hold,
    /// The release failed in this environment, and an automatic rollback followed.
    FailedBefore,
    /// Another operation is running.
    Lock,
    /// The tag of the release cannot be compared with that of the remote.
    RemoteTag,
    /// The ledger cannot be reached, so holds, freezes and the like are unknown.
    LedgerReachable,
}

impl PolicyRule {
    /// Returns the name by which overrides of the rule are recorded.
    pub fn word(self) -> &'static str {
        match self {
            PolicyRule::Accept => "accept",
            PolicyRule::Order => "order",
            PolicyRule::Bad => "bad",
            PolicyRule::From => "from",
            PolicyRule::Soak => "soak",
            PolicyRule::Approvals => "approvals",
            PolicyRule::Freeze => "freeze",
            PolicyRule::Hold => "hold",
            PolicyRule::FailedBefore => "refused",
            PolicyRule::Lock => "lock",
            PolicyRule::RemoteTag => "tag",
            PolicyRule::LedgerReachable => "record",
        }
    }
}

impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The refusal of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rule: PolicyRule,
    /// The reason, on one line.
    pub message: String,
    /// Commands that would lift the refusal.
    pub remedies: Vec<String>,
    /// Whether `--override` overrides the refusal.
    pub overridable: bool,
    /// The kind of the error, which decides the exit code.
    pub kind: Kind,
}

impl Refusal {
    /// Creates a refusal with exit code 4 that `--override` overrides.
    pub fn new(rule: PolicyRule, message: impl Into<String>) -> Self {
        Refusal {
            rule,
            message: message.into(),
            remedies: Vec::new(),
            overridable: true,
            kind: Kind::Refused,
        }
    }

    /// Adds a command that would lift the refusal.
    #[must_use]
    pub fn remedy(mut self, command: impl Into<String>) -> Self {
        self.remedies.push(command.into());
        self
    }

    /// Makes the refusal one that `--override` does not override.
    #[must_use]
    pub fn not_overridable(self) -> Self {
        Refusal { overridable: false, ..self }
    }

    /// Changes the kind of the error.
    #[must_use]
    pub fn with_kind(self, kind: Kind) -> Self {
        Refusal { kind, ..self }
    }

    /// Returns the refusal as an error whose hints are the remedies.
    pub fn to_error(&self) -> Error {
        let error = Error::new(self.kind, self.message.clone());
        self.remedies.iter().fold(error, |error, command| error.hint(command.clone()))
    }
}
