//! The only writer: decides on the newest snapshot, writes commits, and pushes them as a fast-forward (compare and set).
//! If somebody else was faster, it decides again. A push that failed but arrived is recognised and not repeated.

use super::send::Sent;
use super::snapshot::Snapshot;
use super::{Freshness, Ledger};
use crate::error::{Error, Kind, Result};
use crate::model::{Event, EventPayload};
use crate::process::is_interrupted;
use std::time::{Duration, Instant};

/// For how long a lost race is tried again.
const MAX_RETRY_TIME: Duration = Duration::from_secs(120);
/// For how long a remote that could not be reached is not asked again.
const UNREACHABLE_PAUSE: Duration = Duration::from_secs(60);

/// What a command decides on a snapshot.
pub enum Decision {
    /// Record these events, in this order.
    Record(Vec<EventPayload>),
    /// Record nothing, because it is so already. The text says since when and by whom.
    Already(String),
}

/// The outcome of an append.
#[derive(Debug)]
pub enum Appended {
    /// Recorded.
    Recorded(Vec<Event>),
    /// It was so already.
    Already(String),
}

/// The outcome of an append that goes ahead without its remote.
#[derive(Debug)]
pub enum RecordOutcome {
    /// Recorded.
    Recorded(Vec<Event>),
    /// It was so already.
    Already(String),
    /// Written into the queue of this clone; UNRECORDED until `rel sync`.
    Pending {
        /// The pending events.
        events: Vec<Event>,
        /// The line that `rel sync -` reads on any machine.
        line: String,
        /// Why it could not be recorded.
        why: Error,
    },
}

impl From<Appended> for RecordOutcome {
    fn from(appended: Appended) -> Self {
        match appended {
            Appended::Recorded(events) => RecordOutcome::Recorded(events),
            Appended::Already(why) => RecordOutcome::Already(why),
        }
    }
}

/// Why nothing was recorded.
enum Failure {
    /// What is to be recorded was refused, or cannot be put together.
    Decision(Error),
    /// It could not be written or sent, and is not on the remote.
    NotSent(Error),
    /// It was sent, and whether it arrived is unknown.
    Unknown(Error),
}

