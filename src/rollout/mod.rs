//! An operation on an environment, from what was typed to the event that ends it: the place, the digests, what is in the
//! way, the plan, the deed. What the verbs `deploy`, `promote` and `rollback` share. Leans on `ledger`, `registry`,
//! `deploy` and `policy`.

mod act;
mod ask;
mod back;
mod between;
mod by_itself;
mod forward;
mod images;
mod place;
mod plan;
mod prove;
mod screen;
mod target;
mod watch;

pub use act::{Done, act, still};
pub use ask::{Asked, PolicyOverrides};
pub use back::{RollbackDecision, Wishes as RollbackWishes, plan as plan_rollback, still as still_back};
pub use forward::{Wishes, plan as plan_forward};
pub use place::DeploymentContext;
pub use plan::Plan;
pub use prove::live;
pub use screen::{confirm, json, planned, show, tell};
