//! Pushes: the atomic one of a release, whose tag on the remote is the lock, and the fast-forward of an append-only ref.

use super::command::GitCommand;
use super::git_messages::{PushFailure, parse_push_failure};
use super::ls_remote::Refs;
use super::remote::Remote;
use super::retries;
use super::writer::Writer;
use crate::error::Result;
use crate::model::CommitId;

/// How often a dry run is repeated that git ended with SIGPIPE.
const DRY_RUN_RETRIES: u32 = 3;

/// How often a push is tried whose connection broke.
const MAX_ATTEMPTS: u32 = 4;

/// One ref that a push updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The full ref, such as `refs/heads/main`.
    pub reference: String,
    /// What it is expected to be on the remote; `None` for absent.
    pub expected: Option<CommitId>,
    /// What it becomes: a commit, or the object of an annotated tag.
    pub new: CommitId,
}

/// How an atomic push ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// All refs are as wanted.
    Done,
    /// Somebody else updated one of them first.
    Lost {
        /// The refs that were not as expected.
        moved: Vec<String>,
    },
    /// The remote or one of its hooks rejected it, or it cannot push atomically.
    Rejected(String),
    /// The user's pre-push hook, or git itself, stopped it.
    Stopped(String),
    /// Whether it arrived is unknown: it did not end in time, or the remote cannot be reached any more.
    Unknown(String),
}

/// How the push of a fast-forward ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FastForwardOutcome {
    /// The ref is as wanted.
    Done,
    /// Somebody else is updating the ref at the same time.
    Busy,
    /// Somebody else was faster, or the remote does not accept it. Which of these, only the remote's refs tell.
    Rejected(String),
    /// The connection failed, or it did not end in time. Whether the push arrived, only the remote's refs tell.
    Disconnected(String),
}

/// How one attempt of an atomic push ended.
enum Attempt {
    Ended(PushOutcome),
    /// The connection broke, and nothing arrived.
    Disconnected(String),
}

/// Whether a push is carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Real,
    DryRun,
}

