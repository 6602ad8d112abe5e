//! What can go wrong, and what the caller is told: kind, message, causes, hints. Leans on nothing;
//! every room above makes these, and only `ui/` shows them.

use std::fmt::{self, Write as _};

/// What sort of end an error is. The number is the exit code (DESIGN section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A defect in `rel` itself.
    Defect = 1,
    /// The command line or `release.toml` is wrong.
    Usage = 2,
    /// Nothing to release, where something was required.
    NothingToRelease = 3,
    /// A precondition or a policy says no.
    Refused = 4,
    /// The context moved: a race was lost, a name is taken by something else.
    Conflict = 5,
    /// Something outside cannot be reached, or does not let us in.
    Unreachable = 6,
    /// An artifact is missing.
    Missing = 7,
    /// The deployer or the verification failed.
    Failed = 8,
    /// Nobody knows how it is: time ran out, or only a part was done.
    Unknown = 9,
    /// A person pressed Ctrl-C.
    Interrupted = 130,
}

impl Kind {
    /// The exit code of the process, as documented.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The word that JSON errors carry in `kind`.
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

    /// Rank among several refusals at once: the first of 2, 6, 5, 7, 4 names the exit code (DESIGN section 2).
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

/// One refusal or failure, complete enough to act on.
#[derive(Clone, Debug)]
pub struct Error {
    /// What sort of end it is; decides the exit code.
    pub kind: Kind,
    /// One sentence: what happened, and where. No full stop, no prefix.
    pub message: String,
    /// What lies with_source, outermost first.
    pub causes: Vec<String>,
    /// What to do next, one per line.
    pub hints: Vec<String>,
    /// A drawing of the place, lines included, shown in place of the message on a screen.
    pub rendered: Option<String>,
}

/// What every fallible function of the house returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), causes: Vec::new(), hints: Vec::new(), rendered: None }
    }

    /// Exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    /// Exit code 4.
    pub fn refused(message: impl Into<String>) -> Self {
        Error::new(Kind::Refused, message)
    }

    /// Exit code 5.
    pub fn conflict(message: impl Into<String>) -> Self {
        Error::new(Kind::Conflict, message)
    }

    /// Exit code 6.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Error::new(Kind::Unreachable, message)
    }

    /// Exit code 7.
    pub fn missing(message: impl Into<String>) -> Self {
        Error::new(Kind::Missing, message)
    }

    /// Exit code 8.
    pub fn failed(message: impl Into<String>) -> Self {
        Error::new(Kind::Failed, message)
    }

    /// Exit code 9.
    pub fn unknown(message: impl Into<String>) -> Self {
        Error::new(Kind::Unknown, message)
    }

    /// Exit code 1: only for what cannot happen unless `rel` itself is wrong.
    pub fn defect(message: impl Into<String>) -> Self {
        Error::new(Kind::Defect, message)
            .hint("this is a defect in rel: please report it with the command that shows it")
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what lies with_source.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds another error that lies with_source, with its causes.
    #[must_use]
    pub fn with_source(mut self, other: Error) -> Self {
        self.causes.push(other.message);
        self.causes.extend(other.causes);
        self
    }

    /// Adds a drawing of the place.
    #[must_use]
    pub fn rendered(mut self, rendered: impl Into<String>) -> Self {
        self.rendered = Some(rendered.into());
        self
    }

    /// The shape `rel.error/1`.
    pub fn as_json(&self) -> serde_json::Value {
        serde_json::json!({
            "schema": "rel.error/1",
            "code": self.kind.code(),
            "kind": self.kind.word(),
            "message": self.message,
            "causes": self.causes,
            "hints": self.hints,
        })
    }

    /// Folds several errors into one, so that all are seen at once; the gravest names the exit code. `None` for none.
    pub fn all(mut errors: Vec<Error>) -> Option<Error> {
        if errors.len() < 2 {
            return errors.pop();
        }
        errors.sort_by_key(|error| error.kind.rank());
        let kind = errors.first()?.kind;
        let mut whole = Error::new(kind, format!("{} things are in the way", errors.len()));
        for error in errors {
            whole.causes.push(error.message);
            whole.causes.extend(error.causes.into_iter().map(|cause| format!("  {cause}")));
            whole.hints.extend(error.hints);
        }
        Some(whole)
    }
}

/// Combines several errors into one whose text numbers them, each with its causes and hints below it. Returns `None` for
/// none, and a single error unchanged. The most severe kind decides the exit code; `what` says what is not possible.
pub fn combine_errors(what: &str, mut errors: Vec<Error>) -> Option<Error> {
    if errors.len() < 2 {
        return errors.pop();
    }
    let kind = errors.iter().map(|error| error.kind).min_by_key(|kind| kind.rank())?;
    let mut combined = Error::new(kind, format!("{what}, for {} reasons", errors.len()));
    let mut rendered = format!("error: {}\n", combined.message);
    for (index, error) in errors.into_iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(rendered, "  {}. {}", index + 1, error.message);
        combined.causes.push(error.message);
        for line in error.causes.into_iter().chain(error.hints) {
            let _ = writeln!(rendered, "     {line}");
            combined.causes.push(format!("  {line}"));
        }
    }
    Some(combined.rendered(rendered))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Error {}

/// Gives a foreign error the noun that it lacks.
pub trait ResultExt<T> {
    /// Turns the foreign error into one of `kind` whose message is `message` and whose cause is the foreign error.
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
    fn the_first_of_2_6_5_7_4_names_the_exit_code() {
        let order =
            [Kind::Usage, Kind::Unreachable, Kind::Conflict, Kind::Missing, Kind::Refused].map(Kind::code);
        assert_eq!(order, [2, 6, 5, 7, 4]);
        for (index, worst) in order.iter().enumerate() {
            let rest = [Kind::Refused, Kind::Missing, Kind::Conflict, Kind::Unreachable, Kind::Usage];
            let errors = rest[..5 - index].iter().map(|kind| Error::new(*kind, "x")).collect();
            assert_eq!(Error::all(errors).unwrap().kind.code(), *worst);
        }
    }
}
