//! Runs an exchange with a remote again if the connection broke: most of these faults are over a moment later.

use super::command::{GitCommand, GitOutput, Unfinished};
use super::git_messages::is_disconnect;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// How often an exchange that reads is tried.
const MAX_ATTEMPTS: u32 = 3;
/// After an attempt that took longer, nothing is tried again: the remote is not only busy for a moment.
const MAX_ATTEMPT_TIME: Duration = Duration::from_secs(2);

/// Runs a command that only reads from a remote, again where the connection broke at once.
pub(super) fn run_reading<'a>(command: impl Fn() -> GitCommand<'a>) -> Result<GitOutput, Unfinished> {
    for attempt in 1..MAX_ATTEMPTS {
        let begun = Instant::now();
        let output = command().try_run()?;
        if output.ok || !is_disconnect(&output.stderr) || begun.elapsed() > MAX_ATTEMPT_TIME {
            return Ok(output);
        }
        pause(attempt);
    }
    command().try_run()
}

/// Waits before the next attempt: a random time that doubles with every attempt, so that many clients do not come back at
/// once.
pub(super) fn pause(attempt: u32) {
    let max = 200_u64 << attempt.min(4);
    let random = RandomState::new().build_hasher().finish();
    std::thread::sleep(Duration::from_millis(max / 2 + random % (max / 2)));
}
