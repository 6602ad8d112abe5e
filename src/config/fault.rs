//! What is wrong in a file: `Fault` at a place, and `FormatError` of a string whose place is not known yet.

use std::ops::Range;

/// One fault of a file: its place, what is wrong there, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The bytes of the file that are wrong; empty where something is missing.
    pub(super) span: Range<usize>,
    /// What is wrong, in one line.
    pub(super) message: String,
    /// What would be right, in one line.
    pub(super) help: String,
}

impl Fault {
    /// Creates a fault at a place.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Fault { span, message: message.into(), help: help.into() }
    }
}

/// Why a string does not have its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FormatError {
    /// What is wrong, in one line.
    pub(super) message: String,
    /// What would be right, in one line.
    pub(super) help: String,
}

impl FormatError {
    /// Creates the error from what is wrong and what would be right.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        FormatError { message: message.into(), help: help.into() }
    }

    /// Creates the error as a result.
    pub(super) fn err<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Self> {
        Err(FormatError::new(message, help))
    }

    /// Turns the error into a fault at the place of the string.
    pub(super) fn at(self, span: Range<usize>) -> Fault {
        Fault { span, message: self.message, help: self.help }
    }
}
