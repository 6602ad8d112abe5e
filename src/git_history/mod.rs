//! Reads a repository for one package at a time: from git and the configuration to the facts that `version` decides by, and
//! to the decision. Every verb that needs a version, a release or a range of commits starts here.

mod build_commit;
mod commit_range;
mod commits;
mod final_branches;
mod package;
mod release_commits;
mod release_context;
mod release_line;
mod replay;
mod replay_difference;
mod shallow;
mod tagged_release;
mod tags;

pub use commit_range::CommitRange;
pub use commits::CommitReader;
pub use package::{Package, packages, packages_of};
pub use release_context::{HistoryOptions, ReleaseContext};
pub use replay::{Proposal, Replay, Replayed, match_count, replay};
pub use tagged_release::TaggedRelease;
