//! Runs the stages of an operation one after the other, each only while the operation still has the lock, and returns the
//! state that was reached.

use super::result_file;
use super::stage::{Purpose, Stage, max_duration};
use super::targets::{self, Verdict};
use super::workspace::Workspace;
use crate::config::CommandLine;
use crate::error::{Error, Kind, Result};
use crate::model::{State, TargetStatus};
use crate::process::{CommandEnvironment, CommandSpec, Observer, ProcessEnd, Stop, Supervised};
use std::thread;
use std::time::{Duration, Instant};

/// How often the lock is checked while something runs or waits. Until a check sees that a rollback took over, both
/// deployers run.
const CHECK_INTERVAL: Duration = Duration::from_secs(3);

/// How long to wait before a lock is checked again that could not be checked.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// What a job asks of its caller, and tells it, while it runs.
pub trait LockMonitor {
    /// Returns whether the operation still has its lock.
    fn look(&mut self) -> LockStatus;
    /// A stage begins.
    fn on_stage(&mut self, stage: &Stage);
    /// A command printed a line.
    fn on_line(&mut self, line: &str);
}

/// Whether an operation still has its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockStatus {
    /// It has it.
    Held,
    /// It no longer has it, and why.
    Lost(String),
    /// That cannot be found out, but the operation goes on without: a rollback, or one whose start is not recorded.
    Unwatched,
    /// That cannot be found out, and why: the operation ends its step, and starts no further one.
    Unknown(String),
}

/// The commands of an operation, and what they need to run.
pub struct Job<'a> {
    /// The stages, in the order in which they run.
    pub stages: &'a [Stage],
    /// Where commands run.
    pub workspace: &'a Workspace<'a>,
    /// Which variables of this process they get.
    pub environment: &'a CommandEnvironment,
    /// What they are told about the operation: `REL_VERSION` and the like.
    pub variables: Vec<(String, String)>,
    /// How long one command may take.
    pub timeout: Duration,
}

/// How an operation ended.
#[derive(Debug)]
pub struct Outcome {
    /// The state that was reached.
    pub state: State,
    /// Why it is not healthy.
    pub fault: Option<Error>,
    /// What the deployer reported about its targets.
    pub parts: Vec<TargetStatus>,
    /// The check of a step failed.
    pub checked: bool,
}

impl Outcome {
    fn new(state: State, fault: Error) -> Self {
        Outcome { state, fault: Some(fault), parts: Vec::new(), checked: false }
    }
}

/// Runs a job. The state is `Healthy` where every stage succeeded; the caller knows whether that proves anything.
pub fn run(job: &Job<'_>, stop: &Stop, monitor: &mut dyn LockMonitor) -> Outcome {
    let begun = Instant::now();
    let mut progress = Progress {
        stop,
        monitor,
        begun,
        checked: begun,
        lost: String::new(),
        started: false,
        completed: None,
    };
    let end = run_stages(job, &mut progress);
    let parts = result_file::read(&job.workspace.result_file());
    let outcome = match (end, parts) {
        (Err(outcome), parts) => Outcome { parts: parts.unwrap_or_default(), ..*outcome },
        (Ok(()), Err(error)) => Outcome::new(State::Failed, error),
        (Ok(()), Ok(parts)) => Outcome { state: State::Healthy, fault: None, parts, checked: false },
    };
    redacted(job, with_targets(job, outcome))
}

/// Redacts what the deployer reported: it is printed and recorded.
fn redacted(job: &Job<'_>, outcome: Outcome) -> Outcome {
    let redactor = job.environment.redactor();
    let text = |text: Option<String>| text.map(|text| redactor.redact(&text));
    let target = |part: TargetStatus| TargetStatus {
        name: redactor.redact(&part.name),
        version: text(part.version),
        state: text(part.state),
    };
    Outcome {
        fault: outcome.fault.map(|fault| redactor.redact_error(fault)),
        parts: outcome.parts.into_iter().map(target).collect(),
        ..outcome
    }
}

