//! One command: its own process group, nothing to read, a deadline, and an end that leaves nobody behind. What it prints
//! is told line by line while it runs. A thread watches the process; the caller's own thread reads and looks around, so
//! that a slow remote never delays a deadline. Leans on `group`, `stop` and `mask`.

use super::group::Group;
use super::mask::Mask;
use super::stop::Stop;
use crate::config::Words;
use crate::error::{Error, Kind, Result};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// From SIGTERM to SIGKILL.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// The same where somebody waits for `rel` to end: a CI system that cancels kills after 7.5 s.
const GRACE_INTERRUPTED: Duration = Duration::from_secs(4);
/// So many lines are kept for the error.
const KEPT: usize = 20;
/// A line is cut behind so many bytes.
const LONGEST_LINE: u64 = 4096;
/// How often the caller's thread looks around while a command runs.
const GLANCE: Duration = Duration::from_millis(50);

/// A command with its surroundings.
pub(super) struct Task<'a> {
    pub words: &'a Words,
    pub folder: &'a Path,
    pub variables: &'a [(String, String)],
    pub timeout: Duration,
    pub mask: &'a Mask,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With 0.
    Done,
    /// With another code, or by a signal.
    Failed(String),
    /// Its time was over: nobody knows how far it came.
    TimedOut,
    /// `rel` was told to end.
    Interrupted,
    /// A rollback took over.
    Superseded,
}

/// The end and the last words.
#[derive(Debug)]
pub(super) struct Ended {
    /// How it ended.
    pub end: End,
    /// The last lines that it printed.
    pub tail: Vec<String>,
}

enum Told {
    Line(String),
    End(Result<End>),
}

/// Runs one to its end. `told` gets every line, `glance` is called all the while.
pub(super) fn run(
    task: &Task<'_>,
    stop: &Stop,
    told: &mut dyn FnMut(&str),
    glance: &mut dyn FnMut(),
) -> Result<Ended> {
    let mut child = command(task)?.spawn().map_err(|error| {
        Error::new(Kind::Failed, format!("{} cannot be started", program(task)))
            .cause(error)
            .hint("a command is a program on PATH, or a path from the top of the tree in which it runs")
    })?;
    let (sender, receiver) = mpsc::sync_channel(1024);
    let ends = [
        child.stdout.take().map(|end| Box::new(end) as Box<dyn Read + Send>),
        child.stderr.take().map(|end| Box::new(end) as Box<dyn Read + Send>),
    ];
    let readers: Vec<_> = ends.into_iter().flatten().map(|end| reader(end, sender.clone())).collect();
    let (watched, timeout) = (stop.clone(), task.timeout);
    thread::spawn(move || {
        let end = supervise(Group::new(child), timeout, &watched);
        // What was printed before the end is told before it; whoever still holds the pipe is not waited for.
        let patience = Instant::now();
        while readers.iter().any(|reader| !reader.is_finished())
            && patience.elapsed() < Duration::from_millis(300)
        {
            thread::sleep(Duration::from_millis(2));
        }
        let _ = sender.send(Told::End(end));
    });
    let mut tail = VecDeque::new();
    loop {
        // On every turn: a command that never pauses in its output is looked after, too.
        glance();
        match receiver.recv_timeout(GLANCE) {
            Ok(Told::Line(line)) => {
                let line = task.mask.hide(&line);
                told(&line);
                tail.push_back(line);
                if tail.len() > KEPT {
                    tail.pop_front();
                }
            }
            Ok(Told::End(end)) => return end.map(|end| Ended { end, tail: tail.into() }),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::defect(format!("nobody watches {} any more", program(task))));
            }
        }
    }
}

fn program<'a>(task: &Task<'a>) -> &'a str {
    task.words.first().map_or("", String::as_str)
}

fn command(task: &Task<'_>) -> Result<Command> {
    let Some((program, arguments)) = task.words.split_first() else {
        return Err(Error::defect("an empty command passed the check of release.toml"));
    };
    // A path is one from the folder that it runs in, whatever folder this process is in.
    let mut command =
        if program.contains('/') { Command::new(task.folder.join(program)) } else { Command::new(program) };
    command.args(arguments).current_dir(task.folder).env_clear();
    command.envs(task.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    Ok(command)
}

/// Waits for the leader; ends the whole group where its time is over or somebody says so.
fn supervise(mut group: Group, timeout: Duration, stop: &Stop) -> Result<End> {
    let lost = |error| Error::new(Kind::Unknown, "a command was lost sight of").cause(error);
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = group.ended().map_err(lost)? {
            if status.success() {
                // What it left running on purpose, as a server that it started, stays.
                return Ok(End::Done);
            }
            // Where a signal went to `rel` and to all that it started at once, the command may be the first to go.
            let interrupted = interrupted_too(status, stop);
            end(&mut group, GRACE, stop);
            return Ok(if interrupted { End::Interrupted } else { End::Failed(words(status)) });
        }
        let why = if stop.interrupted() {
            End::Interrupted
        } else if stop.superseded() {
            End::Superseded
        } else if begun.elapsed() >= timeout {
            End::TimedOut
        } else {
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
            continue;
        };
        end(&mut group, GRACE, stop);
        // Whoever interrupts while a command is given its grace is answered as one who interrupts.
        return Ok(if why == End::TimedOut && stop.interrupted() { End::Interrupted } else { why });
    }
}

