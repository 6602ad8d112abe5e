//! One rule that says no. Leans on `error`.

use crate::error::{Error, Kind};
use std::fmt;

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// `accept`.
    Accept,
    /// An older version goes back, not forward.
    Order,
    /// No environment takes it.
    Bad,
    /// `from`.
    From,
    /// `soak`.
    Soak,
    /// `approvals`.
    Approvals,
    /// A freeze, of the file or of the record.
    Freeze,
    /// A hold.
    Hold,
    /// It failed here before.
    Refused,
    /// Somebody else is at work.
    Lock,
    /// The record cannot be reached, so nothing is known.
    Record,
}

impl Rule {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Rule::Accept => "accept",
            Rule::Order => "order",
            Rule::Bad => "bad",
            Rule::From => "from",
            Rule::Soak => "soak",
            Rule::Approvals => "approvals",
            Rule::Freeze => "freeze",
            Rule::Hold => "hold",
            Rule::Refused => "refused",
            Rule::Lock => "lock",
            Rule::Record => "record",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a rule says, and what would lift it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// What it says, on one line.
    pub message: String,
    /// Commands that lift it.
    pub lifts: Vec<String>,
    /// `--override` passes it.
    pub passable: bool,
    /// What sort of end it is.
    pub kind: Kind,
}

impl Refusal {
    /// A rule that `--override` passes.
    pub fn new(rule: Rule, message: impl Into<String>) -> Self {
        Refusal { rule, message: message.into(), lifts: Vec::new(), passable: true, kind: Kind::Refused }
    }

    /// Adds a command that lifts it.
    #[must_use]
    pub fn lift(mut self, command: impl Into<String>) -> Self {
        self.lifts.push(command.into());
        self
    }

    /// No override passes it.
    #[must_use]
    pub fn firm(self) -> Self {
        Refusal { passable: false, ..self }
    }

    /// Another sort of end.
    #[must_use]
    pub fn of(self, kind: Kind) -> Self {
        Refusal { kind, ..self }
    }

    /// As an error of its own.
    pub fn error(&self) -> Error {
        let error = Error::new(self.kind, self.message.clone());
        self.lifts.iter().fold(error, |error, command| error.hint(command.clone()))
    }
}
