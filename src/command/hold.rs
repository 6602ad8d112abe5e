//! `rel hold` and `rel unhold`: an environment accepts no deploy, and accepts them again. Leans on `ledger`.

use super::End;
use super::record::{Common, held, record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Decision, Ledger, Snapshot};
use crate::model::{EventKind, EventPayload, Hold};
use crate::resolve::{self, Request};
use clap::Args;

/// Makes an environment accept no deploy until it is released.
///
/// Without --package the whole environment is held. A rollback holds by itself.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The exact name of the environment.
    #[arg(value_name = "ENV")]
    environment: String,
    /// Holds one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Makes an environment accept deploys again.
///
/// Without --package every hold of the environment ends, those that rollbacks set too.
#[derive(Debug, Args)]
pub struct Unhold {
    /// The exact name of the environment.
    #[arg(value_name = "ENV")]
    environment: String,
    /// Releases one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Holds.
pub fn hold(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open(context)?;
    let place =
        Request::new("hold", &arguments.environment, arguments.package.as_deref()).environment(&ledger)?;
    let package = resolve::optional_package(&ledger, arguments.package.as_deref())?;
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        let before = match &package {
            Some(package) => snapshot.environment(package, place)?.and_then(|state| state.hold),
            None => snapshot.global_state(Some(place))?.and_then(|whole| whole.hold),
        };
        Ok(match before {
            Some(hold) => Decision::Already(format!("{place} is already {}", told(&hold))),
            None => {
                Decision::Record(vec![EventPayload::new(EventKind::Hold).at(package.as_deref(), Some(place))])
            }
        })
    })
}

/// Releases.
pub fn unhold(context: &Context, arguments: &Unhold) -> Result<End> {
    let mut ledger = Ledger::open(context)?;
    let place =
        Request::new("unhold", &arguments.environment, arguments.package.as_deref()).environment(&ledger)?;
    let package = resolve::optional_package(&ledger, arguments.package.as_deref())?;
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        if !is_held(snapshot, package.as_deref(), place)? {
            return Ok(Decision::Already(format!("{place} is not held")));
        }
        if let (Some(package), Some(hold)) =
            (&package, snapshot.global_state(Some(place))?.and_then(|whole| whole.hold))
        {
            return Err(Error::refused(format!("{package} is held in {place} because all of {place} is"))
                .cause(told(&hold))
                .hint(format!("rel unhold {place}")));
        }
        Ok(Decision::Record(vec![EventPayload::new(EventKind::Unhold).at(package.as_deref(), Some(place))]))
    })
}

fn is_held(snapshot: &Snapshot, package: Option<&str>, place: &str) -> Result<bool> {
    if let Some(package) = package {
        return Ok(!snapshot.restrictions(package, place)?.holds.is_empty());
    }
    if snapshot.global_state(Some(place))?.is_some_and(|whole| whole.hold.is_some()) {
        return Ok(true);
    }
    for (package, _) in snapshot.environments()?.iter().filter(|(_, environment)| environment == place) {
        if snapshot.environment(package, place)?.is_some_and(|state| state.hold.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn told(hold: &Hold) -> String {
    held("held", hold.by.label(), &hold.since, hold.reason.as_deref())
}