/// Applies what the deployer reported about its targets: it makes an outcome worse, never better.
fn with_targets(job: &Job<'_>, outcome: Outcome) -> Outcome {
    let own_names = ["REL_VERSION", "REL_TAG", "REL_COMMIT"];
    let values = job.variables.iter().filter(|(name, _)| own_names.contains(&name.as_str()));
    let names: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
    let Outcome { state, fault, parts, checked } = outcome;
    let (state, fault) = match (state, targets::judge(&parts, &names)) {
        (State::Healthy | State::Failed, Verdict::Differ) => {
            let message = format!("targets disagree: {}", targets::summary(&parts));
            let fault = match fault {
                Some(fault) => Error { kind: Kind::Unknown, ..fault.cause(message) },
                None => Error::unknown(message),
            };
            (State::Mixed, Some(fault))
        }
        (State::Healthy, Verdict::Bad) => {
            let message = format!("targets are not healthy: {}", targets::summary(&parts));
            let wanted =
                format!("the deployer was told to deploy {}", names.first().unwrap_or(&"another version"));
            (State::Failed, Some(Error::failed(message).cause(wanted)))
        }
        (state, _) => (state, fault),
    };
    Outcome { state, fault, parts, checked }
}

/// `Ok` while the operation may go on, else how it ends.
type Continue = std::result::Result<(), Box<Outcome>>;

fn run_stages(job: &Job<'_>, progress: &mut Progress<'_>) -> Continue {
    for stage in job.stages {
        progress.wait_for_lock(job, stage)?;
        progress.may_continue(&stage.name)?;
        progress.monitor.on_stage(stage);
        wait(stage, progress)?;
        for words in &stage.commands {
            progress.on_tick();
            progress.may_continue(&stage.name)?;
            let ended = run_command(job, stage, words, progress);
            let ended = ended.map_err(|error| Box::new(Outcome::new(State::Failed, error)))?;
            if let Some(outcome) = failure(job, stage, words, ended, &progress.lost) {
                return Err(Box::new(outcome));
            }
            if stage.purpose == Purpose::Run {
                progress.completed = Some(job.environment.redactor().redact(&words.join(" ")));
            }
        }
    }
    if progress.completed.is_some() {
        progress.check_lock();
        if progress.stop.cancelled() {
            return progress.may_continue("the end");
        }
    }
    Ok(())
}

/// Waits as long as a stage says.
fn wait(stage: &Stage, progress: &mut Progress<'_>) -> Continue {
    if stage.wait.is_zero() {
        return Ok(());
    }
    let begun = Instant::now();
    while begun.elapsed() < stage.wait {
        progress.on_tick();
        progress.may_continue(&stage.name)?;
        thread::sleep(stage.wait.saturating_sub(begun.elapsed()).min(Duration::from_millis(50)));
    }
    // After a wait the lock is checked before anything begins.
    progress.check_lock();
    progress.may_continue(&stage.name)
}

/// How far a job has come, and whether it still has the lock. The lock is checked at intervals that span commands, so
/// that many short commands are treated like a long one.
struct Progress<'w> {
    stop: &'w Stop,
    monitor: &'w mut dyn LockMonitor,
    begun: Instant,
    /// When the lock was checked last.
    checked: Instant,
    /// Why the operation no longer has the lock.
    lost: String,
    /// A command was started.
    started: bool,
    /// The last command that changed what runs and succeeded.
    completed: Option<String>,
}

impl Observer for Progress<'_> {
    fn on_line(&mut self, line: &str) {
        self.monitor.on_line(line);
    }

    fn on_tick(&mut self) {
        if self.checked.elapsed() >= CHECK_INTERVAL {
            self.check_lock();
        }
    }
}

