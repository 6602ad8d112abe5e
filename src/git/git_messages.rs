//! The one place that recognises what git prints for people. Each answer becomes an enum or a flag here; nothing else in
//! `rel` decides by the text of a message.

/// Why a push did not succeed, as git reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PushFailure {
    /// Another push was updating this ref at the same time.
    Busy {
        /// The full ref.
        reference: String,
    },
    /// The remote, or one of its hooks, rejected the push.
    Rejected(String),
    /// Git or a hook of the user stopped the push before anything was sent.
    Stopped(String),
}

/// Parses the output of a failed `git push --porcelain`, whose lines for refs that were not updated are
/// `!<tab>from:to<tab>[remote rejected] (why)` (git-push(1)). `stdout` and `stderr` are what it printed.
pub(super) fn parse_push_failure(stdout: &str, stderr: &str) -> PushFailure {
    let rejected: Vec<(&str, &str)> = stdout
        .lines()
        .filter_map(|line| {
            let mut fields = line.strip_prefix("!\t")?.splitn(2, '\t');
            let reference = fields.next()?.rsplit(':').next()?;
            Some((reference, fields.next()?))
        })
        .collect();
    let busy = |why: &str| why.contains("cannot lock ref") || why.contains("failed to update ref");
    if let Some((reference, _)) = rejected.iter().find(|(_, why)| busy(why) || busy(stderr)) {
        return PushFailure::Busy { reference: (*reference).to_owned() };
    }
    // Of the refs of an atomic push all are rejected for the sake of one; that one has the reason.
    let message = match rejected.iter().find(|(_, why)| !why.contains("atomic")) {
        Some((reference, why)) => format!("{reference}: {why}; {stderr}"),
        None => stderr.to_owned(),
    };
    let remote = ["atomic", "unable to access", "Could not read from remote", "Permission denied"];
    if !rejected.is_empty() || remote.iter().any(|text| stderr.contains(text)) {
        PushFailure::Rejected(message)
    } else {
        PushFailure::Stopped(message)
    }
}

/// Returns whether git could not take a lock file of this repository: `Unable to create '….lock': File exists`.
pub(super) fn is_lock_conflict(stderr: &str) -> bool {
    stderr.contains(".lock")
}

#[cfg(test)]
mod tests {
    use super::{PushFailure, is_lock_conflict, parse_push_failure};

    #[test]
    fn push_failures_are_told_apart() {
        let race = "!\ta:refs/heads/main\t[remote rejected] (failed to update ref)\n";
        let busy = PushFailure::Busy { reference: "refs/heads/main".to_owned() };
        assert_eq!(parse_push_failure(race, ""), busy);
        let hook = "!\ta:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n";
        assert!(matches!(parse_push_failure(hook, ""), PushFailure::Rejected(_)));
        let stopped = parse_push_failure("", "error: failed to push some refs to 'x'");
        assert!(matches!(stopped, PushFailure::Stopped(_)));
        let unable = parse_push_failure("", "fatal: the receiving end does not support --atomic push");
        assert!(matches!(unable, PushFailure::Rejected(_)));
    }

    #[test]
    fn lock_conflicts_are_recognised() {
        assert!(is_lock_conflict("fatal: Unable to create '/x/.git/shallow.lock': File exists."));
        assert!(!is_lock_conflict("fatal: unable to access 'https://x': Could not resolve host"));
    }
}
