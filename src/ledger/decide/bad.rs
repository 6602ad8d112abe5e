//! `bad` and `good`.

use super::by_since;
use crate::error::Result;
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, EventPayload, Release};

/// Marks the build of a release as bad.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn bad(snapshot: &Snapshot, package: &str, release: &Release) -> Result<Decision> {
    Ok(match snapshot.bad_build(package, &release.pin)? {
        Some(mark) => {
            let marked = by_since("marked bad", &mark.by, mark.since, mark.reason.as_deref());
            Decision::Already(format!("{} has been {marked}", release.label()))
        }
        None => Decision::Record(vec![payload(EventKind::Bad, package, release)]),
    })
}

/// Removes the mark from the build of a release.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn good(snapshot: &Snapshot, package: &str, release: &Release) -> Result<Decision> {
    Ok(match snapshot.bad_build(package, &release.pin)? {
        Some(_) => Decision::Record(vec![payload(EventKind::Good, package, release)]),
        None => Decision::Already(format!("{} is not marked bad", release.label())),
    })
}

fn payload(kind: EventKind, package: &str, release: &Release) -> EventPayload {
    EventPayload { release: Some(release.clone()), ..EventPayload::new(kind).at(Some(package), None) }
}
