//! `rel deploy`: deploys a release to an environment.

use super::End;
use super::arguments::{DeployArguments, TrustArgument};
use crate::context::Context;
use crate::error::Result;
use crate::resolve::{Request, Trust};
use crate::rollout;
use clap::Args;

/// Deploy a release to an environment, verify it, and record the result
///
/// Only deploys forward; use `rel rollback` to return to an older version. If VERSION is already running, it is deployed again.
/// If the policy forbids the deploy, all reasons are shown at once, each with the command that resolves it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Version or tag, or a commit, if the environment accepts commits
    #[arg(value_name = "VERSION")]
    version: String,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Which digests to use if the ledger and the tag differ
    #[arg(long, value_name = "SOURCE")]
    trust: Option<TrustArgument>,
    #[command(flatten)]
    options: DeployArguments,
}

/// Runs `rel deploy`.
pub fn deploy(context: &Context, arguments: &Arguments) -> Result<End> {
    let Arguments { environment, version, package, trust, options } = arguments;
    let request = Request::new("deploy", environment, package.as_deref()).with_release(Some(version));
    rollout::deploy(context, &request, trust.map(Trust::from), &options.options())?;
    Ok(End::Done)
}
