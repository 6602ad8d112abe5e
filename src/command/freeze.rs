//! `rel freeze` and `rel thaw`: stop deploys for a time, and end that time.

use super::End;
use super::arguments::EventOptions;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Ledger, decide};
use crate::model::time_expression;
use crate::resolve::{Request, authority, optional_package};
use clap::Args;

/// Block new deploys to an environment, or to all of them, for a while; rollbacks are still possible
#[derive(Debug, Args)]
#[command(override_usage = "rel freeze <ENV|--all> [OPTIONS]")]
pub struct FreezeArguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV", required_unless_present = "all", conflicts_with = "all")]
    environment: Option<String>,
    /// Freeze all environments
    #[arg(long, conflicts_with = "package")]
    all: bool,
    /// When the freeze ends: 2h, 18:00, Mon 08:00, 2026-11-20T18:00:00Z [default: until `rel thaw`]
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Package to freeze (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// End a freeze that `rel freeze` set
#[derive(Debug, Args)]
#[command(override_usage = "rel thaw <ENV|--all> [OPTIONS]")]
pub struct ThawArguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV", required_unless_present = "all", conflicts_with = "all")]
    environment: Option<String>,
    /// End the freeze that `rel freeze --all` set
    #[arg(long, conflicts_with = "package")]
    all: bool,
    /// Package whose freeze to end (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// Runs `rel freeze`.
pub fn freeze(context: &Context, arguments: &FreezeArguments) -> Result<End> {
    let now = context.now()?;
    let end = arguments
        .until
        .as_deref()
        .map(|text| time_expression::parse(text, now, &context.time_zone()))
        .transpose();
    let end = end.map_err(|fault| Error::usage(format!("--until: {fault}")))?;
    let mut ledger = Ledger::open(context)?;
    let named = arguments.package.as_deref();
    let environment = environment(&ledger, "freeze", arguments.environment.as_deref(), named)?;
    let package = optional_package(&ledger, named)?;
    let authority = authority(&ledger, environment, package.as_deref())?;
    let decide =
        |snapshot: &_| decide::freeze(snapshot, package.as_deref(), environment, end, now, &authority);
    arguments.options.record(&mut ledger, &decide)
}

/// Runs `rel thaw`.
pub fn thaw(context: &Context, arguments: &ThawArguments) -> Result<End> {
    let now = context.now()?;
    let mut ledger = Ledger::open(context)?;
    let named = arguments.package.as_deref();
    let environment = environment(&ledger, "thaw", arguments.environment.as_deref(), named)?;
    let package = optional_package(&ledger, named)?;
    let authority = authority(&ledger, environment, package.as_deref())?;
    let decide = |snapshot: &_| decide::thaw(snapshot, package.as_deref(), environment, now, &authority);
    arguments.options.record(&mut ledger, &decide)
}

/// Returns the environment that was typed; `None` for `--all`.
fn environment<'a>(
    ledger: &Ledger<'_>,
    verb: &'static str,
    typed: Option<&'a str>,
    package: Option<&'a str>,
) -> Result<Option<&'a str>> {
    typed.map(|typed| Request::new(verb, typed, package).environment(ledger)).transpose()
}