impl Progress<'_> {
    fn check_lock(&mut self) -> LockStatus {
        if self.stop.cancelled() {
            return LockStatus::Lost(self.lost.clone());
        }
        let status = self.monitor.look();
        if let LockStatus::Lost(why) = &status {
            self.lost.clone_from(why);
            self.stop.cancel();
        }
        self.checked = Instant::now();
        status
    }

    /// Looks at the lock before a stage. While that is not possible, a deploy waits: until it is, or its time is over.
    fn wait_for_lock(&mut self, job: &Job<'_>, stage: &Stage) -> Continue {
        let most = max_duration(job.stages, job.timeout);
        while let LockStatus::Unknown(why) = self.check_lock() {
            if self.begun.elapsed() >= most {
                let message = format!("time ran out before {}: the lock cannot be checked", stage.name);
                let error = Error::unknown(message).cause(why);
                return Err(Box::new(Outcome::new(State::Unknown, error)));
            }
            let began = Instant::now();
            while began.elapsed() < RETRY_INTERVAL && !self.stop.interrupted() {
                thread::sleep(Duration::from_millis(20));
            }
            self.may_continue(&stage.name)?;
        }
        Ok(())
    }

    /// Returns whether another command may be started.
    fn may_continue(&self, next: &str) -> Continue {
        if self.stop.interrupted() {
            let error = Error::new(Kind::Interrupted, format!("interrupted before {next}"));
            // Where nothing was started, nothing has changed.
            let state = if self.started { State::Unknown } else { State::Superseded };
            let error = if self.started { error } else { error.cause("nothing has run") };
            return Err(Box::new(Outcome::new(state, error)));
        }
        if self.stop.cancelled() {
            let error = Error::conflict(format!("{} before {next}", self.lost));
            let error = match &self.completed {
                Some(command) => {
                    error.cause(format!("`{command}` finished, so its version may already be live"))
                }
                None => error,
            };
            return Err(Box::new(Outcome::new(State::Superseded, error)));
        }
        Ok(())
    }
}

fn run_command(
    job: &Job<'_>,
    stage: &Stage,
    words: &CommandLine,
    progress: &mut Progress<'_>,
) -> Result<Supervised> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Error::defect("an empty command passed the check of release.toml"));
    };
    let mut variables = job.variables.clone();
    variables.extend(stage.weight.map(|weight| ("REL_WEIGHT".to_owned(), weight.to_string())));
    variables.push(("REL_RESULT".to_owned(), job.workspace.result_file().display().to_string()));
    let environment =
        variables.into_iter().fold(job.environment.clone(), |all, (name, value)| all.with(name, value));
    let spec = CommandSpec::new(program, environment).arguments(arguments).folder(job.workspace.folder());
    let stop = progress.stop;
    progress.started = true;
    spec.supervise(job.timeout, stop, progress)
}

/// Returns how an operation ends with a command that did not succeed; `None` where it did.
fn failure(
    job: &Job<'_>,
    stage: &Stage,
    words: &CommandLine,
    ended: Supervised,
    lost: &str,
) -> Option<Outcome> {
    let shown = job.environment.redactor().redact(&words.join(" "));
    let (state, error) = match ended.end {
        ProcessEnd::Success => return None,
        ProcessEnd::Failed(how) => (State::Failed, Error::failed(format!("{}: `{shown}` {how}", stage.name))),
        ProcessEnd::TimedOut => {
            let message =
                format!("{}: `{shown}` did not finish within {} s", stage.name, job.timeout.as_secs());
            let error = Error::unknown(message).cause("it was stopped; how far it got is unknown");
            (State::Unknown, error)
        }
        ProcessEnd::Interrupted => {
            let message = format!("interrupted in {}: `{shown}` was stopped", stage.name);
            (State::Unknown, Error::new(Kind::Interrupted, message))
        }
        ProcessEnd::Cancelled => {
            let message = format!("{lost} in {}: `{shown}` was stopped", stage.name);
            (State::Superseded, Error::conflict(message))
        }
    };
    let tail = ended.tail.into_iter().filter(|line| !line.trim().is_empty());
    let error = tail.fold(error, |error, line| error.cause(format!("| {line}")));
    let error = match stage.purpose {
        Purpose::Run => error,
        Purpose::Check | Purpose::Verify => error.cause("verification failed"),
    };
    Some(Outcome { checked: stage.purpose == Purpose::Check, ..Outcome::new(state, error) })
}
