//! Limits of this process itself.

use rustix::process::{Resource, Rlimit, setrlimit};

/// How much memory it may use, in bytes.
const MEMORY: u64 = 1 << 30;
/// How long it may compute, in seconds.
const CPU_SECONDS: u64 = 15;

/// Limits memory and time of this process, so that it ends where it would use up those of the machine. It leaves no core file.
pub fn limit_this_process() {
    for (resource, most) in [(Resource::As, MEMORY), (Resource::Cpu, CPU_SECONDS), (Resource::Core, 0)] {
        // Where a limit cannot be set, the deadline of the parent process still holds.
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
}
