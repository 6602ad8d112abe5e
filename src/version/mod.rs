//! From facts to the next version, with reasons. Pure: what git knows comes in as values, a `Decision` goes out.
//! Leans on `model` and `error`. The cases are settled by `VERSION-RULES`, whose numbers stand in the code.
//!
//! The way of the data: `base::choose` → `weigh::weigh` → `target::aim` → `conclude::conclude`.

mod base;
mod cancel;
mod conclude;
mod facts;
mod foreign;
mod release_as;
mod target;
mod weigh;

pub use base::{Base, Rejected, choose, wanted};
pub use conclude::{Case, Decision, Next, conclude};
pub use facts::{Commit, Hash, Line, Request, VersionTag};
pub use foreign::{Foreign, foreign};
pub use target::{Rules, Target, aim};
pub use weigh::{ClassifiedCommit, Verdict, unresolved, weigh};
