//! Command-line arguments that `deploy`, `promote` and `rollback` share.

use crate::resolve::Trust;
use crate::rollout::{Confirmation, DeployOptions, PolicyOverrides};
use clap::{Args, ValueEnum};

/// The options of `deploy` and `promote`.
#[derive(Debug, Args)]
pub(in crate::command) struct DeployArguments {
    /// Reason to record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Override the policy, and record this reason
    #[arg(long = "override", value_name = "REASON")]
    override_reason: Option<String>,
    /// Retry a release that failed here and was rolled back
    #[arg(long)]
    retry: bool,
    /// Record that another system deployed the release, and run nothing
    #[arg(long)]
    record_only: bool,
    /// Skip the confirmation
    #[arg(long)]
    yes: bool,
    /// Show what would happen without doing it
    #[arg(long)]
    dry_run: bool,
}

impl DeployArguments {
    /// Returns the options that the flags ask for.
    pub(in crate::command) fn options(&self) -> DeployOptions {
        DeployOptions {
            reason: self.reason.clone(),
            record_only: self.record_only,
            overrides: PolicyOverrides {
                override_reason: self.override_reason.clone(),
                retry: self.retry,
                promoted_from: None,
                asks: !self.yes,
            },
            confirmation: Confirmation::new(self.yes, self.dry_run),
        }
    }
}

/// The value of `--trust`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::command) enum TrustArgument {
    /// The digests that the ledger records
    Ledger,
    /// The digests in the trailers of the tag
    Tag,
}

impl From<TrustArgument> for Trust {
    fn from(argument: TrustArgument) -> Trust {
        match argument {
            TrustArgument::Ledger => Trust::Ledger,
            TrustArgument::Tag => Trust::Tag,
        }
    }
}
