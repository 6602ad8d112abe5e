//! `rel bad` and `rel good`: mark a build as bad under all of its names, and remove the mark.

use super::End;
use super::arguments::EventOptions;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Ledger, decide};
use crate::model::Release;
use crate::resolve::{authority, environment_accepts_commits, named_release};
use clap::Args;

/// Mark a build as bad: no environment accepts it any more, whichever version, tag or commit names it
#[derive(Debug, Args)]
pub struct Arguments {
    /// Version or tag, or a commit, if an environment accepts commits
    #[arg(value_name = "VERSION")]
    version: String,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// Runs `rel bad`.
pub fn bad(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let (package, release) = release(&ledger, arguments)?;
    arguments.options.record(&mut ledger, &|snapshot| decide::bad(snapshot, &package, &release))
}

/// Runs `rel good`.
pub fn good(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let (package, release) = release(&ledger, arguments)?;
    let authority = authority(&ledger, None, Some(&package))?;
    let decide = |snapshot: &_| decide::good(snapshot, &package, &release, &authority);
    arguments.options.record(&mut ledger, &decide)
}

fn release(ledger: &Ledger<'_>, arguments: &Arguments) -> Result<(String, Release)> {
    let commits = environment_accepts_commits(ledger);
    let named = named_release(ledger, arguments.package.as_deref(), &arguments.version, commits)?;
    let release = named.release()?;
    Ok((named.package, release))
}
