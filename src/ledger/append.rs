//! The only writer: decides on the newest snapshot, writes commits, and pushes them as a fast-forward (compare and set).
//! If somebody else was faster, it decides again. A push that failed but arrived is recognised and not repeated.

use super::snapshot::Snapshot;
use super::{Freshness, Ledger};
use crate::error::{Error, Kind, Result};
use crate::git::FastForwardOutcome;
use crate::model::{CommitId, Event, EventPayload};
use std::time::{Duration, Instant};

/// For how long a lost race is tried again.
const MAX_RETRY_TIME: Duration = Duration::from_secs(120);
/// For how long a remote that could not be reached is not asked again.
const UNREACHABLE_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause between two attempts, in milliseconds.
const MAX_PAUSE_MS: u64 = 500;

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
        self.reconnect()?;
        self.send_pending().map_err(nothing_recorded)?;
        self.record(decide)
    }

    /// Records like [`Ledger::append`], for a rollback, which goes ahead without its remote: what cannot be sent is queued.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::append`], but for a remote that cannot be reached.
    pub fn append_or_queue(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        self.ids.clear();
        self.attempted.clear();
        match self.reconnect() {
            Err(why) if why.kind == Kind::Unreachable => return self.queue(decide, why),
            connected => connected?,
        }
        // What this clone did before comes first: otherwise that would be recorded as late, and lose.
        if let Err(why) = self.send_pending() {
            return self.queue(decide, why);
        }
        match self.record(decide) {
            Ok(appended) => Ok(appended.into()),
            Err(why) if why.kind == Kind::Unreachable => self.queue(decide, why),
            Err(error) => Err(error),
        }
    }

    /// Records the end of an operation whose start is queued: sends the queue first, or queues the end too. An end that was
    /// recorded before its start would lose the hold that the start sets.
    ///
    /// # Errors
    ///
    /// The errors of `decide`.
    pub fn append_after_pending(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        match self.send_pending() {
            Ok(()) => self.append_or_queue(decide),
            Err(why) => {
                self.ids.clear();
                self.attempted.clear();
                self.queue(decide, why)
            }
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
            match self.prepare(decide)? {
                Prepared::Already(why) => return Ok(RecordOutcome::Already(why)),
                Prepared::Ready(..) => {}
            }
        }
        let events = std::mem::take(&mut self.attempted);
        let line = self.write_pending(&events)?;
        self.add_pending();
        Ok(RecordOutcome::Pending { events, line, why })
    }

    fn record(&mut self, decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>) -> Result<Appended> {
        let (began, mut attempt) = (Instant::now(), 0);
        loop {
            let (events, tip) = match self.prepare(decide)? {
                Prepared::Already(why) => return Ok(Appended::Already(why)),
                Prepared::Ready(events, tip) => (events, tip),
            };
            if self.push_decided(tip)? {
                return Ok(Appended::Recorded(events));
            }
            if began.elapsed() > MAX_RETRY_TIME {
                return Err(nothing_recorded(Error::unreachable(format!(
                    "the ledger at {} is busy: other writers were faster {attempt} times",
                    self.store.remote.name
                ))));
            }
            attempt += 1;
            self.pause(attempt)?;
        }
    }

    /// Asks the remote again if it could not be reached, unless that was only a moment ago.
    fn reconnect(&mut self) -> Result<()> {
        let Freshness::Copy(_) = self.freshness else { return Ok(()) };
        let recent = self.unreachable.clone().filter(|_| self.asked.elapsed() < UNREACHABLE_PAUSE);
        if let Some(error) = recent {
            return Err(nothing_recorded(error));
        }
        self.asked = Instant::now();
        self.fetch_newest().map_err(|error| {
            self.unreachable = Some(error.clone());
            nothing_recorded(error)
        })
    }

    /// Pushes the commits that end with `tip`. `false` if somebody else was faster.
    fn push_decided(&mut self, tip: CommitId) -> Result<bool> {
        let on = self.snapshot.tip();
        let outcome = self.store.push(on, tip);
        if outcome == FastForwardOutcome::Done {
            self.recorded(tip)?;
            return Ok(true);
        }
        // Only the remote knows whether the push arrived, whatever git said.
        self.fetch_newest().map_err(nothing_recorded)?;
        if self.snapshot.tip().is_some_and(|newest| self.store.is_ancestor(tip, newest)) {
            return Ok(true);
        }
        // If the tip moved, the race was lost; if not, the remote does not accept the push.
        match outcome {
            FastForwardOutcome::Failed(words) if self.snapshot.tip() == on => Err(nothing_recorded(
                Error::unreachable(format!("{} rejected the event", self.store.remote.name))
                    .cause(words)
                    .hint(format!("allow everyone who records events to push to {}", self.store.reference)),
            )),
            _ => Ok(false),
        }
    }

    /// Decides, and writes the commits of the events. They stay local until they are pushed.
    fn prepare(&mut self, decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>) -> Result<Prepared> {
        let payloads = match decide(&self.snapshot)? {
            Decision::Already(why) => return Ok(Prepared::Already(why)),
            Decision::Record(payloads) => payloads,
        };
        let builder = self.event_builder()?;
        let mut on = self.snapshot.clone();
        let mut events = Vec::new();
        for (number, payload) in payloads.into_iter().enumerate() {
            let id = self.event_id(number)?;
            let event = builder.build(self.context, id, payload, &on)?;
            on = self.commit(&event, &on)?;
            events.push(event);
        }
        let Some(tip) = on.tip() else { return Err(Error::defect("there was nothing to record")) };
        self.attempted.clone_from(&events);
        Ok(Prepared::Ready(events, tip))
    }

    /// Remembers a tip that was pushed.
    pub(super) fn recorded(&mut self, tip: CommitId) -> Result<()> {
        self.context.ui().something_changed();
        self.store.remember(tip)?;
        self.snapshot = Snapshot::new(&self.store.repo, Some(tip))?;
        self.attempted.clear();
        Ok(())
    }

    /// Waits before the next attempt: a random time that grows with the number of attempts.
    pub(super) fn pause(&self, attempt: u32) -> Result<()> {
        let max = (10_u64 << attempt.min(6)).min(MAX_PAUSE_MS);
        let pause = u64::try_from(self.context.random_bits()? % u128::from(max)).unwrap_or(max);
        std::thread::sleep(Duration::from_millis(pause));
        Ok(())
    }
}

/// Adds to an error of the remote that nothing was recorded.
fn nothing_recorded(error: Error) -> Error {
    if error.kind == Kind::Unreachable {
        error.hint("nothing was recorded; run the same command again")
    } else {
        error
    }
}

/// Commits that are written but not pushed, with their events and the last of them; or why there are none.
enum Prepared {
    Ready(Vec<Event>, CommitId),
    Already(String),
}
