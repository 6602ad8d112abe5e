//! Compare and set: decide on what is known, write, push as a fast-forward; where somebody was faster, decide everything
//! anew. A push that failed but arrived is recognised, never repeated. Leans on `store`, `stamp` and `fold`.

use super::snapshot::Snapshot;
use super::stamp::Stamp;
use super::{Freshness, Ledger, Source, identity, line};
use crate::error::{Error, Kind, Result};
use crate::git::{Grown, Sign};
use crate::model::{CommitId, Event, EventId, EventPayload, FORMAT, Person};
use std::time::{Duration, Instant};

/// For how long a lost race is run again.
const PATIENCE: Duration = Duration::from_secs(120);
/// A remote that could not be reached is left alone for so long.
const AGAIN: Duration = Duration::from_secs(60);
/// The longest pause between two attempts, in milliseconds.
const LONGEST_PAUSE: u64 = 500;

/// What a command decides on a snapshot.
pub enum Decision {
    /// To record these, in this order.
    Record(Vec<EventPayload>),
    /// Nothing: it is so already. The text says since when and by whom.
    Already(String),
}

/// How an append ended.
#[derive(Debug)]
pub enum Appended {
    /// Recorded.
    Recorded(Vec<Event>),
    /// It was so already.
    Already(String),
}

