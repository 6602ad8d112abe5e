//! `freeze` and `thaw`.

use super::{by_since, one, packages_in};
use crate::error::{Error, Result};
use crate::ledger::{Decision, Snapshot};
use crate::model::{EventKind, EventPayload, Freeze, Timestamp};
use crate::policy::Authority;

/// Freezes an environment for one package, an environment, or everything (`None`) until a time, or until it is thawed.
///
/// # Errors
///
/// 4 if this replaces the freeze of a person that this actor may not lift; 5 if a file of the ledger cannot be parsed.
pub fn freeze(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
    until: Option<Timestamp>,
    now: Timestamp,
    authority: &Authority,
) -> Result<Decision> {
    let current = current_freeze(snapshot, package, environment)?.filter(|freeze| freeze.lasts(now));
    if let Some(freeze) = current {
        if freeze.until == until {
            let already = format!("{} has been {}", name(environment), describe(&freeze));
            return Ok(Decision::Already(already));
        }
        let check = authority.check_lift(&format!("the freeze on {}", name(environment)), &freeze.by);
        check.map_err(|error| error.cause("this freeze would replace it"))?;
    }
    let payload = EventPayload { until, ..EventPayload::new(EventKind::Freeze).at(package, environment) };
    Ok(Decision::Record(vec![payload]))
}

/// Ends the freeze of an environment for one package, of an environment with all of its packages, or of everything.
///
/// # Errors
///
/// 4 if it is only frozen because the whole environment or everything is, or by a person whose freeze this actor may not lift.
pub fn thaw(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
    now: Timestamp,
    authority: &Authority,
) -> Result<Decision> {
    let freezes = freezes_to_end(snapshot, package, environment, now)?;
    if !freezes.is_empty() {
        let what = format!("the freeze on {}", name(environment));
        freezes.iter().try_for_each(|freeze| authority.check_lift(&what, &freeze.by))?;
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

/// Returns the freezes that a thaw ends; that of a whole environment includes those of its packages.
fn freezes_to_end(
    snapshot: &Snapshot,
    package: Option<&str>,
    environment: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Freeze>> {
    let mut freezes = Vec::from_iter(current_freeze(snapshot, package, environment)?);
    if let (None, Some(environment)) = (package, environment) {
        for package in packages_in(snapshot, environment)? {
            freezes.extend(current_freeze(snapshot, Some(&package), Some(environment))?);
        }
    }
    freezes.retain(|freeze| freeze.lasts(now));
    Ok(freezes)
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
