//! `hold` and `unhold`.

use super::{by_since, one, packages_in};
use crate::error::{Error, Result};
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, Hold};

/// Holds an environment for one package, or for all.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn hold(snapshot: &Snapshot, package: Option<&str>, environment: &str) -> Result<Decision> {
    let before = match package {
        Some(package) => snapshot.environment(package, environment)?.and_then(|state| state.hold),
        None => global_hold(snapshot, environment)?,
    };
    Ok(match before {
        Some(hold) => Decision::Already(format!("{environment} has been {}", describe(&hold))),
        None => one(EventKind::Hold, package, Some(environment)),
    })
}

/// Ends the hold of an environment for one package, or all of its holds.
///
/// # Errors
///
/// 4 if a package is held because the whole environment is.
pub fn unhold(snapshot: &Snapshot, package: Option<&str>, environment: &str) -> Result<Decision> {
    if !is_held(snapshot, package, environment)? {
        return Ok(Decision::Already(format!("{environment} is not held")));
    }
    if let (Some(package), Some(hold)) = (package, global_hold(snapshot, environment)?) {
        let message = format!("{package} is held in {environment} because the whole environment is");
        return Err(Error::refused(message).cause(describe(&hold)).hint(format!("rel unhold {environment}")));
    }
    Ok(one(EventKind::Unhold, package, Some(environment)))
}

fn is_held(snapshot: &Snapshot, package: Option<&str>, environment: &str) -> Result<bool> {
    if let Some(package) = package {
        return Ok(!snapshot.restrictions(package, environment)?.holds.is_empty());
    }
    if global_hold(snapshot, environment)?.is_some() {
        return Ok(true);
    }
    for package in packages_in(snapshot, environment)? {
        if snapshot.environment(&package, environment)?.is_some_and(|state| state.hold.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn global_hold(snapshot: &Snapshot, environment: &str) -> Result<Option<Hold>> {
    Ok(snapshot.global_state(Some(environment))?.and_then(|state| state.hold))
}

fn describe(hold: &Hold) -> String {
    by_since("held", &hold.by, hold.since, hold.reason.as_deref())
}
