//! Errors: kind, message, causes, hints, and the lines of a text that they are about. Every module makes them; only `ui`
//! shows them.

use std::fmt;
use std::ops::Range;

/// The kind of an error. Its number is the exit code (docs/exit-codes.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A defect in `rel` itself.
    Defect = 1,
    /// The command line or `release.toml` is wrong.
    Usage = 2,
    /// Nothing to release, where something was required.
    NothingToRelease = 3,
    /// A precondition or a policy forbids it.
    Refused = 4,
    /// Something changed meanwhile, or a name is already used for something else.
    Conflict = 5,
    /// Something outside cannot be reached, or denies access.
    Unreachable = 6,
    /// An artifact is missing.
    Missing = 7,
    /// The deployer or the verification failed.
    Failed = 8,
    /// The state is unknown: time ran out, or only a part was done.
    Unknown = 9,
    /// Somebody pressed Ctrl-C.
    Interrupted = 130,
}

impl Kind {
    /// Returns the exit code of the process.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns the word for `kind` in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Defect => "defect",
            Kind::Usage => "usage",
            Kind::NothingToRelease => "nothing-to-release",
            Kind::Refused => "refused",
            Kind::Conflict => "conflict",
            Kind::Unreachable => "unreachable",
            Kind::Missing => "missing",
            Kind::Failed => "failed",
            Kind::Unknown => "unknown",
            Kind::Interrupted => "interrupted",
        }
    }

    /// Returns the rank among several errors at once: the first of 2, 6, 5, 7, 4 is the exit code.
    fn rank(self) -> u8 {
        match self {
            Kind::Defect => 0,
            Kind::Usage => 1,
            Kind::Unreachable => 2,
            Kind::Conflict => 3,
            Kind::Missing => 4,
            Kind::Refused => 5,
            Kind::NothingToRelease => 6,
            Kind::Failed => 7,
            Kind::Unknown => 8,
            Kind::Interrupted => 9,
        }
    }
}

/// A refusal or failure, with all that is needed to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind; decides the exit code.
    pub kind: Kind,
    /// What failed, and on what: one sentence without prefix and full stop.
    pub message: String,
    /// Why, outermost cause first.
    pub causes: Vec<String>,
    /// What to do next: commands or short sentences.
    pub hints: Vec<String>,
    /// What is shown on a terminal instead of the causes.
    pub details: Details,
}

/// What an error shows on a terminal beside its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Details {
    /// The causes.
    #[default]
    Causes,
    /// Other errors, numbered below the message, each with its causes and hints.
    Errors(Vec<Error>),
    /// Excerpts of a text: one for each of the first causes, shown before the message.
    Snippets(Vec<Snippet>),
}

/// An excerpt of a text: a line, what is wrong in it, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What is wrong.
    pub message: String,
    /// The name of the file or of anything else that contains the line.
    pub source: String,
    /// The number of the line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The line, or the part of it around the span.
    pub text: String,
    /// The bytes of `text` that are wrong; empty if something is missing there.
    pub span: Range<usize>,
    /// What would be right.
    pub help: Option<String>,
}

