//! Reads and changes git repositories: the only module that uses libgit2 and the commit-graph, and that runs `git`.
//! libgit2 and the commit-graph read; the user's own `git` talks to remotes, signs and checks out. No type of libgit2 is
//! part of the interface.
//!
//! `Repo` only reads. `Writer` changes a repository; only the code that releases and the ledger may use it.

mod annotated_tags;
mod append_only_ref;
mod changed_paths;
mod checkout;
mod command;
mod commits;
mod containing_branches;
mod damage;
mod diff;
mod editor;
mod fetch;
mod files;
mod git_messages;
mod graph;
mod hooks;
mod ledger_repo;
mod ls_remote;
mod open;
mod push;
mod remote;
mod repo;
mod retries;
mod search;
mod settings;
mod signatures;
mod stale_locks;
mod tags;
mod variables;
mod walk;
mod work_tree;
mod writer;

pub use annotated_tags::AnnotatedTag;
pub use checkout::Checkout;
pub use command::GitProgram;
pub use diff::unified;
pub use editor::edit_text;
pub use fetch::{Depth, FetchError, FetchTimeout};
pub use files::TreeId;
pub use hooks::{has_program, run_before};
pub use ls_remote::{LsRemote, Refs};
pub use open::Location;
pub use push::{FastForwardOutcome, PushOutcome, Update};
pub use remote::Remote;
pub use repo::{Head, Repo};
pub use tags::{RawTag, Target};
pub use walk::{Link, Wanted};
pub use writer::{Sign, Writer};