/// Whether a command that did not succeed was ended by the signal that `rel` got, too.
fn interrupted_too(status: ExitStatus, stop: &Stop) -> bool {
    // A shell tells of a signal with a code above 128.
    let by_signal = status.code().is_none_or(|code| code > 128);
    let begun = Instant::now();
    while by_signal && !stop.interrupted() && begun.elapsed() < Duration::from_millis(100) {
        thread::sleep(Duration::from_millis(5));
    }
    stop.interrupted()
}

/// SIGTERM, a grace, SIGKILL; returns when nobody of the group is left. The grace is short from when `rel` is told to end.
fn end(group: &mut Group, grace: Duration, stop: &Stop) {
    let gone = |group: &mut Group, patience: Duration| {
        let mut until = Instant::now() + patience;
        let mut hurried = false;
        loop {
            // A status that cannot be read is no reason to leave the others running.
            let _ = group.ended();
            if group.is_empty() {
                return true;
            }
            if stop.interrupted() && !hurried {
                hurried = true;
                until = until.min(Instant::now() + GRACE_INTERRUPTED);
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
        // Only what hangs in the kernel survives SIGKILL for a while.
        gone(group, Duration::from_secs(2));
    }
}

fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}

/// Reads lines in a thread of its own; overlong ones are cut.
fn reader(end: Box<dyn Read + Send>, sender: SyncSender<Told>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut lines = BufReader::new(end);
        let mut line = Vec::new();
        loop {
            line.clear();
            match (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line) {
                // A pipe that breaks has no more to say.
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            if sender.send(Told::Line(text)).is_err() {
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{End, Ended, Task, run};
    use crate::deploy::{Mask, Stop, adopt_orphans};
    use std::path::Path;
    use std::time::{Duration, Instant};

    fn shell(line: &str, timeout: Duration, stop: &Stop) -> (Ended, Vec<String>, Duration) {
        adopt_orphans();
        let words = ["sh", "-c", line].map(str::to_owned).to_vec();
        let variables = [("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
        let mask = Mask::new(["sesame-open".to_owned()]);
        let task =
            Task { words: &words, folder: Path::new("/"), variables: &variables, timeout, mask: &mask };
        let (mut said, begun) = (Vec::new(), Instant::now());
        let ended = run(&task, stop, &mut |line| said.push(line.to_owned()), &mut || {}).unwrap();
        (ended, said, begun.elapsed())
    }

    #[test]
    fn output_is_told_masked_and_the_last_lines_kept() {
        let line = "echo sesame-open; seq 1 30 >&2; sed q; exit 3";
        let (ended, said, _) = shell(line, Duration::from_secs(10), &Stop::default());
        assert_eq!(ended.end, End::Failed("ended with 3".into()));
        assert_eq!(said.len(), 31);
        assert!(said.contains(&"***".to_owned()) && ended.tail.len() == 20);
    }

    #[test]
    fn a_server_that_was_started_stays_and_nobody_waits_for_its_pipe() {
        let (ended, said, took) = shell("sleep 20 & echo $!", Duration::from_secs(10), &Stop::default());
        assert_eq!(ended.end, End::Done);
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert!(Path::new(&format!("/proc/{}", said[0])).exists());
        let pid = rustix::process::Pid::from_raw(said[0].parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    #[test]
    fn who_goes_first_of_one_signal_is_interrupted_and_not_failed() {
        let stop = Stop::default();
        let signal = std::sync::Arc::clone(&stop.signal);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(250));
            signal.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let (ended, ..) = shell("sleep 0.2; kill -TERM $$", Duration::from_secs(60), &stop);
        assert_eq!(ended.end, End::Interrupted);
        let (ended, ..) = shell("kill -TERM $$", Duration::from_secs(60), &Stop::default());
        assert_eq!(ended.end, End::Failed("was ended by signal 15".into()));
    }

    #[test]
    fn children_that_ignore_sigterm_are_gone_when_an_interrupted_command_has_ended() {
        let stop = Stop::default();
        let signal = std::sync::Arc::clone(&stop.signal);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            signal.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let line = "trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$; sleep 60\" & echo $$; wait; sleep 60";
        let (ended, said, took) = shell(line, Duration::from_secs(60), &stop);
        assert_eq!(ended.end, End::Interrupted);
        assert_eq!(said.len(), 2);
        assert!(took > Duration::from_secs(4) && took < Duration::from_secs(7), "{took:?}");
        for pid in said {
            assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} is left");
        }
    }
}
