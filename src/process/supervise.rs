//! Runs a command in a process group of its own, with nothing to read, until it ends, its time is over or it is stopped;
//! afterwards nothing of the group is left. Lines are passed on while it runs. A thread watches the process, and the
//! caller's thread reads, so that a slow observer never delays a deadline.

use super::group::ProcessGroup;
use super::lines::RedactedLines;
use super::spec::CommandSpec;
use super::stop::Stop;
use crate::error::{Error, Kind, Result};
use std::collections::VecDeque;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// From SIGTERM to SIGKILL.
pub const GRACE_PERIOD: Duration = Duration::from_secs(10);
/// The same when `rel` itself is told to end: a CI system that cancels a job kills it after 7.5 s.
const GRACE_PERIOD_INTERRUPTED: Duration = Duration::from_secs(4);
/// How long to wait for the end of the output when the command has ended: a background process may keep the pipe open.
const OUTPUT_GRACE: Duration = Duration::from_millis(300);
/// How many of the last lines are kept for the error.
const TAIL_LINES: usize = 20;
/// How often the observer is called while a command runs.
const TICK: Duration = Duration::from_millis(50);
/// How much is read from a pipe at once, in bytes.
const PIECE: usize = 8192;

/// Who is told what a command does while it runs.
pub trait Observer {
    /// A line was printed; its secrets are hidden.
    fn on_line(&mut self, line: &str);
    /// Some time has passed, at most 50 ms.
    fn on_tick(&mut self) {}
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessEnd {
    /// With exit code 0.
    Success,
    /// With another code, or by a signal: `exited with code 3`.
    Failed(String),
    /// Its time was over, and it was ended: how far it came is unknown.
    TimedOut,
    /// `rel` was told to end.
    Interrupted,
    /// The caller cancelled it (`Stop::cancel`).
    Cancelled,
}

/// What a supervised command did.
#[derive(Debug)]
pub struct Supervised {
    /// How it ended.
    pub end: ProcessEnd,
    /// The last lines that it printed, at most 20.
    pub tail: Vec<String>,
}

/// What the threads around a command report.
enum Report {
    Output(Output, Vec<u8>),
    End(Result<ProcessEnd>),
}

/// The two outputs of a command.
#[derive(Clone, Copy)]
enum Output {
    Stdout,
    Stderr,
}

impl CommandSpec {
    /// Runs the command to its end, or ends it.
    ///
    /// # Errors
    ///
    /// Exit code 8: the command cannot be started. Exit code 9: the system does not say how it ended.
    pub fn supervise(
        &self,
        timeout: Duration,
        stop: &Stop,
        observer: &mut dyn Observer,
    ) -> Result<Supervised> {
        let mut command = self.command(false);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let group = ProcessGroup::start(command).map_err(|error| {
            Error::new(Kind::Failed, format!("{} cannot be started", self.program.to_string_lossy()))
                .cause(error)
                .hint("use the name of a program on PATH, or a path relative to the top of the tree that the command runs in")
        })?;
        let (sender, receiver) = mpsc::sync_channel(1024);
        watch(group, timeout, stop.clone(), sender);
        self.observe(&receiver, observer)
    }

    /// Passes on what is reported until the command has ended.
    fn observe(&self, reports: &Receiver<Report>, observer: &mut dyn Observer) -> Result<Supervised> {
        let redactor = self.environment.redactor();
        let (mut stdout, mut stderr) = (RedactedLines::new(redactor), RedactedLines::new(redactor));
        let mut tail = VecDeque::new();
        loop {
            // On every turn: a command that prints without a pause must not keep the observer waiting.
            observer.on_tick();
            let mut on_line = |line: &str| {
                observer.on_line(line);
                tail.push_back(line.to_owned());
                if tail.len() > TAIL_LINES {
                    tail.pop_front();
                }
            };
            match reports.recv_timeout(TICK) {
                Ok(Report::Output(Output::Stdout, piece)) => stdout.push(&piece, &mut on_line),
                Ok(Report::Output(Output::Stderr, piece)) => stderr.push(&piece, &mut on_line),
                Ok(Report::End(end)) => {
                    stdout.finish(&mut on_line);
                    stderr.finish(&mut on_line);
                    return end.map(|end| Supervised { end, tail: tail.into() });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::defect("the thread that watches a command has ended"));
                }
            }
        }
    }
}

