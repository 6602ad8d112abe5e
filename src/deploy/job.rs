//! One operation: its stages one after the other, each only while the lock is still its own, and an honest state at the
//! end. Leans on `process`, `stage` and `targets`.

use super::ground::{Ground, Surroundings};
use super::process::{self, End, Task};
use super::stage::{Purpose, Stage};
use super::stop::Stop;
use super::targets::{self, Verdict};
use crate::config::Words;
use crate::error::{Error, Kind, Result};
use crate::model::{State, TargetStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How often the ledger is looked at while something runs or waits: between the question and a rollback that began right
/// behind it, both deployers run.
const LOOK: Duration = Duration::from_secs(3);

/// Who looks on while an operation runs.
pub trait Watch {
    /// Why the operation has its lock no more; nothing while it has it. A ledger that cannot be reached, or read, takes
    /// nobody's lock away.
    fn lost(&mut self) -> Option<String>;
    /// A stage begins.
    fn stage(&mut self, stage: &Stage);
    /// A command printed a line.
    fn line(&mut self, line: &str);
}

/// What runs, and where.
pub struct Job<'a> {
    /// In this order.
    pub stages: &'a [Stage],
    /// Where.
    pub ground: &'a Ground<'a>,
    /// What commands see of the outside.
    pub surroundings: &'a Surroundings,
    /// What they are told of the operation.
    pub variables: Vec<(String, String)>,
    /// How long one command may take.
    pub timeout: Duration,
}

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    /// The honest state.
    pub state: State,
    /// Why it is no better.
    pub fault: Option<Error>,
    /// Parts, where the deployer told of them.
    pub parts: Vec<TargetStatus>,
    /// The check of a step said no.
    pub checked: bool,
}

impl Outcome {
    fn new(state: State, fault: Error) -> Self {
        Outcome { state, fault: Some(fault), parts: Vec::new(), checked: false }
    }
}

/// Runs all of it. `Healthy` where every stage succeeded; whoever called knows whether that proves anything.
pub fn run(job: &Job<'_>, stop: &Stop, watch: &mut dyn Watch) -> Outcome {
    let looked = Instant::now();
    let mut lookout = Lookout { stop, watch, looked, lost: String::new(), completed: None };
    let end = stages(job, &mut lookout);
    let report = std::fs::read_to_string(job.ground.result()).unwrap_or_default();
    let parts = targets::read(&report);
    let outcome = match (end, parts) {
        (Err(outcome), parts) => Outcome { parts: parts.unwrap_or_default(), ..*outcome },
        (Ok(()), Err(error)) => Outcome::new(State::Failed, error),
        (Ok(()), Ok(parts)) => Outcome { state: State::Healthy, fault: None, parts, checked: false },
    };
    with_targets(job, outcome)
}

/// What the deployer tells of its targets makes an outcome worse, never better.
fn with_targets(job: &Job<'_>, outcome: Outcome) -> Outcome {
    let called = ["REL_VERSION", "REL_TAG", "REL_COMMIT"];
    let values = job.variables.iter().filter(|(name, _)| called.contains(&name.as_str()));
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
            let wanted = format!("the deployer was given {}", names.first().unwrap_or(&"another version"));
            (State::Failed, Some(Error::failed(message).cause(wanted)))
        }
        (state, _) => (state, fault),
    };
    Outcome { state, fault, parts, checked }
}

/// Nothing where it goes on; else how it ends here.
type Halted = std::result::Result<(), Box<Outcome>>;

fn stages(job: &Job<'_>, lookout: &mut Lookout<'_>) -> Halted {
    for stage in job.stages {
        lookout.look();
        lookout.go_on(&stage.name)?;
        lookout.watch.stage(stage);
        pause(stage, lookout)?;
        for words in &stage.commands {
            lookout.glance();
            lookout.go_on(&stage.name)?;
            let ended = command(job, stage, words, lookout);
            let ended = ended.map_err(|error| Box::new(Outcome::new(State::Failed, error)))?;
            if let Some(outcome) = judged(job, stage, words, ended, &lookout.lost) {
                return Err(Box::new(outcome));
            }
            if stage.purpose == Purpose::Run {
                lookout.completed = Some(job.surroundings.mask.hide(&words.join(" ")));
            }
        }
    }
    if lookout.completed.is_some() {
        lookout.look();
        if lookout.stop.superseded() {
            return lookout.go_on("the end");
        }
    }
    Ok(())
}

