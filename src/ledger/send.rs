//! Sends commits of events to the remote, as a fast-forward of the tip that they were built on. A connection that breaks is
//! tried again with the same commits, so that nothing is recorded twice.

use super::Ledger;
use super::snapshot::Snapshot;
use crate::error::{Error, Kind, Result};
use crate::git::FastForwardOutcome;
use crate::model::CommitId;
use crate::process::is_interrupted;
use std::time::{Duration, Instant};

/// For how long a connection that breaks is tried again.
const MAX_DISCONNECTED_TIME: Duration = Duration::from_secs(15);
/// The longest pause after a lost race, in milliseconds.
const MAX_PAUSE_MS: u64 = 500;
/// The longest pause after a connection broke, in milliseconds.
const MAX_DISCONNECTED_PAUSE_MS: u64 = 4_000;

/// What became of commits that were sent.
pub(super) enum Sent {
    /// They are on the remote.
    Recorded,
    /// Somebody else was faster.
    Overtaken,
    /// They are not on the remote: it does not accept them, or cannot be reached.
    Failed(Error),
    /// They may be on the remote, which cannot be asked.
    Unknown(Error),
}

impl Ledger<'_> {
    /// Pushes the commits of a snapshot that was built on the newest one.
    pub(super) fn send(&mut self, new: &Snapshot) -> Sent {
        let (from, Some(tip)) = (self.snapshot.tip(), new.tip()) else {
            return Sent::Failed(Error::defect("there was nothing to record"));
        };
        let began = Instant::now();
        for attempt in 1.. {
            let outcome = self.store.push(from, tip);
            if outcome == FastForwardOutcome::Done {
                self.context.ui().something_changed();
                self.store.remember(tip);
                if let Some(warning) = self.store.take_warning() {
                    self.context.ui().warning(warning);
                }
                self.snapshot = new.without_pending();
                return Sent::Recorded;
            }
            self.sent.push(tip);
            // Only the remote knows whether the push arrived, whatever git said.
            let looked = self.fetch_newest();
            if looked.is_ok() && self.has_arrived(from) {
                self.context.ui().something_changed();
                return Sent::Recorded;
            }
            let end = match (looked, outcome) {
                (Err(error), _) if error.kind != Kind::Unreachable => return Sent::Unknown(error),
                (Err(error), _) => Sent::Unknown(error),
                (Ok(()), _) if self.snapshot.tip() != from => return Sent::Overtaken,
                (Ok(()), FastForwardOutcome::Rejected(words)) => return Sent::Failed(self.rejected(words)),
                (Ok(()), FastForwardOutcome::Disconnected(words)) => Sent::Failed(self.disconnected(words)),
                (Ok(()), FastForwardOutcome::Busy | FastForwardOutcome::Done) => return Sent::Overtaken,
            };
            if is_interrupted() || began.elapsed() > MAX_DISCONNECTED_TIME {
                return end;
            }
            if let Err(error) = self.wait(200 << u32::min(attempt, 5), MAX_DISCONNECTED_PAUSE_MS) {
                return Sent::Unknown(error);
            }
        }
        Sent::Overtaken
    }

    /// Whether something that was sent is on the remote, as of the newest snapshot. It was not when the tip `from` was the
    /// newest one.
    fn has_arrived(&self, from: Option<CommitId>) -> bool {
        let mut at = self.snapshot.tip();
        while let Some(here) = at.filter(|here| Some(*here) != from) {
            if self.sent.contains(&here) {
                return true;
            }
            at = self.store.parent(here);
        }
        false
    }

    fn rejected(&self, words: String) -> Error {
        Error::unreachable(format!("{} rejected the event", self.store.remote.name))
            .cause(words)
            .hint(format!("allow everyone who records events to push to {}", self.store.reference))
    }

    fn disconnected(&self, words: String) -> Error {
        Error::unreachable(format!("the event cannot be sent to {}", self.store.remote.name))
            .cause(words)
            .hint(format!("`git ls-remote {}` must work here", self.store.remote.name))
    }

    /// Waits before the next attempt after a lost race: a random time that grows with the number of attempts.
    pub(super) fn pause(&self, attempt: u32) -> Result<()> {
        self.wait(10 << attempt.min(6), MAX_PAUSE_MS)
    }

    /// Waits a random time up to so many milliseconds, at most `max`.
    fn wait(&self, up_to: u64, max: u64) -> Result<()> {
        let random = self.context.random_bits()? % u128::from(up_to.min(max));
        let pause = Duration::from_millis(u64::try_from(random).unwrap_or(max));
        let began = Instant::now();
        while began.elapsed() < pause && !is_interrupted() {
            std::thread::sleep(pause.saturating_sub(began.elapsed()).min(Duration::from_millis(50)));
        }
        Ok(())
    }
}
