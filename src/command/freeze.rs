//! `rel freeze` and `rel thaw`: nothing is deployed for a time, and that time is over. Leans on `ledger`.

use super::End;
use super::record::{Common, held, record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Decision, Ledger, Snapshot};
use crate::model::time_expression;
use crate::model::{EventKind, EventPayload, Freeze as Frozen, Timestamp};
use crate::resolve::{self, Request};
use clap::Args;

/// Stops deploys to an environment, or to all of them, for a time. Rollbacks go on.
#[derive(Debug, Args)]
#[command(override_usage = "rel freeze <ENV|--all> [OPTIONS]")]
pub struct Freeze {
    /// The exact name of the environment.
    #[arg(value_name = "ENV", required_unless_present = "all", conflicts_with = "all")]
    environment: Option<String>,
    /// Stops everything.
    #[arg(long, conflicts_with = "package")]
    all: bool,
    /// Until when: 2h, 18:00, Mon 08:00, 2026-11-20T18:00:00Z. Without it: until `rel thaw`.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Stops one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Ends a freeze that `rel freeze` set.
#[derive(Debug, Args)]
#[command(override_usage = "rel thaw <ENV|--all> [OPTIONS]")]
pub struct Thaw {
    /// The exact name of the environment.
    #[arg(value_name = "ENV", required_unless_present = "all", conflicts_with = "all")]
    environment: Option<String>,
    /// Ends that of everything.
    #[arg(long, conflicts_with = "package")]
    all: bool,
    /// Ends that of one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Freezes.
pub fn freeze(context: &Context, arguments: &Freeze) -> Result<End> {
    let now = context.now()?;
    let end = arguments
        .until
        .as_deref()
        .map(|text| time_expression::parse(text, now, &context.time_zone()))
        .transpose();
    let end = end.map_err(|fault| Error::usage(format!("--until: {fault}")))?;
    let mut ledger = Ledger::open(context)?;
    let place =
        typed_environment(&ledger, "freeze", arguments.environment.as_deref(), arguments.package.as_deref())?;
    let package = resolve::optional_package(&ledger, arguments.package.as_deref())?;
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        let same = |freeze: &Frozen| freeze.lasts(now) && freeze.until == end;
        Ok(match frozen(snapshot, package.as_deref(), place)?.filter(same) {
            Some(freeze) => Decision::Already(format!("{} is already {}", name(place), told(&freeze))),
            None => {
                let draft = EventPayload::new(EventKind::Freeze).at(package.as_deref(), place);
                Decision::Record(vec![EventPayload { until: end, ..draft }])
            }
        })
    })
}

/// Thaws.
pub fn thaw(context: &Context, arguments: &Thaw) -> Result<End> {
    let now = context.now()?;
    let mut ledger = Ledger::open(context)?;
    let place =
        typed_environment(&ledger, "thaw", arguments.environment.as_deref(), arguments.package.as_deref())?;
    let package = resolve::optional_package(&ledger, arguments.package.as_deref())?;
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        if is_frozen(snapshot, package.as_deref(), place, now)? {
            return Ok(Decision::Record(vec![
                EventPayload::new(EventKind::Thaw).at(package.as_deref(), place),
            ]));
        }
        let above = [package.as_ref().and(place), None];
        for above in above.into_iter().filter(|above| package.is_some() || above.is_none() && place.is_some())
        {
            if let Some(freeze) = frozen(snapshot, None, above)?.filter(|freeze| freeze.lasts(now)) {
                let word = above.unwrap_or("--all");
                return Err(Error::refused(format!("{} is frozen because {} is", name(place), name(above)))
                    .cause(told(&freeze))
                    .hint(format!("rel thaw {word}")));
            }
        }
        Ok(Decision::Already(match place {
            Some(place) => format!("{place} is not frozen"),
            None => "nothing is frozen by --all".to_owned(),
        }))
    })
}

/// Returns the environment that was typed; `None` for `--all`.
fn typed_environment<'a>(
    ledger: &Ledger<'_>,
    verb: &'static str,
    typed: Option<&'a str>,
    package: Option<&'a str>,
) -> Result<Option<&'a str>> {
    typed.map(|typed| Request::new(verb, typed, package).environment(ledger)).transpose()
}

/// Whether there is something to thaw; in a whole environment also that of a single package.
fn is_frozen(
    snapshot: &Snapshot,
    package: Option<&str>,
    place: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let lasts = |freeze: Option<Frozen>| freeze.is_some_and(|freeze| freeze.lasts(now));
    if lasts(frozen(snapshot, package, place)?) {
        return Ok(true);
    }
    let (None, Some(place)) = (package, place) else { return Ok(false) };
    for (package, _) in snapshot.environments()?.iter().filter(|(_, environment)| environment == place) {
        if lasts(frozen(snapshot, Some(package), Some(place))?) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn frozen(snapshot: &Snapshot, package: Option<&str>, place: Option<&str>) -> Result<Option<Frozen>> {
    Ok(match (package, place) {
        (Some(package), Some(place)) => snapshot.environment(package, place)?.and_then(|state| state.freeze),
        _ => snapshot.global_state(place)?.and_then(|whole| whole.freeze),
    })
}

fn name(place: Option<&str>) -> &str {
    place.unwrap_or("everything")
}

fn told(freeze: &Frozen) -> String {
    let until = freeze.until.map_or_else(String::new, |until| format!(" until {until}"));
    held(&format!("frozen{until}"), freeze.by.label(), &freeze.since, freeze.reason.as_deref())
}
