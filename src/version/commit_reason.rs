//! Why a commit has its effect on the version, as a value; its text is shown by `--explain` and in JSON.

use crate::model::CommitId;
use std::fmt;

/// Why a commit has its effect on the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitReason {
    /// A release commit that `rel` made (V30).
    ReleaseCommit,
    /// A merge commit (V25).
    Merge,
    /// Another commit reverts it (V19).
    RevertedBy(CommitId),
    /// Marked with `[skip release]` (V16).
    Skipped,
    /// It touches no path of the package (V17).
    OtherPaths,
    /// It reverts commits of the range, and has no effect besides (V19).
    Reverts {
        /// The commit that it names.
        first: CommitId,
        /// How many more it cancels.
        more: usize,
    },
    /// It reverts something that is not in the range (V20): the quoted hash, shortened.
    RevertsReleased(String),
    /// It reverts something that is not in the repository (V20): the quoted hash, shortened.
    RevertsUnknown(String),
    /// Its message decides.
    Message {
        /// What the change with the highest bump says.
        change: ChangeReason,
        /// How many changes the message has.
        changes: usize,
        /// The bump comes from `[version] otherwise`.
        otherwise: bool,
    },
}

/// Why a change of a message has its bump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeReason {
    /// No part of the message is a conventional commit.
    NotConventional,
    /// Marked with `[skip release]` (V16).
    Skipped,
    /// A breaking change.
    Breaking,
    /// A known type.
    Type(String),
    /// A type that is not known (V27).
    UnknownType(String),
}

impl CommitReason {
    /// Returns the text without what differs from commit to commit, for counting commits with the same reason.
    pub fn group(&self) -> String {
        match self {
            CommitReason::RevertedBy(_) => "reverted".to_owned(),
            CommitReason::Reverts { .. } => "reverts a commit".to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for CommitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommitReason::ReleaseCommit => f.write_str("release commit made by rel"),
            CommitReason::Merge => f.write_str("merge commit; its commits count"),
            CommitReason::RevertedBy(revert) => write!(f, "reverted by {}", revert.short()),
            CommitReason::Skipped => f.write_str("marked [skip release]"),
            CommitReason::OtherPaths => f.write_str("touches no path of this package"),
            CommitReason::Reverts { first, more: 0 } => {
                write!(f, "reverts {}: the two cancel out", first.short())
            }
            CommitReason::Reverts { first, more } => {
                write!(f, "reverts {} and {more} more: they cancel out", first.short())
            }
            CommitReason::RevertsReleased(hash) => {
                write!(f, "reverts {hash}, which had already been released")
            }
            CommitReason::RevertsUnknown(hash) => {
                write!(f, "reverts {hash}, which is not in this repository")
            }
            CommitReason::Message { change, changes, otherwise } => {
                let squash = if *changes > 1 { format!(", in a squash of {changes}") } else { String::new() };
                if *otherwise {
                    write!(f, "otherwise ({change}{squash})")
                } else {
                    write!(f, "{change}{squash}")
                }
            }
        }
    }
}

impl fmt::Display for ChangeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeReason::NotConventional => f.write_str("not a conventional commit"),
            ChangeReason::Skipped => f.write_str("marked [skip release]"),
            ChangeReason::Breaking => f.write_str("breaking change"),
            ChangeReason::Type(kind) => f.write_str(kind),
            ChangeReason::UnknownType(kind) => write!(f, "unknown type {kind}"),
        }
    }
}