/// The result of every function that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Creates an error of a kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            details: Details::Causes,
        }
    }

    /// Creates an error of exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    /// Creates an error of exit code 4.
    pub fn refused(message: impl Into<String>) -> Self {
        Error::new(Kind::Refused, message)
    }

    /// Creates an error of exit code 5.
    pub fn conflict(message: impl Into<String>) -> Self {
        Error::new(Kind::Conflict, message)
    }

    /// Creates an error of exit code 6.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Error::new(Kind::Unreachable, message)
    }

    /// Creates an error of exit code 7.
    pub fn missing(message: impl Into<String>) -> Self {
        Error::new(Kind::Missing, message)
    }

    /// Creates an error of exit code 8.
    pub fn failed(message: impl Into<String>) -> Self {
        Error::new(Kind::Failed, message)
    }

    /// Creates an error of exit code 9.
    pub fn unknown(message: impl Into<String>) -> Self {
        Error::new(Kind::Unknown, message)
    }

    /// Creates an error of exit code 1, for what happens only if `rel` itself is wrong.
    pub fn defect(message: impl Into<String>) -> Self {
        Error::new(Kind::Defect, message)
            .hint("this is a bug in rel: please report it, with the command that triggers it")
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a cause.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds another error as cause, with its own causes.
    #[must_use]
    pub fn with_source(mut self, other: Error) -> Self {
        self.causes.push(other.message);
        self.causes.extend(other.causes);
        self
    }

    /// Sets the excerpts, one for each of the first causes.
    #[must_use]
    pub fn snippets(mut self, snippets: Vec<Snippet>) -> Self {
        self.details = Details::Snippets(snippets);
        self
    }

    /// Returns the error in the shape `rel.error/1`.
    pub fn as_json(&self) -> serde_json::Value {
        serde_json::json!({
            "schema": "rel.error/1",
            "code": self.kind.code(),
            "kind": self.kind.word(),
            "message": self.message,
            "causes": self.causes,
            "hints": self.all_hints(),
        })
    }

    /// Combines several errors into one with the kind of the most severe. Returns `None` for none, and a single error
    /// unchanged; an error that occurs several times counts once. `what` says what is not possible; it may be empty.
    pub fn combine(what: &str, errors: Vec<Error>) -> Option<Error> {
        let mut all: Vec<Error> = Vec::new();
        for error in errors.into_iter().flat_map(Error::into_parts) {
            if !all.contains(&error) {
                all.push(error);
            }
        }
        let mut errors = all;
        if errors.len() < 2 {
            return errors.pop();
        }
        errors.sort_by_key(|error| error.kind.rank());
        let kind = errors.first()?.kind;
        let message = match what {
            "" => format!("{} problems", errors.len()),
            _ => format!("{what}, for {} reasons", errors.len()),
        };
        let mut combined = Error::new(kind, message);
        for error in &errors {
            combined.causes.push(error.message.clone());
            combined.causes.extend(error.causes.iter().map(|cause| format!("  {cause}")));
        }
        combined.details = Details::Errors(errors);
        Some(combined)
    }

    /// Returns the errors that this one combines; itself where it is one error, or where something was added to it.
    fn into_parts(self) -> Vec<Error> {
        match &self.details {
            Details::Errors(_) if !self.hints.is_empty() || !self.added_causes().is_empty() => vec![self],
            Details::Errors(errors) => errors.clone(),
            _ => vec![self],
        }
    }

    /// Returns the causes that were added after errors were combined.
    pub fn added_causes(&self) -> &[String] {
        let Details::Errors(errors) = &self.details else { return &self.causes };
        let combined: usize = errors.iter().map(|error| 1 + error.causes.len()).sum();
        self.causes.get(combined..).unwrap_or_default()
    }

    /// Puts the name of a package before the message, or before each of several messages.
    #[must_use]
    pub fn of_package(mut self, package: &str) -> Self {
        match &mut self.details {
            Details::Errors(errors) => {
                errors.iter_mut().for_each(|error| error.message = format!("{package}: {}", error.message));
            }
            _ => self.message = format!("{package}: {}", self.message),
        }
        self
    }

    /// Returns what to do next: the hints of the errors that this one combines, then its own.
    pub fn all_hints(&self) -> Vec<&str> {
        let parts: &[Error] = if let Details::Errors(errors) = &self.details { errors } else { &[] };
        let mut hints: Vec<&str> = Vec::new();
        for hint in parts.iter().flat_map(Error::all_hints).chain(self.hints.iter().map(String::as_str)) {
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Error {}

/// Adds kind and message to an error of another crate.
pub trait ResultExt<T> {
    /// Makes an error of `kind` with `message`, whose cause is the other error.
    fn context(self, kind: Kind, message: impl Into<String>) -> Result<T>;
}

impl<T, E: fmt::Display> ResultExt<T> for std::result::Result<T, E> {
    fn context(self, kind: Kind, message: impl Into<String>) -> Result<T> {
        self.map_err(|error| Error::new(kind, message).cause(error))
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Kind};

    #[test]
    fn the_first_of_2_6_5_7_4_is_the_exit_code() {
        let order =
            [Kind::Usage, Kind::Unreachable, Kind::Conflict, Kind::Missing, Kind::Refused].map(Kind::code);
        assert_eq!(order, [2, 6, 5, 7, 4]);
        for (index, worst) in order.iter().enumerate() {
            let rest = [Kind::Refused, Kind::Missing, Kind::Conflict, Kind::Unreachable, Kind::Usage];
            let errors = rest[..5 - index].iter().map(|kind| Error::new(*kind, "x")).collect();
            assert_eq!(Error::combine("", errors).unwrap().kind.code(), *worst);
        }
    }
}
