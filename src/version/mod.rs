//! From facts to the next version, with reasons. Pure: what git knows comes in as values, a `VersionDecision` goes out.
//! Leans on `model` and `error`. The cases are settled by `VERSION-RULES`, whose numbers stand in the code.
//!
//! The way of the data: `base::choose` → `weigh::weigh` → `target::compute_core` → `conclude::conclude`.

mod base;
mod cancel;
mod classify;
mod decide;
mod facts;
mod release_as;
mod target_version;
mod unmatched_tags;

pub use base::{Base, Rejected, search_order, select_base};
pub use classify::{ClassifiedCommit, CommitEffect, classify, unresolved_hashes};
pub use decide::{DecisionInput, Next, VersionDecision, decide};
pub use facts::{Commit, QuotedHash, ReleaseLine, VersionRequest, VersionTag};
pub use target_version::{DecisionRules, TargetVersion, compute_core};
pub use unmatched_tags::{UnmatchedTags, unmatched_tags};
