//! How long is waited, and how often something is tried again: a deadline for the whole command, and growing pauses
//! between tries. Leans on `error`.

use crate::error::{Error, Result};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// How often something is tried before it is given up.
const TRIES: u32 = 6;
/// The pause after the first try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// No single request may take longer.
const REQUEST: Duration = Duration::from_secs(30);

/// The end of all waiting of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    end: Instant,
    whole: Duration,
}

impl Deadline {
    pub(super) fn new(whole: Duration) -> Self {
        Deadline { end: Instant::now() + whole, whole }
    }

    /// What is left of it.
    pub(super) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// How long the next request may take.
    pub(super) fn request(&self) -> Duration {
        self.left().min(REQUEST)
    }

    /// It is over.
    pub(super) fn passed(&self, what: &str) -> Error {
        Error::unreachable(format!("{what} did not answer in time"))
            .cause(format!("a command waits {} s for registries", self.whole.as_secs_f32()))
            .hint("--deadline 300s waits longer")
    }
}

/// The tries of one thing.
#[derive(Debug)]
pub(super) struct Patience {
    deadline: Deadline,
    tried: u32,
}

impl Patience {
    pub(super) fn new(deadline: Deadline) -> Self {
        Patience { deadline, tried: 0 }
    }

    /// How long to wait before the next try: what the registry asks for, else a growing pause. `Ok(None)` where all tries
    /// are used up.
    ///
    /// # Errors
    ///
    /// The registry asks for a longer wait than the deadline leaves.
    pub(super) fn pause(&mut self, asked: Option<Duration>, what: &str) -> Result<Option<Duration>> {
        self.tried += 1;
        if self.tried >= TRIES {
            return Ok(None);
        }
        let left = self.deadline.left();
        if let Some(asked) = asked {
            return if asked < left {
                Ok(Some(asked))
            } else {
                Err(Error::unreachable(format!(
                    "{what} wants to be asked again in {} s, and the deadline leaves {} s",
                    asked.as_secs(),
                    left.as_secs()
                ))
                .hint("--deadline waits longer"))
            };
        }
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(self.tried - 1);
        // Many that were turned away together come back one by one.
        let jitter = RandomState::new().hash_one(self.tried) % 1000;
        let pause = pause.mul_f64(0.75 + jitter as f64 / 2000.0);
        Ok((pause < left).then_some(pause))
    }
}

/// How long a `Retry-After` wants: seconds. A date is not heeded, because clocks differ.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::{Deadline, Patience, TRIES};
    use std::time::Duration;

    #[test]
    fn pauses_grow_and_end() {
        let mut patience = Patience::new(Deadline::new(Duration::from_secs(60)));
        let mut pauses = Vec::new();
        while let Some(pause) = patience.pause(None, "x").unwrap() {
            pauses.push(pause);
        }
        assert_eq!(pauses.len() as u32, TRIES - 1);
        assert!(pauses.is_sorted() && pauses.iter().sum::<Duration>() < Duration::from_secs(10));
    }

    #[test]
    fn what_the_registry_asks_for_is_heeded_or_is_the_end() {
        let mut patience = Patience::new(Deadline::new(Duration::from_secs(60)));
        let two = Duration::from_secs(2);
        assert_eq!(patience.pause(Some(two), "x").unwrap(), Some(two));
        let error = patience.pause(Some(Duration::from_secs(3600)), "ghcr.io").unwrap_err();
        assert!(error.message.starts_with("ghcr.io wants to be asked again in 3600 s"), "{error}");
    }
}