impl Ledger<'_> {
    /// Records what `decide` returns for the newest snapshot. After a lost race it is called again with the new snapshot.
    ///
    /// # Errors
    ///
    /// 6 if the remote cannot be reached or does not accept the push; the errors of `decide`; 4 if the ledger has a newer
    /// format; those of [`Ledger::sync`] if events of this clone are pending, which are sent first.
    pub fn append(&mut self, decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>) -> Result<Appended> {
        self.ids.clear();
        self.attempted.clear();
        self.reconnect().map_err(nothing_recorded)?;
        self.send_pending().map_err(nothing_recorded)?;
        self.record(decide).map_err(|failure| match failure {
            Failure::Decision(error) => error,
            Failure::NotSent(_) if is_interrupted() => interrupted(),
            Failure::NotSent(error) => nothing_recorded(error),
            Failure::Unknown(error) => self.maybe_recorded(error),
        })
    }

    /// Records the start of an operation that goes ahead without its remote, like [`Ledger::append`]: what cannot be written
    /// or sent is queued. What may have arrived is queued too: whoever may have begun an operation for everybody also runs
    /// it.
    ///
    /// # Errors
    ///
    /// The errors of `decide`; 5 if the ledger was rewritten or forged; 130 if a signal came before it was sent.
    pub fn append_or_queue(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        self.ids.clear();
        self.attempted.clear();
        match self.reconnect() {
            Err(error) if matches!(error.kind, Kind::Conflict | Kind::Usage) => return Err(error),
            Err(_) if is_interrupted() => return Err(interrupted()),
            Err(why) => return self.queue(decide, why),
            Ok(()) => {}
        }
        // What this clone did before comes first: otherwise that would be recorded as late, and lose.
        if let Err(why) = self.send_pending() {
            return self.queue(decide, why);
        }
        match self.record(decide) {
            Ok(appended) => Ok(appended.into()),
            Err(Failure::Decision(error)) => Err(error),
            Err(Failure::NotSent(error)) if matches!(error.kind, Kind::Conflict | Kind::Usage) => Err(error),
            Err(Failure::NotSent(_)) if is_interrupted() => Err(interrupted()),
            Err(Failure::NotSent(why) | Failure::Unknown(why)) => self.queue(decide, why),
        }
    }

    /// Records the end of an operation. What cannot be written or sent is queued. After a signal, it is queued first, and
    /// then sent with the time that is left. What is pending already is sent before it: an end that was recorded before its
    /// start would lose the hold that the start sets.
    ///
    /// # Errors
    ///
    /// The errors of `decide`.
    pub fn append_end(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        self.ids.clear();
        self.attempted.clear();
        if is_interrupted() {
            return self.queue_and_send(decide);
        }
        if let Err(why) = self.reconnect().and_then(|()| self.send_pending()) {
            return self.queue(decide, why);
        }
        match self.record(decide) {
            Ok(appended) => Ok(appended.into()),
            Err(Failure::Decision(error)) => Err(error),
            Err(Failure::NotSent(why) | Failure::Unknown(why)) => self.queue(decide, why),
        }
    }

    /// Queues events, and then sends them.
    fn queue_and_send(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        let start_pending = !self.pending().unwrap_or_default().is_empty();
        let outcome = self.queue(decide, Error::new(Kind::Interrupted, "interrupted before it was sent"))?;
        let RecordOutcome::Pending { events, line, .. } = outcome else { return Ok(outcome) };
        // The events keep their ids, so that none is recorded twice.
        let recorded = if start_pending {
            self.send_pending().map(|()| events.clone())
        } else {
            self.snapshot = self.snapshot.without_pending();
            match self.record(decide) {
                Ok(Appended::Recorded(events)) => Ok(events),
                Ok(Appended::Already(_)) => Ok(events.clone()),
                Err(Failure::Decision(why) | Failure::NotSent(why) | Failure::Unknown(why)) => Err(why),
            }
        };
        match recorded {
            Ok(recorded) => {
                events.iter().for_each(|event| self.remove_pending(&event.id));
                Ok(RecordOutcome::Recorded(recorded))
            }
            Err(why) => Ok(RecordOutcome::Pending { events, line, why }),
        }
    }

    /// Queues what could not be sent.
    fn queue(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
        why: Error,
    ) -> Result<RecordOutcome> {
        self.add_pending();
        if self.attempted.is_empty() {
            match decide(&self.snapshot)? {
                Decision::Already(why) => return Ok(RecordOutcome::Already(why)),
                Decision::Record(payloads) => self.attempted = self.build(payloads)?,
            }
        }
        let events = std::mem::take(&mut self.attempted);
        let line = self.write_pending(&events)?;
        self.add_pending();
        Ok(RecordOutcome::Pending { events, line, why })
    }

    fn record(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> std::result::Result<Appended, Failure> {
        self.sent.clear();
        let (began, mut attempt) = (Instant::now(), 0);
        loop {
            let payloads = match decide(&self.snapshot).map_err(Failure::Decision)? {
                Decision::Already(why) => return Ok(Appended::Already(why)),
                Decision::Record(payloads) => payloads,
            };
            self.attempted = self.build(payloads).map_err(Failure::Decision)?;
            let (events, on) = self.write_commits_of(&self.attempted).map_err(Failure::NotSent)?;
            match self.send(&on) {
                Sent::Recorded => return Ok(Appended::Recorded(events)),
                Sent::Overtaken => {}
                Sent::Failed(error) => return Err(Failure::NotSent(error)),
                Sent::Unknown(error) => return Err(Failure::Unknown(error)),
            }
            if began.elapsed() > MAX_RETRY_TIME {
                return Err(Failure::NotSent(Error::unreachable(format!(
                    "the ledger at {} is busy: other writers were faster {attempt} times",
                    self.store.remote.name
                ))));
            }
            attempt += 1;
            self.pause(attempt).map_err(Failure::NotSent)?;
        }
    }

    /// Adds to an error of the remote that it is not known whether something was recorded. A start that was recorded keeps
    /// its lock, and the same command is refused until that is released.
    fn maybe_recorded(&self, error: Error) -> Error {
        let error = error.cause("it was sent, and whether it was recorded is unknown");
        let start = self.attempted.iter().find(|event| event.is_start());
        let Some((start, environment)) = start.and_then(|event| Some((event, event.environment.as_ref()?)))
        else {
            return error.hint("run the same command again: what is recorded already is not recorded twice");
        };
        let package = start.package.as_ref().filter(|_| !self.config().packages.is_empty());
        let flag = package.map(|package| format!(" --package {package}")).unwrap_or_default();
        error
            .cause(format!("nothing has run; if it was recorded, it locks {environment}"))
            .hint(format!("rel status {environment}{flag}   # shows whether a {} is under way", start.kind))
            .hint(format!(
                "rel unlock {environment} --event {}{flag}   # if so; then run the same command again",
                start.id
            ))
    }

    /// Asks the remote again if it could not be reached, unless that was only a moment ago.
    fn reconnect(&mut self) -> Result<()> {
        let Freshness::Copy(_) = self.freshness else { return Ok(()) };
        let recent = self.unreachable.clone().filter(|_| self.asked.elapsed() < UNREACHABLE_PAUSE);
        if let Some(error) = recent {
            return Err(error);
        }
        self.asked = Instant::now();
        self.fetch_newest().inspect_err(|error| self.unreachable = Some(error.clone()))
    }

    /// Returns the events of payloads, as if they followed the snapshot. They are not written.
    fn build(&mut self, payloads: Vec<EventPayload>) -> Result<Vec<Event>> {
        let builder = self.event_builder()?;
        let mut on = self.snapshot.clone();
        let mut events = Vec::new();
        for (number, payload) in payloads.into_iter().enumerate() {
            let id = self.event_id(number)?;
            let event = builder.build(self.context, id, payload, &on)?;
            on = on.with_pending(event.clone(), &event)?;
            events.push(event);
        }
        Ok(events)
    }

    /// Writes the commits of events. They stay local until they are pushed.
    fn write_commits_of(&self, events: &[Event]) -> Result<(Vec<Event>, Snapshot)> {
        let mut on = self.snapshot.clone();
        let mut written = Vec::new();
        for event in events {
            // Each follows the commit of the one before, which did not exist when they were built.
            let newest = on.newest(event.package.as_deref(), event.environment.as_deref())?;
            let event = Event { previous: newest.and_then(|_| on.tip()), ..event.clone() };
            on = self.commit(&event, &on)?;
            written.push(event);
        }
        Ok((written, on))
    }
}

/// Returns the error of a command that a signal ended before it recorded anything.
fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted").hint("nothing was recorded, and nothing has run")
}

/// Adds to an error of the remote that nothing was recorded.
fn nothing_recorded(error: Error) -> Error {
    if error.kind == Kind::Unreachable {
        error.hint("nothing was recorded; run the same command again")
    } else {
        error
    }
}
