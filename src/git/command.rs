//! Runs the user's `git`. Options are written in this program; everything else is an operand behind
//! `--end-of-options`. Without a terminal git asks nothing, and every command has a deadline.

use super::variables;
use crate::error::{Error, Kind, Result};
use crate::model::CommitId;
use crate::process::{CaptureError, CaptureLimits, CommandEnvironment, CommandSpec};
use rustix::process::Signal;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a command may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(300);
/// How long a command may take that waits for a remote which may never answer.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);
/// How much a command may print, in bytes: `ls-remote` of a repository with a million refs.
const MAX_OUTPUT: usize = 1 << 28;

/// The `git` on PATH, run in one folder.
#[derive(Clone)]
pub struct GitProgram {
    folder: PathBuf,
    terminal: bool,
    network_timeout: Duration,
    environment: CommandEnvironment,
}

/// Why a command did not end by itself.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// Its time was over.
    TimedOut(Error),
    /// A signal told `rel` to end.
    Interrupted(Error),
    /// Git cannot be run, or its output is too long.
    Other(Error),
}

impl From<Unfinished> for Error {
    fn from(unfinished: Unfinished) -> Error {
        match unfinished {
            Unfinished::TimedOut(error) | Unfinished::Interrupted(error) | Unfinished::Other(error) => error,
        }
    }
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(super) struct GitOutput {
    /// It ended with exit code 0.
    pub ok: bool,
    /// What it printed.
    pub stdout: String,
    /// The first lines of what it printed to standard error, as one line; where it failed silently, how it ended.
    pub message: String,
    /// All that it printed to standard error.
    pub stderr: String,
    /// It was ended by SIGPIPE: the process that it wrote to was gone.
    pub broken_pipe: bool,
}

/// One `git` command, as it is put together.
pub(super) struct GitCommand<'a> {
    program: &'a GitProgram,
    name: &'static str,
    settings: Vec<OsString>,
    options: Vec<OsString>,
    operands: Vec<OsString>,
    input: Option<String>,
    deadline: Duration,
}

impl GitProgram {
    /// Returns `git` in `folder`. `terminal`: it may ask for a passphrase.
    pub fn new(folder: &Path, terminal: bool) -> Self {
        GitProgram {
            folder: folder.to_owned(),
            terminal,
            network_timeout: NETWORK_TIMEOUT,
            environment: variables::of_users_repository(),
        }
    }

    /// Sets how long commands wait for a remote.
    #[must_use]
    pub fn with_network_timeout(self, network_timeout: Duration) -> Self {
        GitProgram { network_timeout, ..self }
    }

    /// Names the repository explicitly, as `GIT_DIR` or `GIT_WORK_TREE` did: git and libgit2 derive a missing work tree
    /// differently.
    pub(super) fn in_repository(self, git_dir: &Path, common_dir: &Path, work_tree: Option<&Path>) -> Self {
        let environment = self.environment.with("GIT_DIR", git_dir).with("GIT_COMMON_DIR", common_dir);
        let environment = match work_tree {
            Some(top) => environment.with("GIT_WORK_TREE", top),
            None => environment.without("GIT_WORK_TREE"),
        };
        // The address of a remote may be relative to the top of the work tree.
        let folder = work_tree.unwrap_or(git_dir).to_owned();
        GitProgram { folder, environment, ..self }
    }

    /// Returns the same program in another folder, with other variables.
    pub(super) fn in_folder(&self, folder: &Path, environment: CommandEnvironment) -> Self {
        GitProgram { folder: folder.to_owned(), environment, ..self.clone() }
    }

    /// Returns the same program with another variable.
    pub(super) fn with_variable(&self, name: &str, value: impl Into<OsString>) -> Self {
        GitProgram { environment: self.environment.clone().with(name, value), ..self.clone() }
    }

    /// Begins a command.
    pub(super) fn command(&self, name: &'static str) -> GitCommand<'_> {
        let (settings, options, operands) = (Vec::new(), Vec::new(), Vec::new());
        GitCommand { program: self, name, settings, options, operands, input: None, deadline: DEADLINE }
    }
}

impl GitCommand<'_> {
    /// Adds an option. Only text of this program can be one.
    pub(super) fn option(mut self, option: &'static str) -> Self {
        self.options.push(option.into());
        self
    }

    /// Adds an option with a number, such as `--deepen=50`.
    pub(super) fn number(mut self, option: &'static str, number: u32) -> Self {
        self.options.push(format!("{option}={number}").into());
        self
    }

    /// Adds `--contains`, which takes its commit only as part of the option.
    pub(super) fn contains(mut self, commit: CommitId) -> Self {
        self.options.push(format!("--contains={commit}").into());
        self
    }

