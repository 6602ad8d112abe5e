//! From a repository and its configuration to the facts about one package, and through `version` to the decision.
//! Leans on `context`, `git`, `config` and `version`; every verb that needs a version enters here.

mod commit_range;
mod commits;
mod package;
mod release_commits;
mod release_context;
mod release_line;
mod replay;
mod tagged_release;
mod tags;

pub use commit_range::CommitRange;
pub use package::{Package, packages, packages_of};
pub use release_context::{HistoryOptions, ReleaseContext};
pub use replay::{Proposal, Replay, Replayed, match_count, replay};
pub use tagged_release::TaggedRelease;