/// How an append ended that goes ahead without its remote.
#[derive(Debug)]
pub enum RecordOutcome {
    /// Recorded.
    Recorded(Vec<Event>),
    /// It was so already.
    Already(String),
    /// RecordOutcome here; UNRECORDED until `rel sync`.
    Pending {
        /// What is kept.
        events: Vec<Event>,
        /// What `rel sync -` takes on any machine.
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
    /// Records what `decide` wants. It sees the newest snapshot, each time anew after a lost push, and refuses with an
    /// error.
    ///
    /// # Errors
    ///
    /// 6 where the remote cannot be reached or does not take it; what `decide` says; 4 where the ledger is of a newer
    /// format.
    pub fn append(&mut self, decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>) -> Result<Appended> {
        self.ids.clear();
        self.send(decide)
    }

    /// The same, for what goes ahead without its remote: a rollback. Where nothing can be sent, it is kept here.
    ///
    /// # Errors
    ///
    /// What `decide` says; everything but an unreachable remote.
    pub fn append_or_keep(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        self.ids.clear();
        match self.send(decide) {
            Ok(Appended::Recorded(events)) => Ok(RecordOutcome::Recorded(events)),
            Ok(Appended::Already(why)) => Ok(RecordOutcome::Already(why)),
            Err(why) if why.kind == Kind::Unreachable => self.put_by(decide, why),
            Err(error) => Err(error),
        }
    }

    /// The same, for what ends an operation whose beginning waits here: what waits goes first, or the end waits, too. An
    /// end that overtook its beginning would take the hold from it.
    ///
    /// # Errors
    ///
    /// What `decide` says.
    pub fn follow_or_keep(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
    ) -> Result<RecordOutcome> {
        match self.sync("") {
            Ok(_) => self.append_or_keep(decide),
            Err(why) => {
                self.ids.clear();
                self.attempted.clear();
                self.put_by(decide, why)
            }
        }
    }

    /// Keeps here what could not be sent.
    fn put_by(
        &mut self,
        decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>,
        why: Error,
    ) -> Result<RecordOutcome> {
        if self.attempted.is_empty() {
            match self.prepare(decide)? {
                Prepared::Already(why) => return Ok(RecordOutcome::Already(why)),
                Prepared::Ready(..) => {}
            }
        }
        let events = std::mem::take(&mut self.attempted);
        let line = self.keep(&events)?;
        if let Freshness::Copy(_) = self.freshness {
            for event in &events {
                self.snapshot = self.snapshot.with(event.clone())?;
            }
        }
        Ok(RecordOutcome::Pending { events, line, why })
    }

    /// Looks at a remote that was away.
    fn look_again(&mut self) -> Result<()> {
        self.looked = Instant::now();
        self.refresh().inspect_err(|error| self.unreachable = Some(error.clone()))
    }

    fn send(&mut self, decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>) -> Result<Appended> {
        self.attempted.clear();
        if let Freshness::Copy(_) = self.freshness {
            // It may be back; but who gave no answer a timestamp ago is not waited for again.
            match self.unreachable.clone().filter(|_| self.looked.elapsed() < AGAIN) {
                Some(error) => return Err(self.unrecorded(error)),
                None => self.look_again().map_err(|error| self.unrecorded(error))?,
            }
        }
        let (began, mut attempt) = (Instant::now(), 0);
        loop {
            let (events, tip) = match self.prepare(decide)? {
                Prepared::Already(why) => return Ok(Appended::Already(why)),
                Prepared::Ready(events, tip) => (events, tip),
            };
            let on = self.snapshot.tip();
            let grown = self.store.grow(on, tip);
            if grown == Grown::Done {
                self.recorded(tip)?;
                return Ok(Appended::Recorded(events));
            }
            // Whatever git said: only the remote knows whether it arrived.
            self.refresh().map_err(|error| self.unrecorded(error))?;
            if self.snapshot.tip().is_some_and(|newest| self.store.below(newest, tip)) {
                return Ok(Appended::Recorded(events));
            }
            // Where the tip moved, a race was lost; where it did not, the remote means it.
            if let Grown::Failed(words) = grown
                && self.snapshot.tip() == on
            {
                return Err(self.unrecorded(
                    Error::unreachable(format!("{} does not take the event", self.store.remote.name))
                        .cause(words)
                        .hint(format!("whoever records must be allowed to push to {}", self.store.reference)),
                ));
            }
            if began.elapsed() > PATIENCE {
                return Err(self.unrecorded(Error::unreachable(format!(
                    "the ledger at {} is busy: {attempt} attempts were overtaken",
                    self.store.remote.name
                ))));
            }
            attempt += 1;
            self.pause(attempt)?;
        }
    }

    /// Decides, and writes the commits here. Nothing else sees them yet.
    fn prepare(&mut self, decide: &mut dyn FnMut(&Snapshot) -> Result<Decision>) -> Result<Prepared> {
        let drafts = match decide(&self.snapshot)? {
            Decision::Already(why) => return Ok(Prepared::Already(why)),
            Decision::Record(drafts) => drafts,
        };
        let stamp = self.stamp()?;
        let mut on = self.snapshot.clone();
        let mut events = Vec::new();
        for (place, draft) in drafts.into_iter().enumerate() {
            let id = self.id(place)?;
            let event = stamp.event(self.context, id, draft, &on)?;
            on = self.commit(&event, &on)?;
            events.push(event);
        }
        let Some(tip) = on.tip() else { return Err(Error::defect("nothing was to be recorded")) };
        self.attempted.clone_from(&events);
        Ok(Prepared::Ready(events, tip))
    }

    /// Writes the commit of an event, here alone.
    ///
    /// # Errors
    ///
    /// 4 where the ledger is of a newer format: that is read, never written.
    pub(super) fn commit(&self, event: &Event, on: &Snapshot) -> Result<Snapshot> {
        let format = on.format()?;
        if format > FORMAT {
            return Err(Error::refused(format!(
                "the ledger is of format {format}, and this rel writes {FORMAT}"
            ))
            .hint("a newer rel wrote it: update this one"));
        }
        let repo = &self.store.repo;
        let tree = repo.tree_with(on.tip(), &on.changes(event)?)?;
        let message = line::message(event);
        let commit = if self.signs()? {
            let commit = repo.write_commit(on.tip(), tree, &message, Sign::Always)?;
            self.store.believe(commit).map_err(|error| {
                Error::refused("your own signature is not among those that are believed")
                    .cause(error)
                    .hint("whoever keeps the file that [ledger] allowed_signers names adds your key")
            })?;
            commit
        } else {
            repo.chain_commit(on.tip(), tree, &message, &self.committer(event)?)?
        };
        Snapshot::new(repo, Some(commit))
    }

    /// Remembers what was recorded.
    pub(super) fn recorded(&mut self, tip: CommitId) -> Result<()> {
        self.store.remember(tip)?;
        self.snapshot = Snapshot::new(&self.store.repo, Some(tip))?;
        self.attempted.clear();
        Ok(())
    }

    fn signs(&self) -> Result<bool> {
        match (self.governing.config.ledger.sign, self.store.wants_signatures()) {
            (Some(false), true) => Err(Error::usage("[ledger] says sign = false and names allowed_signers")
                .cause("an event without a signature would be believed by nobody")
                .hint("take one of the two away")),
            (Some(sign), _) => Ok(sign),
            (None, true) => Ok(true),
            (None, false) => Ok(self.context.repo()?.signs_commits()),
        }
    }

    /// Whom git says commits, so that forges know the address; else who acts.
    fn committer(&self, event: &Event) -> Result<Person> {
        let seconds = event.at.seconds();
        if let Some((name, email)) = self.context.repo()?.committer() {
            return Ok(Person { name, email, seconds });
        }
        let id = &event.actor.id;
        let email =
            if id.contains('@') { id.clone() } else { format!("{}@rel.invalid", id.replace(':', ".")) };
        Ok(Person { name: event.actor.label().to_owned(), email, seconds })
    }

    /// What all events of this command share.
    pub(super) fn stamp(&self) -> Result<Stamp> {
        let overrides = match &self.governing.source {
            Source::File(file) => vec![format!("--config {file}")],
            _ => Vec::new(),
        };
        Ok(Stamp {
            repository: identity::identity(self)?,
            actor: self.actor()?.clone(),
            host: self.context.host(),
            at: self.context.now()?,
            config: Some(self.governing.hash.clone()),
            overrides,
        })
    }

    fn id(&mut self, place: usize) -> Result<EventId> {
        while self.ids.len() <= place {
            let milliseconds = self.context.milliseconds()?;
            // Two of one command sort in the order in which they were made.
            let order = u64::try_from(self.ids.len()).unwrap_or(0).min(999);
            self.ids.push(EventId::new(milliseconds + order, self.context.randomness()?));
        }
        self.ids.get(place).cloned().ok_or_else(|| Error::defect("an event has no name"))
    }

    pub(super) fn pause(&self, attempt: u32) -> Result<()> {
        let most = (10_u64 << attempt.min(6)).min(LONGEST_PAUSE);
        let pause = u64::try_from(self.context.randomness()? % u128::from(most)).unwrap_or(most);
        std::thread::sleep(Duration::from_millis(pause));
        Ok(())
    }

    /// Says that nothing was recorded.
    fn unrecorded(&self, error: Error) -> Error {
        if error.kind == Kind::Unreachable {
            error.hint("nothing was recorded; the same command may be given again")
        } else {
            error
        }
    }
}

enum Prepared {
    Ready(Vec<Event>, CommitId),
    Already(String),
}
