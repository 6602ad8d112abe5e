//! `rel unlock`: release the lock of a run that is dead.

use super::End;
use super::arguments::EventOptions;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Ledger, decide};
use crate::resolve::{self, Request, authority};
use clap::Args;

/// Release the lock of a run that is dead
///
/// This neither stops nor undoes anything; afterwards, rel does not know what is running there.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// ID of the operation, required before its deadline; run without --event to see the ID
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// Runs `rel unlock`.
pub fn unlock(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open(context)?;
    let named = arguments.package.as_deref();
    let environment = Request::new("unlock", &arguments.environment, named).environment(&ledger)?;
    let package = resolve::package(&ledger, named)?.name;
    let (operation, now) = (arguments.event.as_deref(), context.now()?);
    let authority = authority(&ledger, Some(environment), Some(&package))?;
    let decide = |snapshot: &_| decide::unlock(snapshot, &package, environment, operation, now, &authority);
    arguments.options.record(&mut ledger, &decide)
}
