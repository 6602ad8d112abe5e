//! Runs a program that shares the terminal with `rel`, without a deadline: a person may be typing in it.

use super::spec::CommandSpec;
use std::io;
use std::process::{ExitStatus, Stdio};

/// What one of the standard streams of an attached program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The same as that of `rel`.
    Inherited,
    /// Nothing to read, or nowhere to write.
    Null,
    /// The standard error of `rel`, because its standard output is for results.
    Stderr,
}

impl CommandSpec {
    /// Runs the program to its end; it writes errors where `rel` does.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub fn attach(&self, input: Stream, output: Stream) -> io::Result<ExitStatus> {
        self.command(false).stdin(input.stdio()).stdout(output.stdio()).status()
    }
}

impl Stream {
    fn stdio(self) -> Stdio {
        match self {
            Stream::Inherited => Stdio::inherit(),
            Stream::Null => Stdio::null(),
            Stream::Stderr => io::stderr().into(),
        }
    }
}
