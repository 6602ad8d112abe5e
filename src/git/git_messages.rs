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
    /// The remote, or one of its hooks, rejected the push, or does not let us in.
    Rejected(String),
    /// The connection failed, so it may work a moment later. Whether the push arrived, git does not say.
    Disconnected(String),
    /// Git or a hook of the user stopped the push before anything was sent.
    Stopped(String),
}

/// Parses the output of a failed `git push --porcelain`, whose lines for refs that were not updated are
/// `!<tab>from:to<tab>[remote rejected] (why)` (git-push(1)). `stdout` and `stderr` are all that it printed: a
/// hook may print more than `message`, the first lines, which are shown.
pub(super) fn parse_push_failure(stdout: &str, stderr: &str, message: &str) -> PushFailure {
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
        Some((reference, why)) => format!("{reference}: {why}; {message}"),
        None => message.to_owned(),
    };
    // Git prints lines for refs as soon as the remote answers; without one, the push did not come so far.
    if rejected.is_empty() && is_disconnect(stderr) {
        return PushFailure::Disconnected(message);
    }
    let remote = ["atomic", "unable to access", "Could not read from remote", "Permission denied"];
    if !rejected.is_empty() || remote.iter().any(|text| stderr.contains(text)) {
        PushFailure::Rejected(message)
    } else {
        PushFailure::Stopped(message)
    }
}

/// Returns whether an exchange with a remote failed because of the connection, and not because the remote does not exist or
/// does not let us in.
pub(super) fn is_disconnect(stderr: &str) -> bool {
    let refused = [
        "Permission denied",
        "Permission to ",
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Host key verification failed",
        "does not appear to be a git repository",
        "not found",
        "Not found",
        "not exported",
        "access denied",
        "returned error: 40",
        "returned error: 41",
        "does not support",
    ];
    let connection = [
        "unable to access",
        "Could not read from remote",
        "hung up",
        "Connection",
        "connection",
        "early EOF",
        "RPC failed",
        "disconnect",
        "timed out",
        "Could not resolve",
        "unable to connect",
        "returned error: 429",
        "returned error: 5",
    ];
    let broken = ["hung up", "RPC failed", "disconnect"];
    let says = |texts: &[&str]| texts.iter().any(|text| stderr.contains(text));
    // A pre-push hook may print anything; git then ends with this line.
    let stopped = stderr.contains("failed to push some refs") && !says(&broken);
    says(&connection) && !says(&refused) && !stopped
}

/// Returns whether git could not take a lock file of this repository: `Unable to create '….lock': File exists`.
pub(super) fn is_lock_conflict(stderr: &str) -> bool {
    stderr.contains(".lock")
}

#[cfg(test)]
mod tests {
    use super::{PushFailure, is_disconnect, is_lock_conflict, parse_push_failure};

    #[test]
    fn push_failures_are_told_apart() {
        let race = "!\ta:refs/heads/main\t[remote rejected] (failed to update ref)\n";
        let busy = PushFailure::Busy { reference: "refs/heads/main".to_owned() };
        assert_eq!(parse_push_failure(race, "", ""), busy);
        let hook = "!\ta:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n";
        assert!(matches!(parse_push_failure(hook, "", ""), PushFailure::Rejected(_)));
        let stopped = parse_push_failure(
            "",
            "error: failed to push some refs to 'x'",
            "error: failed to push some refs to 'x'",
        );
        assert!(matches!(stopped, PushFailure::Stopped(_)));
        let unable = parse_push_failure(
            "",
            "fatal: the receiving end does not support --atomic push",
            "fatal: the receiving end does not support --atomic push",
        );
        assert!(matches!(unable, PushFailure::Rejected(_)));
    }

    #[test]
    fn a_connection_that_breaks_is_told_from_a_refusal() {
        let broken = [
            "ssh: connect to host h port 22: Connection refused; Could not read from remote repository.",
            "unable to access 'https://h/x/': Recv failure: Connection reset by peer",
            "the remote end hung up unexpectedly",
            "unable to access 'https://h/x/': The requested URL returned error: 502",
            "unable to access 'https://h/x/': Could not resolve host: h",
            "error: RPC failed; curl 56 GnuTLS recv error; send-pack: unexpected disconnect while reading",
        ];
        let refused = [
            "git@h: Permission denied (publickey).; Could not read from remote repository.",
            "unable to access 'https://h/x/': The requested URL returned error: 403",
            "remote: Repository not found.; repository 'https://h/x/' not found",
            "'/x' does not appear to be a git repository; Could not read from remote repository.",
            "could not read Username for 'https://h': terminal prompts disabled",
        ];
        for text in broken {
            assert!(is_disconnect(text), "{text}");
            assert!(matches!(parse_push_failure("", text, text), PushFailure::Disconnected(_)), "{text}");
        }
        for text in refused {
            assert!(!is_disconnect(text), "{text}");
        }
        // Once the remote has answered for a ref, it was a refusal.
        let hook = "!\ta:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n";
        let hung_up = "error: the remote end hung up";
        assert!(matches!(parse_push_failure(hook, hung_up, hung_up), PushFailure::Rejected(_)));
    }

    #[test]
    fn what_a_hook_prints_is_no_connection_however_much_it_is() {
        let printed =
            "checking connection to the linter\none\ntwo\nthree\nerror: failed to push some refs to 'x'\n";
        let first = "checking connection to the linter; one; two";
        assert!(!is_disconnect(printed));
        assert_eq!(parse_push_failure("", printed, first), PushFailure::Stopped(first.to_owned()));
    }

    #[test]
    fn lock_conflicts_are_recognised() {
        assert!(is_lock_conflict("fatal: Unable to create '/x/.git/shallow.lock': File exists."));
        assert!(!is_lock_conflict("fatal: unable to access 'https://x': Could not resolve host"));
    }
}
