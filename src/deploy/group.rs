//! A process group of its own, and its end: nobody in it outlives it. Leans on `rustix`.

use rustix::process::{Pid, Signal, WaitOptions};
use std::process::{Child, ExitStatus};

/// A process and all that it started and that did not leave its group.
pub(super) struct Group {
    leader: Child,
    id: Option<Pid>,
    status: Option<ExitStatus>,
}

impl Group {
    /// Of a child that was started as the leader of a new group.
    pub(super) fn new(leader: Child) -> Self {
        let id = i32::try_from(leader.id()).ok().and_then(Pid::from_raw);
        Group { leader, id, status: None }
    }

    /// How the leader ended; `None` while it runs.
    pub(super) fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.leader.try_wait()?;
        }
        Ok(self.status)
    }

    /// Whether anybody is left. The leader must have been asked for before: it is reaped there.
    pub(super) fn is_empty(&mut self) -> bool {
        let Some(id) = self.id else { return true };
        if self.status.is_none() {
            return false;
        }
        // Orphans of the group are ours to bury, because we are their subreaper; a zombie would count as a member.
        while matches!(rustix::process::waitpgid(id, WaitOptions::NOHANG), Ok(Some(_))) {}
        rustix::process::test_kill_process_group(id) == Err(rustix::io::Errno::SRCH)
    }

    /// Asks all of them to end.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Ends all of them.
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        if let Some(id) = self.id {
            // Whoever is gone already needs no signal.
            let _ = rustix::process::kill_process_group(id, signal);
        }
    }
}

/// From here on the orphans of our children become ours, so that they can be buried.
pub fn adopt_orphans() {
    // Where the system does not know this (before Linux 3.4), orphans are buried by init: a little later.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Pid::from_raw(1));
}
