//! What ends commands from outside: a signal to `rel`, or the caller of a supervised command.

use crate::error::{Kind, Result, ResultExt};
use signal_hook::consts::signal::SIGXFSZ;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long everything together may take after a signal: a CI system that cancels a job kills it after 7.5 s.
const TIME_TO_END: Duration = Duration::from_millis(6_300);
/// The exit code of a process that a signal ended.
const INTERRUPTED: i32 = 130;

/// The flags that signals set, from when an operation listens for them.
static LISTENING: OnceLock<Stop> = OnceLock::new();
/// When a signal was first noticed.
static NOTICED: OnceLock<Instant> = OnceLock::new();
/// Whether a signal ends the first process of a container at once.
static ENDS_FIRST_PROCESS: OnceLock<Arc<AtomicBool>> = OnceLock::new();

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
        if let Some(ends) = ENDS_FIRST_PROCESS.get() {
            ends.store(false, Ordering::SeqCst);
        }
        Ok(LISTENING.get_or_init(|| stop).clone())
    }

    /// Returns whether a person or a CI system wants this process to end. The time to end counts from the first call that
    /// notices it, so that the grace period of a command is part of it.
    pub fn interrupted(&self) -> bool {
        let interrupted = self.signal.load(Ordering::Relaxed);
        if interrupted {
            NOTICED.get_or_init(Instant::now);
        }
        interrupted
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

/// Returns whether a signal told this process to end, while an operation listens for signals.
pub fn is_interrupted() -> bool {
    LISTENING.get().is_some_and(Stop::interrupted)
}

/// Returns how much of the time to end is left; `None` where no signal came.
pub(super) fn time_to_end() -> Option<Duration> {
    let noticed = is_interrupted().then(|| *NOTICED.get_or_init(Instant::now))?;
    Some(TIME_TO_END.saturating_sub(noticed.elapsed()))
}

/// Makes SIGINT and SIGTERM end this process where it is the first one of a container: the kernel does not apply the
/// default action of a signal to it.
pub fn end_first_process_on_signals() {
    if std::process::id() != 1 {
        return;
    }
    let ends = ENDS_FIRST_PROCESS.get_or_init(|| Arc::new(AtomicBool::new(true)));
    for signal in [SIGINT, SIGTERM] {
        // Where this fails, the signal does nothing, as without it.
        drop(signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(ends)));
    }
}

/// Lets a write beyond the limit of file sizes (`ulimit -f`) fail as on a full disk, instead of ending this process by SIGXFSZ.
pub fn survive_file_size_limit() {
    // Where this fails, the signal ends the process, as without it.
    drop(signal_hook::flag::register(SIGXFSZ, Arc::default()));
}

/// Returns whether this process was started to outlive its terminal (`nohup`): SIGHUP is ignored.
fn ignores_hangup() -> bool {
    // Systems without this file are taken for ones where it is not.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 << (SIGHUP - 1) != 0)
}
