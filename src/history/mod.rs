//! From a repository and its configuration to the facts about one package, and through `version` to the decision.
//! Leans on `world`, `git`, `config` and `version`; every verb that needs a version enters here.

mod commits;
mod line;
mod own;
mod package;
mod release;
mod replay;
mod stretch;
mod survey;
mod tags;

pub use package::{Package, packages, packages_of};
pub use release::Release;
pub use replay::{Proposal, Replay, Replayed, agreed, replay};
pub use stretch::Stretch;
pub use survey::{Ask, Survey};
