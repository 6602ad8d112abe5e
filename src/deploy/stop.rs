//! What ends an operation from outside: a signal to `rel`, or a rollback that took over. Leans on `signal-hook`.

use crate::error::{Context, Kind, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by the thread that watches a process and the one that looks at the ledger.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub(super) signal: Arc<AtomicBool>,
    superseded: Arc<AtomicBool>,
}

impl Stop {
    /// From here on SIGINT and SIGTERM no longer end the process: whoever runs a deployer must end it and record how far
    /// it came.
    pub fn on_signals() -> Result<Self> {
        let stop = Stop::default();
        for signal in [SIGINT, SIGTERM] {
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
