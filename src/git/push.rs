//! One atomic push of branch and tag, with what is expected on the remote. The tag on the remote is the lock of a
//! release. Leans on `remote` and `program`.

use super::command::GitCommand;
use super::remote::Remote;
use super::repo::Repo;
use crate::error::Result;
use crate::model::CommitId;

/// How often a dry run is repeated that git ended with SIGPIPE.
const DRY_RUN_RETRIES: u32 = 3;

/// One ref that a push moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The full ref, as `refs/heads/main`.
    pub reference: String,
    /// What it is expected to be on the remote; `None` for absent.
    pub expected: Option<CommitId>,
    /// What it becomes: a commit, or the object of an annotated tag.
    pub new: CommitId,
}

/// How a push ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// All refs are as wanted.
    Done,
    /// Somebody else moved one of them first.
    Lost {
        /// The refs that were not as expected.
        moved: Vec<String>,
    },
    /// The remote or its hooks say no, or it cannot push atomically.
    Refused(String),
    /// The user's own pre-push hook says no, or git itself.
    Stopped(String),
    /// Nobody can tell whether it arrived: it did not end in time, or the remote is gone since.
    Unknown(String),
}

impl Repo {
    /// Pushes all or nothing. `dry`: asks whether it would go, as far as the remote tells.
    pub fn push(&self, remote: &Remote, updates: &[Update], options: &[String], dry: bool) -> Result<Pushed> {
        // A lease that holds lets git rewind as well, and nothing here ever does.
        let rewinds = |update: &&Update| match update.expected {
            Some(expected) if self.has(expected) => {
                self.is_ancestor(expected, update.new).map(|below| !below)
            }
            expected => Ok(expected.is_some()),
        };
        let mut moved = Vec::new();
        for update in updates {
            if rewinds(&update)? {
                moved.push(update.reference.clone());
            }
        }
        if !moved.is_empty() {
            return Ok(Pushed::Lost { moved });
        }
        let mut ended = self.pushing(remote, updates, options, dry).run();
        for _ in 0..DRY_RUN_RETRIES {
            // Of a dry run the other side waits for no options, so git may die while it sends them (seen in 2.47).
            if !dry || !ended.as_ref().is_ok_and(|answer| answer.broken_pipe) {
                break;
            }
            ended = self.pushing(remote, updates, options, dry).run();
        }
        let answer = match ended {
            Ok(answer) if answer.ok => return Ok(Pushed::Done),
            Ok(answer) => answer,
            Err(error) => return Ok(Pushed::Unknown(error.message)),
        };
        // What the remote has now tells more than any words: a push that failed may have arrived all the same, because
        // the connection was cut behind it; and a race that is lost has many names.
        let Ok(there) = self.advertised(remote) else { return Ok(Pushed::Unknown(answer.message)) };
        let refs = there.refs;
        let is = |update: &&Update| refs.get(&update.reference).copied();
        if !dry && updates.iter().all(|update| is(&update) == Some(update.new)) {
            return Ok(Pushed::Done);
        }
        let moved = updates.iter().filter(|update| is(update) != update.expected);
        let moved: Vec<String> = moved.map(|update| update.reference.clone()).collect();
        if !moved.is_empty() {
            return Ok(Pushed::Lost { moved });
        }
        Ok(verdict(&answer.stdout, &answer.message))
    }

    /// The command that pushes.
    fn pushing(&self, remote: &Remote, updates: &[Update], options: &[String], dry: bool) -> GitCommand<'_> {
        let command = self.program.command("push").option("--atomic").option("--porcelain");
        let mut command = command.option("--no-follow-tags").option("--recurse-submodules=no");
        if dry {
            command = command.option("--dry-run").option("--no-verify");
        }
        for update in updates {
            command = command.lease(&update.reference, update.expected);
        }
        for option in options {
            command = command.push_option(option);
        }
        command = command.operand(&remote.name);
        for update in updates {
            command = command.operand(format!("{}:{}", update.new, update.reference));
        }
        command
    }
}

/// Whether it was the remote that said no, by git's own lines: `!<tab>from:to<tab>[remote rejected] (why)` (git-push(1),
/// `--porcelain`).
pub(super) fn verdict(stdout: &str, stderr: &str) -> Pushed {
    let rejected: Vec<(&str, &str)> = stdout
        .lines()
        .filter_map(|line| {
            let mut fields = line.strip_prefix("!\t")?.splitn(2, '\t');
            let reference = fields.next()?.rsplit(':').next()?;
            Some((reference, fields.next()?))
        })
        .collect();
    // Two at once: the other one holds the lock and is not done yet.
    let locked = |why: &str| why.contains("cannot lock ref") || why.contains("failed to update ref");
    let busy = rejected.iter().find(|(_, why)| locked(why) || locked(stderr));
    if let Some((reference, _)) = busy {
        return Pushed::Lost { moved: vec![(*reference).to_owned()] };
    }
    let remote = ["atomic", "unable to access", "Could not read from remote", "Permission denied"];
    let remote = !rejected.is_empty() || remote.iter().any(|word| stderr.contains(word));
    let words = match rejected.iter().find(|(_, why)| !why.contains("atomic")) {
        Some((reference, why)) => format!("{reference}: {why}; {stderr}"),
        None => stderr.to_owned(),
    };
    if remote { Pushed::Refused(words) } else { Pushed::Stopped(words) }
}

#[cfg(test)]
mod tests {
    use super::{Pushed, verdict};

    #[test]
    fn gits_words_are_understood() {
        let race = "!\ta:refs/heads/main\t[remote rejected] (failed to update ref)\n";
        assert_eq!(verdict(race, ""), Pushed::Lost { moved: vec!["refs/heads/main".to_owned()] });
        let hook = "!\ta:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n";
        assert!(matches!(verdict(hook, ""), Pushed::Refused(_)));
        assert!(matches!(verdict("", "error: failed to push some refs to 'x'"), Pushed::Stopped(_)));
        assert!(matches!(
            verdict("", "fatal: the receiving end does not support --atomic push"),
            Pushed::Refused(_)
        ));
    }
}
