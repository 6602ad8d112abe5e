//! A process group, and how it is ended with everything in it.

use rustix::process::{Pid, Signal, WaitOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};

/// The variable that all processes of one command have, by which those are found that left its group.
const MARK: &str = "REL_COMMAND_ID";

/// A process that leads a group, and everything it started.
pub(super) struct ProcessGroup {
    leader: Child,
    id: Option<Pid>,
    status: Option<ExitStatus>,
    /// `REL_COMMAND_ID=…`, which processes have that left the group (`setsid`).
    mark: Vec<u8>,
}

impl ProcessGroup {
    /// Starts a command as the leader of a new group.
    pub(super) fn start(mut command: Command) -> std::io::Result<Self> {
        let id = format!("{}-{:x}", std::process::id(), RandomState::new().build_hasher().finish());
        let leader = command.env(MARK, &id).process_group(0).spawn()?;
        let mark = format!("{MARK}={id}").into_bytes();
        Ok(ProcessGroup { id: group_of(&leader), leader, status: None, mark })
    }

    /// Returns the outputs of the leader, once.
    pub(super) fn outputs(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.leader.stdout.take(), self.leader.stderr.take())
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
            && self.outside().is_empty()
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
        for process in self.outside() {
            let _ = rustix::process::kill_process(process, signal);
        }
    }

    /// Returns the processes of the command that left the group, and others that it started. Never the leader: reaped here, its
    /// status would be lost. Where the system has no `/proc`, none are found.
    fn outside(&self) -> Vec<Pid> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_marked = |pid: &Pid| {
            let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_pid()));
            environment
                .is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|variable| variable == self.mark))
        };
        let found: Vec<Pid> =
            pids.filter_map(Pid::from_raw).filter(|pid| Some(*pid) != self.id).filter(is_marked).collect();
        for process in &found {
            // An orphan of ours that has ended waits to be reaped.
            let _ = rustix::process::waitpid(Some(*process), WaitOptions::NOHANG);
        }
        found
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
