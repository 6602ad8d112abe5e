//! `rel` takes a commit to production and back: the next version, the release, the version tags of its images, and the record of
//! what runs where.
//!
//! Modules are by subject and depend on each other downwards only: `command` → `release`, `rollout`, `retagging`,
//! `verification` → `resolve` → `ledger`, `registry`, `git_history` → `context` → the pure modules and those that own one thing
//! outside (`git`, `process`, `ui`) → `model` → `error`. `docs/architecture.md` describes them, and
//! `tests/rel/architecture.rs` checks it. They are private, so that the compiler reports code that nothing uses.

mod changelog;
mod cli;
mod command;
mod config;
mod context;
mod demo;
mod deploy;
mod error;
mod git;
mod git_history;
mod ledger;
mod model;
mod policy;
mod process;
mod registry;
mod release;
mod resolve;
mod retagging;
mod rollout;
mod ui;
mod verification;
mod version;
mod version_files;

pub use cli::run;

/// What the tests, benches and fuzz targets of this repository use of the inside. Not an interface: it changes without notice.
#[doc(hidden)]
pub mod internals {
    pub use crate::config::read as read_config;
    pub use crate::context::{Colour, Context, Settings, terminal};
    pub use crate::error::Result;
    pub use crate::ledger::{
        Decision, Files, Ledger, RecordOutcome, Snapshot, commit_message, fold, parse_pending_lines,
    };
    pub use crate::model::message::{Header, Message, is_probably_header};
    pub use crate::model::*;
    pub use crate::registry::{RegistryAnswer, read_answer};
    pub use crate::version_files::{FileSource, VersionChange, edits};
}
