//! From a repository and its configuration to the facts about one package, and through `version` to the decision.
//! Leans on `context`, `git`, `config` and `version`; every verb that needs a version enters here.

mod commit_range;
mod commits;
mod line;
mod package;
mod release;
mod release_commits;
mod release_context;
mod replay;
mod tags;

pub use commit_range::CommitRange;
pub use package::{Package, packages, packages_of};
pub use release::Release;
pub use release_context::{Options, ReleaseContext};
pub use replay::{Proposal, Replay, Replayed, match_count, replay};
