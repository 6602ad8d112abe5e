//! `rel approve`: a person approves a deploy.

use super::End;
use super::arguments::EventOptions;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Ledger, decide};
use crate::resolve::Request;
use clap::Args;

/// Approve deploying a release to an environment
///
/// The approval covers this build, these digests and this configuration, and becomes void if one of them changes.
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
    #[command(flatten)]
    options: EventOptions,
}

/// Runs `rel approve`.
pub fn approve(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let request = Request::new("approve", &arguments.environment, arguments.package.as_deref())
        .with_release(Some(&arguments.version));
    // An approval is for digests: those that a deploy would find.
    let (environment, pinned) = (request.environment(&ledger)?, request.pinned(&ledger)?);
    let actor = context.actor()?;
    if !actor.person && (actor.ci.is_some() || context.in_ci()) {
        return Err(Error::refused("only a person can approve, and no person started this CI run")
            .hint("run `rel approve` at a terminal, or in a CI run that was started by hand"));
    }
    let proof = match ledger.config().ledger.allowed_signers {
        None => "this identity is not proven: [ledger] allowed_signers is not set",
        Some(_) => "the signature proves that the key is allowed, not whose it is",
    };
    context.ui().hint(format!("you are approving as {}; {proof}", actor.id));
    let hash = ledger.active_config().hash.clone();
    let decide = |snapshot: &_| {
        decide::approve(snapshot, &pinned.package, environment, &pinned.release, &actor, &hash)
    };
    arguments.options.record(&mut ledger, &decide)
}
