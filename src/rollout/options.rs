//! What the arguments of `deploy`, `promote` and `rollback` ask for.

use crate::resolve::Trust;

/// How an operation is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// A person is asked where that is needed.
    Ask,
    /// `--yes`: nobody is asked.
    Assumed,
    /// `--dry-run`: the plan is shown and nothing is done.
    DryRun,
}

impl Confirmation {
    /// Reads the flags `--yes` and `--dry-run`.
    pub fn new(yes: bool, dry_run: bool) -> Self {
        match (yes, dry_run) {
            (_, true) => Confirmation::DryRun,
            (true, false) => Confirmation::Assumed,
            (false, false) => Confirmation::Ask,
        }
    }
}

/// The options of a deploy or a promotion.
#[derive(Clone, Debug)]
pub struct DeployOptions {
    /// `--reason`.
    pub reason: Option<String>,
    /// `--record-only`.
    pub record_only: bool,
    /// `--override` and `--retry`.
    pub overrides: PolicyOverrides,
    /// `--yes` and `--dry-run`.
    pub confirmation: Confirmation,
}

/// Which refusals of the policy are overridden.
#[derive(Clone, Debug, Default)]
pub struct PolicyOverrides {
    /// `--override REASON`.
    pub override_reason: Option<String>,
    /// `--retry`: deploys a release again that failed before.
    pub retry: bool,
    /// The environment whose release is promoted; `None` for a deploy.
    pub promoted_from: Option<String>,
    /// Whether a person is asked before a hold is ended: without `--yes`.
    pub asks: bool,
}

/// The options of a rollback.
#[derive(Clone, Debug)]
pub struct RollbackOptions {
    /// The version to roll back to, as it was typed; `None` for the previous healthy release.
    pub version: Option<String>,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--override REASON`: rolls back to a release that is marked bad.
    pub override_reason: Option<String>,
    /// `--take-over`: ends another rollback that is running.
    pub take_over: bool,
    /// `--keep-good`: does not mark the current release bad.
    pub keep_good: bool,
    /// `--cross`: the releases whose irreversible changes may be undone.
    pub cross: Vec<String>,
    /// `--tree config`: runs commands in the tree of the configuration.
    pub config_tree: bool,
    /// `--record-only`.
    pub record_only: bool,
    /// `--trust`.
    pub trust: Option<Trust>,
    /// `--yes` and `--dry-run`.
    pub confirmation: Confirmation,
}
