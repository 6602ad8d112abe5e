//! `bad` and `good`.

use crate::error::Result;
use crate::ledger::{Decision, Snapshot};
use crate::model::{BadBuild, EventKind, EventPayload, Release};
use crate::policy::Authority;

/// Marks the build of a release as bad.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn bad(snapshot: &Snapshot, package: &str, release: &Release) -> Result<Decision> {
    Ok(match snapshot.bad_build(package, &release.pin)? {
        Some(mark) => {
            let reason = mark.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
            let (label, by) = (release.label(), mark.by.label());
            Decision::Already(format!("{label} was marked bad by {by} at {}{reason}", mark.since))
        }
        None => Decision::Record(vec![payload(EventKind::Bad, package, release)]),
    })
}

/// Removes the mark from the build of a release.
///
/// # Errors
///
/// 4 if a person marked it and this actor may not lift that; 5 if a file of the ledger cannot be parsed.
pub fn good(
    snapshot: &Snapshot,
    package: &str,
    release: &Release,
    authority: &Authority,
) -> Result<Decision> {
    let marks = snapshot.bad_builds(package)?.into_iter();
    let marks: Vec<BadBuild> =
        marks.filter(|mark| mark.release.pin.same_commit_or_all_digests(&release.pin)).collect();
    if marks.is_empty() {
        return Ok(Decision::Already(format!("{} is not marked bad", release.label())));
    }
    let what = format!("the mark on {}", release.label());
    marks.iter().try_for_each(|mark| authority.check_lift(&what, &mark.by))?;
    Ok(Decision::Record(vec![payload(EventKind::Good, package, release)]))
}

fn payload(kind: EventKind, package: &str, release: &Release) -> EventPayload {
    EventPayload { release: Some(release.clone()), ..EventPayload::new(kind).at(Some(package), None) }
}