    /// Adds a parent, for `commit-tree`.
    pub(super) fn parent(mut self, commit: CommitId) -> Self {
        self.options.extend(["-p".into(), commit.to_string().into()]);
        self
    }

    /// Adds what a full ref is expected to be on the remote; `None` for absent.
    pub(super) fn lease(mut self, reference: &str, expected: Option<CommitId>) -> Self {
        let expected = expected.map_or_else(String::new, |commit| commit.to_string());
        self.options.push(format!("--force-with-lease={reference}:{expected}").into());
        self
    }

    /// Adds an option for the hooks of the remote (git-push(1), `--push-option`).
    pub(super) fn push_option(mut self, value: &str) -> Self {
        self.options.push(format!("--push-option={value}").into());
        self
    }

    /// Sets a setting for this command, whose value is one of our own files.
    pub(super) fn setting(mut self, name: &'static str, file: &Path) -> Self {
        let mut setting = OsString::from(name);
        setting.push("=");
        setting.push(file);
        self.settings.extend(["-c".into(), setting]);
        self
    }

    /// Adds the folder that files are written to, for `checkout-index`.
    pub(super) fn prefix(mut self, folder: &Path) -> Self {
        let mut option = OsString::from("--prefix=");
        option.push(folder);
        option.push("/");
        self.options.push(option);
        self
    }

    /// Sets what git reads from standard input.
    pub(super) fn input(mut self, text: impl Into<String>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Adds a ref, a commit, a remote or a path. Git never takes it for an option.
    pub(super) fn operand(mut self, operand: impl Into<OsString>) -> Self {
        self.operands.push(operand.into());
        self
    }

    /// Shortens the deadline: the command waits for a remote that may never answer.
    pub(super) fn with_network_timeout(mut self) -> Self {
        self.deadline = self.program.network_timeout;
        self
    }

    /// Runs the command. A command that fails is not an error here.
    ///
    /// # Errors
    ///
    /// Exit code 4: git cannot be started. Exit code 6: it did not end in time. Exit code 130: a signal ended it.
    pub(super) fn run(self) -> Result<GitOutput> {
        Ok(self.try_run()?)
    }

    /// Runs the command like `run`, and tells why it did not end.
    pub(super) fn try_run(self) -> std::result::Result<GitOutput, Unfinished> {
        let GitCommand { program, name, settings, options, operands, input, deadline } = self;
        let mut environment = program.environment.clone().with("LC_ALL", "C");
        if !program.terminal {
            environment = environment.with("GIT_TERMINAL_PROMPT", "0");
        }
        let mut spec = CommandSpec::new("git", environment).folder(&program.folder);
        spec = spec.arguments(settings).arguments([name]).arguments(options);
        if !operands.is_empty() {
            spec = spec.arguments(["--end-of-options"]).arguments(operands);
        }
        if let Some(input) = input {
            spec = spec.input(input);
        }
        // A group of its own, so that ssh and helpers end with it; at a terminal they must be able to ask.
        let limits = CaptureLimits { deadline, output: MAX_OUTPUT, own_group: !program.terminal };
        let captured = spec.capture(&limits).map_err(|error| unfinished(name, deadline, error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&captured.stdout), text(&captured.stderr));
        let status = captured.status;
        let mut message = first_lines(&stderr);
        if message.is_empty() && !status.success() {
            message = format!("git {name} failed without a message: {status}");
        }
        let broken_pipe = status.signal() == Some(Signal::PIPE.as_raw());
        Ok(GitOutput { ok: status.success(), stdout, message, stderr, broken_pipe })
    }
}

fn unfinished(name: &str, deadline: Duration, error: CaptureError) -> Unfinished {
    match error {
        CaptureError::NotStarted(error) => Unfinished::Other(
            Error::new(Kind::Refused, "git cannot be started")
                .cause(error)
                .hint("install git, or put it on PATH"),
        ),
        CaptureError::Lost(error) => {
            Unfinished::Other(Error::refused(format!("lost track of git {name}")).cause(error))
        }
        CaptureError::TimedOut => {
            let message = format!("git {name} did not finish within {} s", deadline.as_secs());
            Unfinished::TimedOut(Error::unreachable(message))
        }
        CaptureError::Interrupted => {
            Unfinished::Interrupted(Error::new(Kind::Interrupted, format!("interrupted during git {name}")))
        }
        CaptureError::TooMuchOutput => {
            Unfinished::Other(Error::unreachable(format!("git {name} printed too much output")))
        }
    }
}

/// Returns the first three lines that are not empty, as one.
fn first_lines(stderr: &str) -> String {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix("fatal: ").unwrap_or(line)).take(3).collect();
    lines.join("; ")
}
