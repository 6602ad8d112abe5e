//! What ends an operation from outside: a signal to `rel`, or a rollback that took over. Leans on `signal-hook`.

use crate::error::{Kind, Result, ResultExt};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by the thread that watches a process and the one that looks at the ledger.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub(super) signal: Arc<AtomicBool>,
    superseded: Arc<AtomicBool>,
}

impl Stop {
    /// From here on SIGINT, SIGTERM and the SIGHUP of a lost terminal no longer end the process: whoever runs a deployer must end it and record how far
    /// it came.
    pub fn on_signals() -> Result<Self> {
        let stop = Stop::default();
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| *signal != SIGHUP || !outlives())
        {
            signal_hook::flag::register(signal, Arc::clone(&stop.signal))
                .context(Kind::Refused, "signals cannot be listened to")?;
        }
        Ok(stop)
    }

    /// A person or a CI system wants it to end.
    pub fn interrupted(&self) -> bool {
        self.signal.load(Ordering::Relaxed)
    }

    /// A rollback took over.
    pub fn superseded(&self) -> bool {
        self.superseded.load(Ordering::Relaxed)
    }

    /// Says that a rollback took over.
    pub(super) fn supersede(&self) {
        self.superseded.store(true, Ordering::Relaxed);
    }
}

/// Whether this process was started to outlive its terminal (`nohup`): SIGHUP is ignored.
fn outlives() -> bool {
    // Where the system does not say so, it is not.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 << (SIGHUP - 1) != 0)
}
