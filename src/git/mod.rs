//! The only room with libgit2, and the only one that runs `git`. libgit2 and the commit-graph read; the user's own
//! `git` talks to remotes. No foreign type leaves through this door. Leans on `model` and `error`.

mod beside;
mod chain;
mod checkout;
mod command;
mod commit;
mod diff;
mod editor;
mod graph;
mod lane;
mod open;
mod paths;
mod people;
mod preflight;
mod push;
mod release;
mod remote;
mod repo;
mod search;
mod tags;
mod walk;
mod write;

pub use chain::{Chained, Grown, Told};
pub use checkout::Checkout;
pub use command::GitProgram;
pub use diff::unified;
pub use preflight::Annotated;
pub use push::{Pushed, Update};
pub use remote::{Advertised, Remote};
pub use repo::{Head, Repo};
pub use tags::{RawTag, Target};
pub use walk::{Link, Range, Reach, Wanted};
pub use write::{Sign, TreeId};