/// Watches a command in a thread, which reports its output and how it ended.
fn watch(mut group: ProcessGroup, timeout: Duration, stop: Stop, sender: SyncSender<Report>) {
    let (stdout, stderr) = group.outputs();
    let stdout = stdout.map(|pipe| read(Output::Stdout, pipe, sender.clone()));
    let stderr = stderr.map(|pipe| read(Output::Stderr, pipe, sender.clone()));
    thread::spawn(move || {
        let end = wait(group, timeout, &stop);
        let ended = Instant::now();
        let reading = || [&stdout, &stderr].into_iter().flatten().any(|reader| !reader.is_finished());
        while reading() && ended.elapsed() < OUTPUT_GRACE {
            thread::sleep(Duration::from_millis(2));
        }
        let _ = sender.send(Report::End(end));
    });
}

/// Reads a pipe in a thread of its own.
fn read(
    output: Output,
    mut pipe: impl Read + Send + 'static,
    sender: SyncSender<Report>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut piece = [0; PIECE];
        // A pipe that breaks has ended.
        while let Ok(count @ 1..) = pipe.read(&mut piece) {
            let piece = piece.get(..count).unwrap_or_default().to_vec();
            if sender.send(Report::Output(output, piece)).is_err() {
                return;
            }
        }
    })
}

/// Waits for the leader, and ends the whole group when its time is over or it is stopped.
fn wait(mut group: ProcessGroup, timeout: Duration, stop: &Stop) -> Result<ProcessEnd> {
    let lost = |error| Error::new(Kind::Unknown, "the system does not say how a command ended").cause(error);
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = group.leader_status().map_err(lost)? {
            if status.success() {
                // What it left running on purpose, such as a server that it started, stays.
                return Ok(ProcessEnd::Success);
            }
            // When a signal goes to `rel` and to everything it started at once, the command may end first.
            let interrupted = interrupted_too(status, stop);
            end(&mut group, GRACE_PERIOD, stop);
            return Ok(if interrupted {
                ProcessEnd::Interrupted
            } else {
                ProcessEnd::Failed(describe(status))
            });
        }
        let why = if stop.interrupted() {
            ProcessEnd::Interrupted
        } else if stop.cancelled() {
            ProcessEnd::Cancelled
        } else if begun.elapsed() >= timeout {
            ProcessEnd::TimedOut
        } else {
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
            continue;
        };
        end(&mut group, GRACE_PERIOD, stop);
        // An interrupt during the grace period counts as one.
        return Ok(if why == ProcessEnd::TimedOut && stop.interrupted() {
            ProcessEnd::Interrupted
        } else {
            why
        });
    }
}

/// Returns whether a command that did not succeed was ended by a signal that `rel` got, too.
fn interrupted_too(status: ExitStatus, stop: &Stop) -> bool {
    // A shell reports a signal with a code above 128.
    let by_signal = status.code().is_none_or(|code| code > 128);
    let begun = Instant::now();
    while by_signal && !stop.interrupted() && begun.elapsed() < Duration::from_millis(100) {
        thread::sleep(Duration::from_millis(5));
    }
    stop.interrupted()
}

