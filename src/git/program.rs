//! The one way in which the user's `git` is called: options are written in this program, everything else is an
//! operand behind `--end-of-options`; nothing is asked without a terminal; nothing runs for ever. Leans on `error`.

use crate::error::{Error, Kind, Result};
use crate::model::CommitId;
use rustix::process::Signal;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(300);
/// How long one exchange with a remote may take that somebody waits for.
const EXCHANGE: Duration = Duration::from_secs(30);

/// The `git` on PATH, run in one folder.
#[derive(Clone, Debug)]
pub struct Program {
    folder: PathBuf,
    terminal: bool,
    exchange: Duration,
    /// Variables that it is given; without a value they are taken away.
    environment: Vec<(String, Option<String>)>,
}

/// What a call of `git` answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// It ended with 0.
    pub ok: bool,
    /// What it printed.
    pub stdout: String,
    /// What it said, cut to the lines that tell; where it failed without a word, how it ended.
    pub stderr: String,
    /// All that it said.
    pub said: String,
    /// It wrote to a process that was gone (SIGPIPE).
    pub pipe: bool,
}

/// One call of `git`, being put together.
#[derive(Debug)]
pub(super) struct Call<'a> {
    program: &'a Program,
    name: &'static str,
    settings: Vec<OsString>,
    options: Vec<OsString>,
    operands: Vec<OsString>,
    input: Option<String>,
    deadline: Duration,
}

impl Program {
    /// `git`, run in `folder`; with a terminal it may ask for a passphrase.
    pub fn new(folder: &Path, terminal: bool) -> Self {
        Program { folder: folder.to_owned(), terminal, exchange: EXCHANGE, environment: Vec::new() }
    }

    /// The same program, which waits for a remote no longer than this.
    #[must_use]
    pub fn patient_for(self, exchange: Duration) -> Self {
        Program { exchange, ..self }
    }

    /// The same program in another folder, with these variables.
    pub(super) fn beside(&self, folder: &Path, environment: Vec<(String, Option<String>)>) -> Self {
        Program { folder: folder.to_owned(), environment, ..self.clone() }
    }

    /// Begins a call of a subcommand.
    pub(super) fn call(&self, name: &'static str) -> Call<'_> {
        let (settings, options, operands) = (Vec::new(), Vec::new(), Vec::new());
        Call { program: self, name, settings, options, operands, input: None, deadline: DEADLINE }
    }
}

impl Call<'_> {
    /// Adds an option. Only what stands in this program can be one.
    pub(super) fn option(mut self, option: &'static str) -> Self {
        self.options.push(option.into());
        self
    }

    /// Adds an option with a number, as `--deepen=50`.
    pub(super) fn number(mut self, option: &'static str, number: u32) -> Self {
        self.options.push(format!("{option}={number}").into());
        self
    }

    /// Adds `--contains`, which takes its commit only as part of the option; forty digits can do no harm.
    pub(super) fn contains(mut self, commit: CommitId) -> Self {
        self.options.push(format!("--contains={commit}").into());
        self
    }

    /// Adds a parent, for `commit-tree`; forty digits can do no harm.
    pub(super) fn parent(mut self, commit: CommitId) -> Self {
        self.options.extend(["-p".into(), commit.to_string().into()]);
        self
    }

    /// Adds what a full ref is expected to be on the remote: `None` for absent. The ref begins with `refs/`.
    pub(super) fn lease(mut self, reference: &str, expected: Option<CommitId>) -> Self {
        let expected = expected.map_or_else(String::new, |commit| commit.to_string());
        self.options.push(format!("--force-with-lease={reference}:{expected}").into());
        self
    }

    /// Adds an option of the user's own for the remote's hooks (git-push(1), `--push-option`).
    pub(super) fn push_option(mut self, value: &str) -> Self {
        self.options.push(format!("--push-option={value}").into());
        self
    }

    /// A setting for this call alone, whose value is a file of our own.
    pub(super) fn setting(mut self, name: &'static str, file: &Path) -> Self {
        let mut setting = OsString::from(name);
        setting.push("=");
        setting.push(file);
        self.settings.extend(["-c".into(), setting]);
        self
    }

