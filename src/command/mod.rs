//! One verb per file: its help, its arguments, and what it does.

pub mod adopt;
pub mod approve;
mod arguments;
pub mod bad;
pub mod changelog;
pub mod current;
pub mod cut;
pub mod demo;
pub mod deploy;
pub mod diff;
pub mod freeze;
pub mod generate;
pub mod history;
pub mod hold;
pub mod ledger;
pub mod lint;
pub mod next;
pub mod promote;
pub mod render_notes;
pub mod replay;
pub mod retag;
pub mod rollback;
pub mod status;
pub mod sync;
pub mod unlock;
pub mod verify;
mod view;

use crate::error::Kind;

/// How a command ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Done, or nothing to do: exit code 0.
    Done,
    /// Nothing to release, where `--require` asked for something: exit code 3.
    NothingToRelease,
    /// `rel lint` found faults: exit code 4.
    Faults,
    /// `rel verify` found a difference, which the answer shows: the exit code of this kind.
    Failed(Kind),
}

impl End {
    /// Returns the exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            End::Done => 0,
            End::NothingToRelease => Kind::NothingToRelease.code(),
            End::Faults => Kind::Refused.code(),
            End::Failed(kind) => kind.code(),
        }
    }
}
