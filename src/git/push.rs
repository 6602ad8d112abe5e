//! One atomic push of branch and tag, with what is expected on the remote; and what the remote has now. The tag on
//! the remote is the lock of a release. Leans on `program`.

use super::remote::Remote;
use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;
use std::collections::HashMap;

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
}

impl Repo {
    /// What the remote's heads and tags are, each tag's own object, not what it points at.
    pub fn remote_refs(&self, remote: &Remote) -> Result<HashMap<String, CommitId>> {
        let answer = self.program.call("ls-remote").option("--refs").operand(&remote.name).run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("{} cannot be asked what it has", remote.name))
                .cause(answer.stderr)
                .hint(format!("`git ls-remote {}` must work here", remote.name)));
        }
        let pair = |line: &str| {
            line.split_once('\t').and_then(|(id, name)| Some((name.to_owned(), CommitId::parse(id)?)))
        };
        Ok(answer.stdout.lines().filter_map(pair).collect())
    }

    /// Pushes all or nothing. `dry`: asks whether it would go, as far as the remote tells.
    pub fn push(&self, remote: &Remote, updates: &[Update], options: &[String], dry: bool) -> Result<Pushed> {
        let mut call = self
            .program
            .call("push")
            .option("--atomic")
            .option("--porcelain")
            .option("--no-follow-tags")
            .option("--recurse-submodules=no");
        if dry {
            call = call.option("--dry-run").option("--no-verify");
        }
        for update in updates {
            call = call.lease(&update.reference, update.expected);
        }
        for option in options {
            call = call.push_option(option);
        }
        call = call.operand(&remote.name);
        for update in updates {
            call = call.operand(format!("{}:{}", update.new, update.reference));
        }
        let answer = call.run()?;
        if answer.ok {
            return Ok(Pushed::Done);
        }
        if !dry && self.arrived(remote, updates)? {
            return Ok(Pushed::Done);
        }
        Ok(verdict(&answer.stdout, &answer.stderr))
    }

    /// A push that failed may have arrived all the same: the connection was cut behind it.
    fn arrived(&self, remote: &Remote, updates: &[Update]) -> Result<bool> {
        let refs = self.remote_refs(remote)?;
        Ok(updates.iter().all(|update| refs.get(&update.reference) == Some(&update.new)))
    }
}

/// Reads git's own lines: `!<tab>from:to<tab>[rejected] (stale info)` (git-push(1), `--porcelain`).
pub(super) fn verdict(stdout: &str, stderr: &str) -> Pushed {
    let rejected: Vec<(&str, &str)> = stdout
        .lines()
        .filter_map(|line| {
            let mut fields = line.strip_prefix("!\t")?.splitn(2, '\t');
            let reference = fields.next()?.rsplit(':').next()?;
            Some((reference, fields.next()?))
        })
        .collect();
    let raced = [
        "stale info",
        "fetch first",
        "non-fast-forward",
        "already exists",
        "cannot lock ref",
        "reference already exists",
        "failed to update ref",
        "incorrect old value",
    ];
    let moved: Vec<String> = rejected
        .iter()
        .filter(|(_, why)| raced.iter().any(|word| why.contains(word)))
        .map(|(reference, _)| (*reference).to_owned())
        .collect();
    if !moved.is_empty() {
        return Pushed::Lost { moved };
    }
    let remote =
        rejected.iter().any(|(_, why)| why.contains("remote rejected") || why.contains("remote failure"));
    let foreign = stderr.contains("atomic")
        || stderr.contains("unable to access")
        || stderr.contains("Could not read from remote")
        || stderr.contains("Permission denied");
    let words = match rejected.iter().find(|(_, why)| !why.contains("atomic push failed")) {
        Some((reference, why)) => format!("{reference}: {why}; {stderr}"),
        None => stderr.to_owned(),
    };
    if remote || foreign || !rejected.is_empty() { Pushed::Refused(words) } else { Pushed::Stopped(words) }
}

#[cfg(test)]
mod tests {
    use super::{Pushed, verdict};

    #[test]
    fn gits_words_are_understood() {
        let stale = "To x\n!\ta:refs/heads/main\t[rejected] (stale info)\n!\tb:refs/tags/v1\t[rejected] (atomic push failed)\nDone\n";
        assert_eq!(verdict(stale, "error: failed"), Pushed::Lost { moved: vec!["refs/heads/main".into()] });
        let hook = "!\ta:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n";
        assert!(matches!(verdict(hook, ""), Pushed::Refused(_)));
        assert!(matches!(verdict("", "error: failed to push some refs to 'x'"), Pushed::Stopped(_)));
        assert!(matches!(
            verdict("", "fatal: the receiving end does not support --atomic push"),
            Pushed::Refused(_)
        ));
    }
}
