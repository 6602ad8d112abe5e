//! The options that change which version is next: the same for the verbs that compute one.

use crate::git_history::HistoryOptions;
use crate::model::{Bump, Version};
use clap::Args;

/// What the command line says about the next version.
#[derive(Debug, Clone, Args)]
pub(in crate::command) struct VersionOptions {
    /// Choose a prerelease of this channel, such as rc, beta or dev; overrides the channel of the branch.
    #[arg(long, value_name = "CHANNEL")]
    pub(in crate::command) pre: Option<String>,
    /// Use this bump, whatever the commits say.
    #[arg(long, value_name = "BUMP", value_parser = bump)]
    pub(in crate::command) bump: Option<Bump>,
    /// Allow a first release even though other tags exist, optionally with this version.
    #[arg(long, value_name = "VERSION", num_args = 0..=1, require_equals = true, value_parser = initial_version)]
    pub(in crate::command) initial: Option<Option<Version>>,
    /// Compute the version as if on this branch (for a detached HEAD).
    #[arg(long, value_name = "NAME")]
    pub(in crate::command) branch: Option<String>,
}

impl VersionOptions {
    /// Returns the same choices for a [`crate::git_history::ReleaseContext`] that may use the network.
    pub(in crate::command) fn for_history(&self) -> HistoryOptions {
        HistoryOptions {
            branch: self.branch.clone(),
            channel: self.pre.clone(),
            bump: self.bump,
            initial: self.initial.clone(),
            ..HistoryOptions::default()
        }
    }
}

/// Parses `--bump`.
fn bump(text: &str) -> Result<Bump, String> {
    Bump::parse(text).ok_or_else(|| "a bump is patch, minor or major".to_owned())
}

/// Parses the version of `--initial`.
fn initial_version(text: &str) -> Result<Version, String> {
    Version::parse(text.trim_start_matches('v'))
        .filter(Version::is_final)
        .ok_or_else(|| "a first version is three numbers, such as 1.0.0".to_owned())
}
