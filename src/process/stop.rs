//! What ends a supervised command from outside: a signal to `rel`, or its caller.

use crate::error::{Kind, Result, ResultExt};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Two flags that end commands, shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub(super) signal: Arc<AtomicBool>,
    cancelled: Arc<AtomicBool>,
}

impl Stop {
    /// Returns flags that SIGINT, SIGTERM and the SIGHUP of a lost terminal set. From now on these signals do not end
    /// this process: an operation ends its commands first, and records what happened.
    pub fn on_signals() -> Result<Self> {
        let stop = Stop::default();
        for signal in
            [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| *signal != SIGHUP || !ignores_hangup())
        {
            signal_hook::flag::register(signal, Arc::clone(&stop.signal))
                .context(Kind::Refused, "cannot listen for signals")?;
        }
        Ok(stop)
    }

    /// Returns whether a person or a CI system wants this process to end.
    pub fn interrupted(&self) -> bool {
        self.signal.load(Ordering::Relaxed)
    }

    /// Returns whether `cancel` was called.
    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Ends the command that runs.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Returns whether this process was started to outlive its terminal (`nohup`): SIGHUP is ignored.
fn ignores_hangup() -> bool {
    // Systems without this file are taken for ones where it is not.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 << (SIGHUP - 1) != 0)
}