impl Writer<'_> {
    /// Pushes all updates or none.
    pub fn push(&self, remote: &Remote, updates: &[Update], options: &[String]) -> Result<PushOutcome> {
        self.atomic_push(remote, updates, options, Mode::Real)
    }

    /// Returns how a push would end, as far as the remote tells without one.
    pub fn check_push(&self, remote: &Remote, updates: &[Update], options: &[String]) -> Result<PushOutcome> {
        self.atomic_push(remote, updates, options, Mode::DryRun)
    }

    fn atomic_push(
        &self,
        remote: &Remote,
        updates: &[Update],
        options: &[String],
        mode: Mode,
    ) -> Result<PushOutcome> {
        let moved = self.not_fast_forward(updates)?;
        if !moved.is_empty() {
            return Ok(PushOutcome::Lost { moved });
        }
        for attempt in 1..MAX_ATTEMPTS {
            match self.try_push(remote, updates, options, mode) {
                Attempt::Ended(outcome) => return Ok(outcome),
                Attempt::Disconnected(_) => retries::pause(attempt),
            }
        }
        Ok(match self.try_push(remote, updates, options, mode) {
            Attempt::Ended(outcome) => outcome,
            Attempt::Disconnected(message) => PushOutcome::Unknown(message),
        })
    }

    /// Pushes once, and asks the remote what became of it where that is not certain.
    fn try_push(&self, remote: &Remote, updates: &[Update], options: &[String], mode: Mode) -> Attempt {
        let mut pushed = self.push_command(remote, updates, options, mode).run();
        for _ in 0..DRY_RUN_RETRIES {
            // In a dry run the remote does not wait for push options, so git may die while it sends them (seen in 2.47).
            if mode == Mode::Real || !pushed.as_ref().is_ok_and(|answer| answer.broken_pipe) {
                break;
            }
            pushed = self.push_command(remote, updates, options, mode).run();
        }
        let answer = match pushed {
            Ok(answer) if answer.ok => return Attempt::Ended(PushOutcome::Done),
            Ok(answer) => answer,
            Err(error) => return Attempt::Ended(PushOutcome::Unknown(error.message)),
        };
        // The refs of the remote decide, not git's message: a push that failed may have arrived, because the connection
        // was cut afterwards, and git has many messages for a lost race.
        let Ok(there) = self.repo.ls_remote(remote, Refs::HeadsAndTags) else {
            return Attempt::Ended(PushOutcome::Unknown(answer.message));
        };
        let is = |update: &&Update| there.refs.get(&update.reference).copied();
        if mode == Mode::Real && updates.iter().all(|update| is(&update) == Some(update.new)) {
            return Attempt::Ended(PushOutcome::Done);
        }
        let moved = updates.iter().filter(|update| is(update) != update.expected);
        let moved: Vec<String> = moved.map(|update| update.reference.clone()).collect();
        if !moved.is_empty() {
            return Attempt::Ended(PushOutcome::Lost { moved });
        }
        Attempt::Ended(match parse_push_failure(&answer.stdout, &answer.stderr, &answer.message) {
            PushFailure::Disconnected(_) => return Attempt::Disconnected(answer.message),
            PushFailure::Busy { reference } => PushOutcome::Lost { moved: vec![reference] },
            PushFailure::Rejected(message) => PushOutcome::Rejected(message),
            PushFailure::Stopped(message) => PushOutcome::Stopped(message),
        })
    }

    /// Returns the refs that an update would rewind. A lease that holds lets git do that, and `rel` never does.
    fn not_fast_forward(&self, updates: &[Update]) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for update in updates {
            let rewinds = match update.expected {
                Some(expected) if self.repo.has(expected) => !self.repo.is_ancestor(expected, update.new)?,
                expected => expected.is_some(),
            };
            if rewinds {
                found.push(update.reference.clone());
            }
        }
        Ok(found)
    }

    fn push_command(
        &self,
        remote: &Remote,
        updates: &[Update],
        options: &[String],
        mode: Mode,
    ) -> GitCommand<'_> {
        let command = self.repo.program.command("push").option("--atomic").option("--porcelain");
        let mut command = command.option("--no-follow-tags").option("--recurse-submodules=no");
        if mode == Mode::DryRun {
            command = command.option("--dry-run").option("--no-verify");
        }
        for update in updates {
            command = command.lease(&update.reference, update.expected);
        }
        for option in options {
            command = command.push_option(option);
        }
        command = command.operand(&remote.name);
        for update in updates {
            command = command.operand(format!("{}:{}", update.new, update.reference));
        }
        command
    }

    /// Moves a ref of the remote from `from` (`None` for absent) to `to`. The user's pre-push hook does not run: it is
    /// for their own work.
    pub fn push_fast_forward(
        &self,
        remote: &Remote,
        reference: &str,
        from: Option<CommitId>,
        to: CommitId,
    ) -> FastForwardOutcome {
        let command = self.repo.program.command("push").with_network_timeout();
        let command = command.option("--porcelain").option("--no-verify").option("--no-follow-tags");
        let command = command.option("--recurse-submodules=no").lease(reference, from);
        let answer = match command.operand(&remote.name).operand(format!("{to}:{reference}")).run() {
            Ok(answer) if answer.ok => return FastForwardOutcome::Done,
            Ok(answer) => answer,
            Err(error) => return FastForwardOutcome::Disconnected(error.message),
        };
        match parse_push_failure(&answer.stdout, &answer.stderr, &answer.message) {
            PushFailure::Busy { .. } => FastForwardOutcome::Busy,
            PushFailure::Disconnected(message) => FastForwardOutcome::Disconnected(message),
            PushFailure::Rejected(message) | PushFailure::Stopped(message) => {
                FastForwardOutcome::Rejected(message)
            }
        }
    }
}
