//! A process group, and how it is ended with everything in it.

use rustix::process::{Pid, Signal, WaitOptions};
use std::process::{Child, ExitStatus};

/// A process that leads a group, and everything it started that did not leave the group.
pub(super) struct ProcessGroup {
    leader: Child,
    id: Option<Pid>,
    status: Option<ExitStatus>,
}

impl ProcessGroup {
    /// Takes a child that was started as the leader of a new group.
    pub(super) fn new(leader: Child) -> Self {
        let id = group_of(&leader);
        ProcessGroup { leader, id, status: None }
    }

    /// Returns how the leader ended; `None` while it runs.
    pub(super) fn leader_status(&mut self) -> std::io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.leader.try_wait()?;
        }
        Ok(self.status)
    }

    /// Returns whether no process is left. Call `leader_status` first: it reaps the leader.
    pub(super) fn is_empty(&mut self) -> bool {
        let Some(id) = self.id else { return true };
        if self.status.is_none() {
            return false;
        }
        // We are the subreaper of the group's orphans, so we reap them; a zombie would count as a member.
        while matches!(rustix::process::waitpgid(id, WaitOptions::NOHANG), Ok(Some(_))) {}
        rustix::process::test_kill_process_group(id) == Err(rustix::io::Errno::SRCH)
    }

    /// Sends SIGTERM to all of them.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Sends SIGKILL to all of them.
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        if let Some(id) = self.id {
            // A group that is gone needs no signal.
            let _ = rustix::process::kill_process_group(id, signal);
        }
    }
}

/// Sends SIGKILL to the group that a child leads.
pub(super) fn kill_group(leader: &Child) {
    if let Some(id) = group_of(leader) {
        let _ = rustix::process::kill_process_group(id, Signal::KILL);
    }
}

fn group_of(leader: &Child) -> Option<Pid> {
    i32::try_from(leader.id()).ok().and_then(Pid::from_raw)
}

/// Makes orphans of our children our own children, so that they can be waited for.
pub fn become_subreaper() {
    // Where the system cannot do this (before Linux 3.4), init reaps them: a little later.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Pid::from_raw(1));
}
