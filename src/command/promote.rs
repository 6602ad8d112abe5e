//! `rel promote`: deploys to one environment what runs in another.

use super::End;
use super::arguments::DeployArguments;
use crate::context::Context;
use crate::error::Result;
use crate::rollout;
use clap::Args;

/// Deploy exactly what is running in one environment to another
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment where it is running
    #[arg(value_name = "FROM")]
    from: String,
    /// Exact name of the environment to deploy to
    #[arg(value_name = "TO")]
    to: String,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: DeployArguments,
}

/// Runs `rel promote`.
pub fn promote(context: &Context, arguments: &Arguments) -> Result<End> {
    let Arguments { from, to, package, options } = arguments;
    rollout::promote(context, from, to, package.as_deref(), &options.options())?;
    Ok(End::Done)
}
