//! `hold` and `unhold`.

use super::{by_since, one, packages_in};
use crate::error::{Error, Result};
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, Hold};
use crate::policy::Authority;

/// Holds an environment for one package, or for all. A person's hold replaces that of a rollback, so that no deploy ends it,
/// and a new reason replaces an own one; a hold that somebody else set stays, and so does its reason.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn hold(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: &str,
    authority: &Authority,
    reason: Option<&str>,
) -> Result<Decision> {
    let before = match package {
        Some(package) => snapshot.environment(package, environment)?.and_then(|state| state.hold),
        None => global_hold(snapshot, environment)?,
    };
    let Some(hold) = before else { return Ok(one(EventKind::Hold, package, Some(environment))) };
    let own = hold.by.id.eq_ignore_ascii_case(&authority.actor.id);
    let says_more = reason.is_some_and(|reason| hold.reason.as_deref() != Some(reason));
    if says_more && (own || hold.is_of_rollback()) && authority.may_lift(&hold.by) {
        return Ok(one(EventKind::Hold, package, Some(environment)));
    }
    let already = format!("{environment} has been {}", describe(&hold));
    Ok(Decision::Already(match says_more {
        true => format!("{already}; that reason stays, and yours was not recorded"),
        false => already,
    }))
}

/// Ends the hold of an environment for one package, or all of its holds.
///
/// # Errors
///
/// 4 if a package is held because the whole environment is, or if a person set a hold that this actor may not lift.
pub fn unhold(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: &str,
    authority: &Authority,
) -> Result<Decision> {
    let above = global_hold(snapshot, environment)?;
    if let (Some(package), Some(hold)) = (package, &above) {
        let message = format!("{package} is held in {environment} because the whole environment is");
        return Err(Error::refused(message).cause(describe(hold)).hint(format!("rel unhold {environment}")));
    }
    let mut holds: Vec<Hold> = above.into_iter().collect();
    let packages = match package {
        Some(package) => vec![package.to_owned()],
        None => packages_in(snapshot, environment)?,
    };
    for package in packages {
        holds.extend(snapshot.environment(&package, environment)?.and_then(|state| state.hold));
    }
    if holds.is_empty() {
        return Ok(Decision::Already(format!("{environment} is not held")));
    }
    let what = format!("the hold on {environment}");
    holds.iter().try_for_each(|hold| authority.check_lift(&what, &hold.by))?;
    Ok(one(EventKind::Unhold, package, Some(environment)))
}

fn global_hold(snapshot: &Snapshot, environment: &str) -> Result<Option<Hold>> {
    Ok(snapshot.global_state(Some(environment))?.and_then(|state| state.hold))
}

fn describe(hold: &Hold) -> String {
    by_since("held", &hold.by, hold.since, hold.reason.as_deref())
}