/// Sends SIGTERM, waits for the grace period, sends SIGKILL, and returns when no process of the group is left. The grace
/// period is shortened when `rel` is told to end.
fn end(group: &mut ProcessGroup, grace: Duration, stop: &Stop) {
    let gone = |group: &mut ProcessGroup, grace: Duration| {
        let mut until = Instant::now() + grace;
        let mut shortened = false;
        loop {
            // The others are ended even if the status cannot be read.
            let _ = group.leader_status();
            if group.is_empty() {
                return true;
            }
            if stop.interrupted() && !shortened {
                shortened = true;
                until = until.min(Instant::now() + GRACE_PERIOD_INTERRUPTED);
            }
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
    };
    group.terminate();
    if !gone(group, grace) {
        group.kill();
        // Only a process that hangs in the kernel survives SIGKILL for a while.
        gone(group, Duration::from_secs(2));
    }
}

/// Returns `exited with code 3`, or which signal it was.
fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Observer, ProcessEnd, Supervised};
    use crate::process::{CommandEnvironment, CommandSpec, Stop, become_subreaper};
    use std::path::Path;
    use std::time::{Duration, Instant};

    impl Observer for Vec<String> {
        fn on_line(&mut self, line: &str) {
            self.push(line.to_owned());
        }
    }

    fn shell(script: &str, timeout: Duration, stop: &Stop) -> (Supervised, Vec<String>, Duration) {
        become_subreaper();
        let get = |name: &str| match name {
            "PATH" => Some("/usr/bin:/bin".to_owned()),
            "PASSWORD" => Some("sesame-open".to_owned()),
            _ => None,
        };
        let environment = CommandEnvironment::allowlisted(&get, &["PASSWORD".to_owned()], &[]);
        let spec = CommandSpec::new("sh", environment).arguments(["-c", script]).folder(Path::new("/"));
        let (mut lines, begun) = (Vec::new(), Instant::now());
        let supervised = spec.supervise(timeout, stop, &mut lines).unwrap();
        (supervised, lines, begun.elapsed())
    }

    #[test]
    fn output_is_passed_on_redacted_and_the_last_lines_are_kept() {
        let script = "echo $PASSWORD; seq 1 30 >&2; sed q; exit 3";
        let (ended, lines, _) = shell(script, Duration::from_secs(10), &Stop::default());
        assert_eq!(ended.end, ProcessEnd::Failed("exited with code 3".into()));
        assert_eq!(lines.len(), 31);
        assert!(lines.contains(&"***".to_owned()) && ended.tail.len() == 20);
    }

    #[test]
    fn a_background_process_keeps_running_and_its_pipe_is_not_waited_for() {
        let (ended, lines, elapsed) = shell("sleep 20 & echo $!", Duration::from_secs(10), &Stop::default());
        assert_eq!(ended.end, ProcessEnd::Success);
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
        assert!(Path::new(&format!("/proc/{}", lines[0])).exists());
        let pid = rustix::process::Pid::from_raw(lines[0].parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    #[test]
    fn a_command_that_ends_before_rel_sees_the_same_signal_is_interrupted() {
        let stop = Stop::default();
        let signal = std::sync::Arc::clone(&stop.signal);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(250));
            signal.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let (ended, ..) = shell("sleep 0.2; kill -TERM $$", Duration::from_secs(60), &stop);
        assert_eq!(ended.end, ProcessEnd::Interrupted);
        let (ended, ..) = shell("kill -TERM $$", Duration::from_secs(60), &Stop::default());
        assert_eq!(ended.end, ProcessEnd::Failed("was killed by signal 15".into()));
    }

    #[test]
    fn no_child_that_ignores_sigterm_survives_an_interrupt() {
        let stop = Stop::default();
        let signal = std::sync::Arc::clone(&stop.signal);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            signal.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let script = "trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$; sleep 60\" & echo $$; wait; sleep 60";
        let (ended, lines, elapsed) = shell(script, Duration::from_secs(60), &stop);
        assert_eq!(ended.end, ProcessEnd::Interrupted);
        assert_eq!(lines.len(), 2);
        assert!(elapsed > Duration::from_secs(4) && elapsed < Duration::from_secs(7), "{elapsed:?}");
        for pid in lines {
            assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} is still there");
        }
    }
}
