//! `rel hold` and `rel unhold`: stop deploys to an environment, and allow them again.

use super::End;
use super::arguments::EventOptions;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Ledger, decide};
use crate::resolve::{Request, authority, optional_package};
use clap::Args;

/// Hold an environment: it accepts no deploys until `rel unhold`
///
/// Without --package, the whole environment is held. A rollback sets a hold too.
#[derive(Debug, Args)]
pub struct HoldArguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Package to hold (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// End the hold on an environment
///
/// Without --package, all holds on the environment end, including those set by rollbacks.
#[derive(Debug, Args)]
pub struct UnholdArguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Package whose hold to end (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// Runs `rel hold`.
pub fn hold(context: &Context, arguments: &HoldArguments) -> Result<End> {
    let mut ledger = Ledger::open(context)?;
    let named = arguments.package.as_deref();
    let environment = Request::new("hold", &arguments.environment, named).environment(&ledger)?;
    let package = optional_package(&ledger, named)?;
    let authority = authority(&ledger, Some(environment), package.as_deref())?;
    let reason = arguments.options.reason();
    let decide = |snapshot: &_| decide::hold(snapshot, package.as_deref(), environment, &authority, reason);
    arguments.options.record(&mut ledger, &decide)
}

/// Runs `rel unhold`.
pub fn unhold(context: &Context, arguments: &UnholdArguments) -> Result<End> {
    let mut ledger = Ledger::open(context)?;
    let named = arguments.package.as_deref();
    let environment = Request::new("unhold", &arguments.environment, named).environment(&ledger)?;
    let package = optional_package(&ledger, named)?;
    let authority = authority(&ledger, Some(environment), package.as_deref())?;
    let decide = |snapshot: &_| decide::unhold(snapshot, package.as_deref(), environment, &authority);
    arguments.options.record(&mut ledger, &decide)
}
