//! `freeze` and `thaw`.

use super::{by_since, one, packages_in};
use crate::error::{Error, Result};
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, EventPayload, Freeze, Timestamp};

/// Freezes an environment for one package, an environment, or everything (`None`) until a time, or until it is thawed.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn freeze(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Decision> {
    let same = |freeze: &Freeze| freeze.lasts(now) && freeze.until == until;
    Ok(match current_freeze(snapshot, package, environment)?.filter(same) {
        Some(freeze) => Decision::Already(format!("{} has been {}", name(environment), describe(&freeze))),
        None => Decision::Record(vec![EventPayload {
            until,
            ..EventPayload::new(EventKind::Freeze).at(package, environment)
        }]),
    })
}

/// Ends the freeze of an environment for one package, of an environment with all of its packages, or of everything.
///
/// # Errors
///
/// 4 if it is only frozen because the whole environment or everything is.
pub fn thaw(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
    now: Timestamp,
) -> Result<Decision> {
    if is_frozen(snapshot, package, environment, now)? {
        return Ok(one(EventKind::Thaw, package, environment));
    }
    let (whole_environment, everything) =
        (environment.filter(|_| package.is_some()), environment.is_some() || package.is_some());
    let above = whole_environment.map(Some).into_iter().chain(everything.then_some(None));
    for above in above {
        if let Some(freeze) = current_freeze(snapshot, None, above)?.filter(|freeze| freeze.lasts(now)) {
            let message = format!("{} is frozen because {} is", name(environment), name(above));
            return Err(Error::refused(message)
                .cause(describe(&freeze))
                .hint(format!("rel thaw {}", above.unwrap_or("--all"))));
        }
    }
    Ok(Decision::Already(match environment {
        Some(environment) => format!("{environment} is not frozen"),
        None => "no freeze was set with --all".to_owned(),
    }))
}

/// Whether there is a freeze to end; that of a whole environment includes those of its packages.
fn is_frozen(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let lasts = |freeze: Option<Freeze>| freeze.is_some_and(|freeze| freeze.lasts(now));
    if lasts(current_freeze(snapshot, package, environment)?) {
        return Ok(true);
    }
    let (None, Some(environment)) = (package, environment) else { return Ok(false) };
    for package in packages_in(snapshot, environment)? {
        if lasts(current_freeze(snapshot, Some(&package), Some(environment))?) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn current_freeze(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
) -> Result<Option<Freeze>> {
    Ok(match (package, environment) {
        (Some(package), Some(environment)) => {
            snapshot.environment(package, environment)?.and_then(|state| state.freeze)
        }
        _ => snapshot.global_state(environment)?.and_then(|state| state.freeze),
    })
}

fn name(environment: Option<&str>) -> &str {
    environment.unwrap_or("everything")
}

fn describe(freeze: &Freeze) -> String {
    let until = freeze.until.map_or_else(String::new, |until| format!(" until {until}"));
    by_since(&format!("frozen{until}"), &freeze.by, freeze.since, freeze.reason.as_deref())
}
