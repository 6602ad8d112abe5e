//! `rel rollback`: returns an environment to a release that was healthy there.

use super::End;
use super::arguments::TrustArgument;
use crate::context::Context;
use crate::error::Result;
use crate::resolve::Trust;
use crate::rollout::{self, Confirmation, RollbackOptions};
use clap::{Args, ValueEnum};

/// Return an environment to the previous healthy release, or to the one that you name
///
/// A rollback does not wait: it takes over from a deploy that is in progress. As soon as it starts, the environment is on hold
/// and the replaced release is marked bad. It is not stopped by a freeze, a soak or missing approvals, nor by a registry or
/// git remote that cannot be reached.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Version or tag to return to, or a commit, if the environment accepts commits [default: the previous healthy release]
    #[arg(value_name = "VERSION")]
    version: Option<String>,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Reason to record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Return to a release that is marked bad, and record this reason
    #[arg(long = "override", value_name = "REASON")]
    override_reason: Option<String>,
    /// Take over from a rollback that is in progress
    #[arg(long)]
    take_over: bool,
    /// Do not mark the replaced release as bad
    #[arg(long)]
    keep_good: bool,
    /// Roll back across the irreversible change in release VERSION; repeat the option for several
    #[arg(long, value_name = "VERSION")]
    cross: Vec<String>,
    /// Run commands in the tree of the configuration instead of that of the release, and record it
    #[arg(long, value_name = "TREE")]
    tree: Option<TreeArgument>,
    /// Record that another system rolled back, and run nothing
    #[arg(long)]
    record_only: bool,
    /// Which digests to use if the ledger and the tag differ
    #[arg(long, value_name = "SOURCE")]
    trust: Option<TrustArgument>,
    /// Skip the confirmation
    #[arg(long)]
    yes: bool,
    /// Show what would happen without doing it
    #[arg(long)]
    dry_run: bool,
}

/// The value of `--tree`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum TreeArgument {
    /// The commit that release.toml was read from
    Config,
}

/// Runs `rel rollback`.
pub fn rollback(context: &Context, arguments: &Arguments) -> Result<End> {
    let options = RollbackOptions {
        version: arguments.version.clone(),
        reason: arguments.reason.clone(),
        override_reason: arguments.override_reason.clone(),
        take_over: arguments.take_over,
        keep_good: arguments.keep_good,
        cross: arguments.cross.clone(),
        config_tree: matches!(arguments.tree, Some(TreeArgument::Config)),
        record_only: arguments.record_only,
        trust: arguments.trust.map(Trust::from),
        confirmation: Confirmation::new(arguments.yes, arguments.dry_run),
    };
    rollout::rollback(context, &arguments.environment, arguments.package.as_deref(), &options)?;
    Ok(End::Done)
}
