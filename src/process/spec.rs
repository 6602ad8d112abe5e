//! A command as its caller describes it.

use super::environment::CommandEnvironment;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program with its arguments, folder, environment and input.
pub struct CommandSpec {
    pub(super) program: OsString,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    pub(super) environment: CommandEnvironment,
    pub(super) input: Option<Vec<u8>>,
}

impl CommandSpec {
    /// Describes a program without arguments, in the folder of this process.
    pub fn new(program: impl Into<OsString>, environment: CommandEnvironment) -> Self {
        CommandSpec { program: program.into(), arguments: Vec::new(), folder: None, environment, input: None }
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets the folder that the program runs in, and that a program named by a relative path is looked up in.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Sets what the program reads from standard input, where it is captured; otherwise it reads nothing.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Returns the command. `own_group`: it leads a process group of its own, so that everything it starts can be
    /// ended with it.
    pub(super) fn command(&self, own_group: bool) -> Command {
        let by_path = self.program.as_encoded_bytes().contains(&b'/');
        let program = match &self.folder {
            Some(folder) if by_path => folder.join(&self.program).into_os_string(),
            _ => self.program.clone(),
        };
        let mut command = Command::new(program);
        command.args(&self.arguments);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        self.environment.apply(&mut command);
        if own_group {
            command.process_group(0);
        }
        command
    }
}
