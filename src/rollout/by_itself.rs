//! The way back that nobody asked for: what `rollback_on_failure` and a failing check of a step do. Leans on `back`,
//! `between` and `images`.

use super::back::{PATIENCE, gone};
use super::place::DeploymentContext;
use super::plan::Plan;
use super::{between, images};
use crate::deploy::{self, Values};
use crate::error::{Error, Result};
use crate::model::{EventKind, Release};
use crate::resolve::PinSource;

/// The way back: to what ran before a deploy that failed. It marks nothing bad and holds nothing.
pub(super) fn automatic(place: &DeploymentContext<'_>, failed: &Release, before: &Release) -> Result<Plan> {
    place.check_repositories(before)?;
    let way = between::way(place, failed, before)?;
    let doors = way.iter().flat_map(|way| &way.doors);
    let doors = doors.map(|door| Error::refused(format!("{} is a one-way door: {}", door.release, door.why)));
    if let Some(error) = doors.into_iter().next() {
        return Err(error);
    }
    let seen = images::look(place, &before.pin, PATIENCE)?;
    if !seen.gone.is_empty() {
        return Err(gone(place, before, &seen.gone, None));
    }
    let unchecked =
        seen.unknown.iter().map(|error| format!("images of {}: {}", before.label(), error.message));
    let values = Values::new(before, &place.environment, &place.package, Some(failed));
    Ok(Plan {
        kind: EventKind::Rollback,
        source: PinSource::Ledger,
        stages: deploy::rollback_stages(&place.rules, &values)?,
        values,
        proves_by_asking: false,
        recorded: false,
        reason: Some(format!("{} failed", failed.label())),
        overrides: Vec::new(),
        unchecked: unchecked.collect(),
        notes: Vec::new(),
        takes_over: None,
        seen: None,
        hold: false,
        bad: false,
        ends_hold: false,
        automatic: true,
        way,
        from: Some(failed.clone()),
        release: before.clone(),
    })
}
