//! Measures time and memory of child processes.

use super::support::Failure;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Clone, Default)]
pub(crate) struct Sample {
    /// From the start to the end of the process.
    pub(crate) time: Duration,
    /// Its processor time: more reliable on a busy machine.
    pub(crate) work: Duration,
    /// Its peak memory in KiB.
    pub(crate) memory: u64,
    /// It ended with 0.
    pub(crate) ok: bool,
    /// The beginning of what it printed.
    pub(crate) stdout: String,
}

/// How much of the output is kept, in bytes. Not more, because Linux counts the memory of this process into the peak of its
/// children.
const KEPT: usize = 4096;

/// Runs a command, and returns what the kernel measured.
pub(crate) fn measure(mut command: Command) -> Result<Sample, Failure> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let mut kept = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = stdout.read(&mut buffer) {
            let room = KEPT.saturating_sub(kept.len()).min(count);
            kept.extend(buffer.iter().take(room));
        }
    }
    let (status, usage) = wait(child.id())?;
    let time = begun.elapsed();
    let work = duration(usage.ru_utime) + duration(usage.ru_stime);
    Ok(Sample {
        time,
        work,
        memory: u64::try_from(usage.ru_maxrss)?,
        ok: status == 0,
        stdout: String::from_utf8_lossy(&kept).into_owned(),
    })
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
}

/// Waits for a child, and returns its status and usage. The standard library does not return the usage.
#[expect(unsafe_code, reason = "only wait4 returns the memory of one child, and only C has it")]
fn wait(child: u32) -> Result<(i32, libc::rusage), Failure> {
    let mut status = 0;
    // SAFETY: both pointers are to this frame; `rusage` has only numbers, for which zero is valid. Nothing else waits
    // for this child: the `Child` is dropped without `wait`, which leaves the process alone.
    let (answer, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let answer = libc::wait4(libc::pid_t::try_from(child)?, &raw mut status, 0, &raw mut usage);
        (answer, usage)
    };
    if answer < 0 {
        return Err(format!("wait4: {}", std::io::Error::last_os_error()).into());
    }
    Ok((status, usage))
}

/// Describes the load of the machine, which makes measurements less reliable.
pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = text.split_whitespace().next().unwrap_or("unknown");
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!("load average {load} on {processors} processors")
}
