//! Runs a program to its end or its deadline, and returns what it printed.

use super::group::kill_group;
use super::spec::CommandSpec;
use super::stop;
use std::io::{self, Read, Write};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for the end of the output when the program has ended. A background process that it started may keep
/// the pipe open for ever.
const OUTPUT_GRACE: Duration = Duration::from_secs(1);

/// What a captured program may use.
#[derive(Clone, Copy, Debug)]
pub struct CaptureLimits {
    /// How long it may run.
    pub deadline: Duration,
    /// How much it may print to standard output, in bytes; more is an error. Of standard error the first so many bytes
    /// are returned.
    pub output: usize,
    /// It leads a process group of its own, which is killed at the deadline. Such a group cannot read from the terminal.
    pub own_group: bool,
}

/// What a captured program did.
#[derive(Debug)]
pub struct Captured {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed to standard output.
    pub stdout: Vec<u8>,
    /// What it printed to standard error.
    pub stderr: Vec<u8>,
}

/// Why a program could not be captured.
#[derive(Debug)]
pub enum CaptureError {
    /// It could not be started.
    NotStarted(io::Error),
    /// The system does not say how it ended.
    Lost(io::Error),
    /// It did not end before the deadline, and was killed.
    TimedOut,
    /// It printed more than the limit.
    TooMuchOutput,
    /// A signal told `rel` to end while it ran, and it was killed.
    Interrupted,
}

impl CommandSpec {
    /// Runs the program and captures its output.
    ///
    /// # Errors
    ///
    /// The program cannot be started, does not end in time, or prints too much.
    pub fn capture(mut self, limits: &CaptureLimits) -> Result<Captured, CaptureError> {
        let input = self.input.take();
        let mut command = self.command(limits.own_group);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(CaptureError::NotStarted)?;
        if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
            // In a thread, because the program may print before it has read everything. It need not read its input.
            thread::spawn(move || drop(pipe.write_all(&input)));
        }
        let stdout = child.stdout.take().map(|pipe| PipeReader::start(pipe, limits.output));
        let stderr = child.stderr.take().map(|pipe| PipeReader::start(pipe, limits.output));
        let status = wait(&mut child, limits)?;
        let (stderr, _) = stderr.map(PipeReader::finish).unwrap_or_default();
        let (stdout, truncated) = stdout.map(PipeReader::finish).unwrap_or_default();
        if truncated { Err(CaptureError::TooMuchOutput) } else { Ok(Captured { status, stdout, stderr }) }
    }
}

/// Waits for the end of a program; kills it at the deadline, and when a signal tells `rel` to end. What is started after
/// the signal has the rest of the time to end.
fn wait(child: &mut Child, limits: &CaptureLimits) -> Result<ExitStatus, CaptureError> {
    let begun = Instant::now();
    let to_end = stop::time_to_end();
    let deadline = limits.deadline.min(to_end.unwrap_or(limits.deadline));
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait().map_err(CaptureError::Lost)? {
            return Ok(status);
        }
        let interrupted = to_end.is_none() && stop::time_to_end().is_some();
        if interrupted || begun.elapsed() > deadline {
            if limits.own_group {
                kill_group(child);
            }
            drop(child.kill());
            drop(child.wait());
            return Err(if interrupted { CaptureError::Interrupted } else { CaptureError::TimedOut });
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Reads a pipe in a thread of its own, up to a limit; the rest is discarded, so that the program is not blocked.
struct PipeReader {
    read: Arc<Mutex<(Vec<u8>, bool)>>,
    done: mpsc::Receiver<()>,
}

impl PipeReader {
    fn start(mut pipe: impl Read + Send + 'static, limit: usize) -> Self {
        let read = Arc::new(Mutex::new((Vec::new(), false)));
        let (sender, done) = mpsc::channel();
        let shared = Arc::clone(&read);
        thread::spawn(move || {
            let mut block = [0; 1 << 16];
            // What was read before a pipe broke is still what the program printed.
            while let Ok(count @ 1..) = pipe.read(&mut block) {
                if let Ok(mut read) = shared.lock() {
                    let kept = count.min(limit.saturating_sub(read.0.len()));
                    read.0.extend_from_slice(block.get(..kept).unwrap_or_default());
                    read.1 |= kept < count;
                }
            }
            // The receiver may have stopped waiting.
            let _ = sender.send(());
        });
        PipeReader { read, done }
    }

    /// Returns what was read, and whether something was discarded.
    fn finish(self) -> (Vec<u8>, bool) {
        let _ = self.done.recv_timeout(OUTPUT_GRACE);
        self.read.lock().map(|mut read| std::mem::take(&mut *read)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{CaptureError, CaptureLimits, Captured};
    use crate::process::{CommandEnvironment, CommandSpec};
    use std::time::{Duration, Instant};

    fn shell(script: &str, deadline: Duration) -> Result<Captured, CaptureError> {
        let spec = CommandSpec::new("sh", CommandEnvironment::inherited()).arguments(["-c", script]);
        spec.input("question").capture(&CaptureLimits { deadline, output: 1000, own_group: true })
    }

    #[test]
    fn input_is_passed_and_both_outputs_are_returned() {
        let captured = shell("cat; echo trouble >&2; exit 3", Duration::from_secs(60)).unwrap();
        assert_eq!((captured.stdout, captured.stderr), (b"question".to_vec(), b"trouble\n".to_vec()));
        assert_eq!(captured.status.code(), Some(3));
    }

    #[test]
    fn output_beyond_the_limit_is_an_error_on_stdout_and_cut_on_stderr() {
        let long = |stream| shell(&format!("head -c 2000 /dev/zero {stream}"), Duration::from_secs(60));
        assert!(matches!(long(""), Err(CaptureError::TooMuchOutput)));
        assert_eq!(long(">&2").unwrap().stderr.len(), 1000);
    }

    #[test]
    fn a_program_is_killed_with_its_children_at_the_deadline() {
        let begun = Instant::now();
        assert!(matches!(shell("sleep 60 | cat", Duration::from_millis(100)), Err(CaptureError::TimedOut)));
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_background_process_that_keeps_the_pipe_open_is_not_waited_for() {
        let begun = Instant::now();
        let captured = shell("sleep 60 & echo $!", Duration::from_secs(60)).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(30));
        let pid = String::from_utf8(captured.stdout).unwrap().trim().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
}
