//! Decides what an event records, or that it is so already: the rules of the verbs that record one event each.

mod adopt;
mod approve;
mod bad;
mod freeze;
mod hold;
mod unlock;

pub use adopt::adopt;
pub use approve::approve;
pub use bad::{bad, good};
pub use freeze::{freeze, thaw};
pub use hold::{hold, unhold};
pub use unlock::unlock;

use super::{Decision, Snapshot};
use crate::error::Result;
use crate::model::{Actor, EventKind, EventPayload, Timestamp};

/// Records one event of this kind.
fn one(kind: EventKind, package: Option<&str>, environment: Option<&str>) -> Decision {
    Decision::Record(vec![EventPayload::new(kind).at(package, environment)])
}

/// Returns `held by Ada since 2026-11-20T12:00:00Z (INC-412)`.
fn by_since(done: &str, by: &Actor, since: Timestamp, reason: Option<&str>) -> String {
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("{done} by {} since {since}{reason}", by.label())
}

/// Returns the packages that have a state in an environment.
fn packages_in(snapshot: &Snapshot, environment: &str) -> Result<Vec<String>> {
    let all = snapshot.environments()?.into_iter();
    Ok(all.filter(|(_, name)| name == environment).map(|(package, _)| package).collect())
}