    /// What git reads from standard input.
    pub(super) fn input(mut self, text: impl Into<String>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Adds a ref, a commit, a remote, a path: whatever it is, git does not take it for an option.
    pub(super) fn operand(mut self, operand: impl Into<OsString>) -> Self {
        self.operands.push(operand.into());
        self
    }

    /// Somebody waits for a remote that may never answer.
    pub(super) fn exchange(mut self) -> Self {
        self.deadline = self.program.exchange;
        self
    }

    /// Runs it to its end.
    pub(super) fn run(self) -> Result<Answer> {
        let mut command = Command::new("git");
        command.current_dir(&self.program.folder).args(&self.settings).arg(self.name).args(&self.options);
        for (name, value) in &self.program.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if !self.operands.is_empty() {
            command.arg("--end-of-options").args(&self.operands);
        }
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).env("LC_ALL", "C");
        for secret in crate::model::SECRET_VARIABLES {
            command.env_remove(secret);
        }
        if !self.program.terminal {
            // Its own group, so that ssh and helpers end with it; at a terminal they must be able to ask.
            command.env("GIT_TERMINAL_PROMPT", "0").process_group(0);
        }
        let mut child = command.spawn().map_err(|error| {
            Error::new(Kind::Refused, "git cannot be started")
                .cause(error)
                .hint("install git, or put it on PATH")
        })?;
        if let (Some(text), Some(mut end)) = (self.input, child.stdin.take()) {
            // A thread of its own: git may print before it has read all. What it does not read, it does not want.
            thread::spawn(move || drop(end.write_all(text.as_bytes())));
        }
        wait(child, self.name, !self.program.terminal, self.deadline)
    }
}

/// Reads both ends until the process is gone, or ends it at the deadline.
fn wait(mut child: Child, name: &str, own_group: bool, deadline: Duration) -> Result<Answer> {
    let stdout = child.stdout.take().map(reader);
    let stderr = child.stderr.take().map(reader);
    let begun = Instant::now();
    let mut pause = Duration::from_micros(200);
    let status = loop {
        if let Some(status) =
            child.try_wait().map_err(|error| Error::refused(format!("git {name} was lost")).cause(error))?
        {
            break status;
        }
        if begun.elapsed() > deadline {
            end(&mut child, own_group);
            return Err(Error::unreachable(format!(
                "git {name} did not end within {} s",
                deadline.as_secs()
            )));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let text = |reader: Option<Reader>| reader.map(Reader::finish).unwrap_or_default();
    let said = text(stderr);
    let mut stderr = telling(&said);
    if stderr.is_empty() && !status.success() {
        stderr = format!("git {name} ended without a word: {status}");
    }
    let pipe = status.signal() == Some(Signal::PIPE.as_raw());
    Ok(Answer { ok: status.success(), stdout: text(stdout), stderr, said, pipe })
}

/// The lines of git's complaint that tell something, as one.
fn telling(stderr: &str) -> String {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix("fatal: ").unwrap_or(line)).take(3).collect();
    lines.join("; ")
}

/// What comes out of one end, read beside the process.
struct Reader {
    bytes: Arc<Mutex<Vec<u8>>>,
    done: mpsc::Receiver<()>,
}

fn reader(mut end: impl Read + Send + 'static) -> Reader {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let (tell, done) = mpsc::channel();
    let shared = Arc::clone(&bytes);
    thread::spawn(move || {
        let mut block = [0; 1 << 16];
        // What was read before the pipe broke is still what git said.
        while let Ok(count @ 1..) = end.read(&mut block) {
            if let Ok(mut bytes) = shared.lock() {
                bytes.extend_from_slice(block.get(..count).unwrap_or_default());
            }
        }
        // Whoever waited may have gone on.
        let _ = tell.send(());
    });
    Reader { bytes, done }
}

impl Reader {
    /// All of it. A helper that git left behind may keep the end open: nobody waits for that one.
    fn finish(self) -> String {
        let _ = self.done.recv_timeout(Duration::from_secs(1));
        self.bytes.lock().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// Ends the process and, where it has one of its own, its group.
fn end(child: &mut Child, own_group: bool) {
    if own_group && let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    drop(child.kill());
    drop(child.wait());
}
