//! Computes the next version of a package, with reasons. Pure: what git and the configuration know comes in as values, and
//! a `VersionDecision` goes out. The rules V1 to V35 are in docs/version-rules.md.
//!
//! `select_base` → `classify` → `compute_core` → `decide`

mod base;
mod checks;
mod classify;
mod commit_reason;
mod decide;
mod facts;
mod prerelease;
mod release_as;
mod reverts;
mod target_version;
mod unmatched_tags;

pub use base::{Base, search_order, select_base};
pub use classify::{ClassifiedCommit, classify, unresolved_hashes};
pub use decide::{DecisionInput, Next, VersionDecision, decide};
pub use facts::{Commit, QuotedHash, ReleaseLine, VersionRequest, VersionTag};
pub use target_version::{Candidates, DecisionRules, compute_core};
pub use unmatched_tags::{UnmatchedTags, unmatched_tags};