fn pause(stage: &Stage, lookout: &mut Lookout<'_>) -> Halted {
    if stage.wait.is_zero() {
        return Ok(());
    }
    let begun = Instant::now();
    while begun.elapsed() < stage.wait {
        lookout.glance();
        lookout.go_on(&stage.name)?;
        thread::sleep(stage.wait.saturating_sub(begun.elapsed()).min(Duration::from_millis(50)));
    }
    // Whoever waited looks again before anything begins.
    lookout.look();
    lookout.go_on(&stage.name)
}

/// Looks at the ledger now and then, for the whole of a job: many short commands are looked after like a long one.
struct Lookout<'w> {
    stop: &'w Stop,
    watch: &'w mut dyn Watch,
    looked: Instant,
    /// Why the lock is not its own any more.
    lost: String,
    /// The last command that changed what runs and ran to its end.
    completed: Option<String>,
}

impl Lookout<'_> {
    fn glance(&mut self) {
        if self.looked.elapsed() >= LOOK {
            self.look();
        }
    }

    fn look(&mut self) {
        if self.stop.superseded() {
            return;
        }
        if let Some(why) = self.watch.lost() {
            self.lost = why;
            self.stop.supersede();
        }
        self.looked = Instant::now();
    }

    /// Whether anything may still be started.
    fn go_on(&self, next: &str) -> Halted {
        if self.stop.interrupted() {
            let error = Error::new(Kind::Interrupted, format!("interrupted before {next}"));
            return Err(Box::new(Outcome::new(State::Unknown, error)));
        }
        if self.stop.superseded() {
            let error = Error::conflict(format!("{} before {next}", self.lost));
            let error = match &self.completed {
                Some(command) => {
                    error.cause(format!("`{command}` ran to its end, and may have had the last word"))
                }
                None => error,
            };
            return Err(Box::new(Outcome::new(State::Superseded, error)));
        }
        Ok(())
    }
}

fn command(job: &Job<'_>, stage: &Stage, words: &Words, lookout: &mut Lookout<'_>) -> Result<process::Ended> {
    let mut variables = job.surroundings.variables.clone();
    variables.extend(job.variables.iter().cloned());
    variables.extend(stage.weight.map(|weight| ("REL_WEIGHT".to_owned(), weight.to_string())));
    variables.push(("REL_RESULT".to_owned(), job.ground.result().display().to_string()));
    let task = Task {
        words,
        folder: job.ground.folder(),
        variables: &variables,
        timeout: job.timeout,
        mask: &job.surroundings.mask,
    };
    let stop = lookout.stop;
    let lookout = std::cell::RefCell::new(lookout);
    let mut told = |line: &str| lookout.borrow_mut().watch.line(line);
    process::run(&task, stop, &mut told, &mut || lookout.borrow_mut().glance())
}

/// What the end of a command means; `None` where it went well.
fn judged(job: &Job<'_>, stage: &Stage, words: &Words, ended: process::Ended, lost: &str) -> Option<Outcome> {
    let shown = job.surroundings.mask.hide(&words.join(" "));
    let (state, error) = match ended.end {
        End::Done => return None,
        End::Failed(how) => (State::Failed, Error::failed(format!("{}: `{shown}` {how}", stage.name))),
        End::TimedOut => {
            let message = format!("{}: `{shown}` did not end within {} s", stage.name, job.timeout.as_secs());
            let error = Error::unknown(message).cause("it was ended, and nobody knows how far it came");
            (State::Unknown, error)
        }
        End::Interrupted => {
            let message = format!("interrupted in {}: `{shown}` was ended", stage.name);
            (State::Unknown, Error::new(Kind::Interrupted, message))
        }
        End::Superseded => {
            let message = format!("{lost} in {}: `{shown}` was ended", stage.name);
            (State::Superseded, Error::conflict(message))
        }
    };
    let said = ended.tail.into_iter().filter(|line| !line.trim().is_empty());
    let error = said.fold(error, |error, line| error.cause(format!("| {line}")));
    let error = match stage.purpose {
        Purpose::Run => error,
        Purpose::Check | Purpose::Verify => error.cause("what was checked is not proven to be healthy"),
    };
    Some(Outcome { checked: stage.purpose == Purpose::Check, ..Outcome::new(state, error) })
}
