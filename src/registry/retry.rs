//! How long to wait, and how often to retry: one deadline for the whole command, and growing pauses between attempts.

use crate::error::{Error, Result};
use crate::model::Timestamp;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// How many attempts are made.
const MAX_ATTEMPTS: u32 = 6;
/// The pause after the first attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The time limit of a single request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The point in time at which a command stops waiting for registries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    end: Instant,
    total: Duration,
}

impl Deadline {
    pub(super) fn new(total: Duration) -> Self {
        Deadline { end: Instant::now() + total, total }
    }

    /// Returns the time that is left.
    pub(super) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Returns the time limit of the next request.
    pub(super) fn request_timeout(&self) -> Duration {
        self.left().min(REQUEST_TIMEOUT)
    }

    /// Returns the error for a request that was not answered before the deadline.
    pub(super) fn exceeded(&self, request: &str) -> Error {
        Error::unreachable(format!("{request}: no answer before the deadline"))
            .cause(format!("all requests together may take {} s", self.total.as_secs_f32()))
            .hint("allow more time: --deadline 300s")
    }
}

/// The attempts at one request.
#[derive(Debug)]
pub(super) struct Retry {
    deadline: Deadline,
    attempts: u32,
}

impl Retry {
    pub(super) fn new(deadline: Deadline) -> Self {
        Retry { deadline, attempts: 0 }
    }

    /// Returns how long to wait before the next attempt: what the registry asks for, else a growing pause. `Ok(None)`
    /// if no attempt is left.
    ///
    /// # Errors
    ///
    /// The registry asks for a longer wait than the deadline leaves (6).
    pub(super) fn next_pause(
        &mut self,
        retry_after: Option<Duration>,
        request: &str,
    ) -> Result<Option<Duration>> {
        self.attempts += 1;
        if self.attempts >= MAX_ATTEMPTS {
            return Ok(None);
        }
        let left = self.deadline.left();
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(self.attempts - 1);
        if let Some(wait) = retry_after {
            return if wait < left {
                // A registry that asks for no wait at all still gets one.
                Ok(Some(wait.max(pause).min(left)))
            } else {
                Err(Error::unreachable(format!(
                    "{request}: the registry asks to retry in {} s, but the deadline is in {} s",
                    wait.as_secs(),
                    left.as_secs()
                ))
                .hint("allow more time with --deadline"))
            };
        }
        // Jitter, so that clients that were rejected together do not all come back at once.
        let jitter = RandomState::new().hash_one(self.attempts) % 1000;
        let pause = pause.mul_f64(0.75 + jitter as f64 / 2000.0);
        Ok((pause < left).then_some(pause))
    }
}

/// Parses a `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). Clocks differ, so a date is compared with `sent`,
/// the time of the answer itself, and ignored if the answer has none.
pub(super) fn parse_retry_after(value: &str, sent: Option<Timestamp>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = Timestamp::parse_http(value)?.seconds() - sent?.seconds();
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{Deadline, MAX_ATTEMPTS, Retry, parse_retry_after};
    use crate::model::Timestamp;
    use std::time::Duration;

    #[test]
    fn pauses_grow_until_no_attempt_is_left() {
        let mut retry = Retry::new(Deadline::new(Duration::from_secs(60)));
        let mut pauses = Vec::new();
        while let Some(pause) = retry.next_pause(None, "x").unwrap() {
            pauses.push(pause);
        }
        assert_eq!(pauses.len() as u32, MAX_ATTEMPTS - 1);
        assert!(pauses.is_sorted() && pauses.iter().sum::<Duration>() < Duration::from_secs(10));
    }

    #[test]
    fn retry_after_is_obeyed_unless_it_exceeds_the_deadline() {
        let mut retry = Retry::new(Deadline::new(Duration::from_secs(60)));
        let two = Duration::from_secs(2);
        assert_eq!(retry.next_pause(Some(two), "x").unwrap(), Some(two));
        let error = retry.next_pause(Some(Duration::from_secs(3600)), "ghcr.io").unwrap_err();
        assert!(error.message.starts_with("ghcr.io: the registry asks to retry in 3600 s"), "{error}");
    }

    #[test]
    fn a_date_is_compared_with_the_date_of_the_answer() {
        // A registry whose clock is years behind.
        let sent = Timestamp::parse_http("Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(sent.is_some());
        for (value, wait) in [
            ("90", Some(90)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("soon", None),
        ] {
            assert_eq!(parse_retry_after(value, sent), wait.map(Duration::from_secs), "{value}");
        }
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", None), None);
    }
}
