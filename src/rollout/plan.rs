//! What an operation will do, as data: it is shown, confirmed and then executed.

use super::command_tree::CommandTree;
use super::deployment_context::DeploymentContext;
use super::release_diff::CommitsBetween;
use crate::config::Deployer;
use crate::deploy::{Stage, Values, max_duration};
use crate::model::{CommitId, EnvironmentState, EventId, EventKind, EventPayload, Release, State, Timestamp};
use crate::policy::PolicyRule;
use crate::resolve::PinSource;
use std::fmt;
use std::time::Duration;

/// The plan of a deploy, a promotion or a rollback.
#[derive(Clone, Debug)]
pub(super) struct DeploymentPlan {
    /// `Deploy`, `Promote` or `Rollback`.
    pub kind: EventKind,
    /// The release to deploy.
    pub release: Release,
    /// Where its digests come from.
    pub pin_source: PinSource,
    /// The release that it replaces.
    pub from: Option<Release>,
    /// The values of placeholders and variables.
    pub values: Values,
    /// The stages to run, in order; empty where the operation is only recorded.
    pub stages: Vec<Stage>,
    /// Where they run; `None` where nothing runs, and the commit of the release cannot be fetched.
    pub tree: Option<CommandTree>,
    /// Whether the `live` command decides between `healthy` and `recorded`.
    pub verifies_live: bool,
    /// Whether another system deploys, so that a result that is not verified is `recorded`.
    pub external: bool,
    /// `--reason`, or the reason of `--override`.
    pub reason: Option<String>,
    /// The refusals of the policy that are overridden.
    pub overrides: Vec<OverriddenRule>,
    /// What could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// Sentences to show before the confirmation.
    pub notes: Vec<String>,
    /// The state of the environment that the plan was made for.
    pub state_before: Option<EnvironmentState>,
    /// The operation that it ends.
    pub takes_over: Option<EventId>,
    /// Whether it puts the environment on hold.
    pub hold: bool,
    /// Whether it marks the replaced release bad.
    pub bad: bool,
    /// The hold that it ends once the release is healthy: the event that set it.
    pub ends_hold: Option<EventId>,
    /// Whether it is the rollback of `rollback_on_failure`, which nobody asked for.
    pub automatic: bool,
    /// The commits that are removed; `None` for a deploy, and where the history does not tell.
    pub removed: Option<CommitsBetween>,
}

/// A refusal of the policy that `--override` overrides.
#[derive(Clone, Debug)]
pub(super) struct OverriddenRule {
    /// The rule.
    pub rule: PolicyRule,
    /// Why it refused.
    pub message: String,
}

impl fmt::Display for OverriddenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.message)
    }
}

/// A check that could not be made.
#[derive(Clone, Debug)]
pub(super) enum Unchecked {
    /// Whether the ledger has holds, freezes or running operations.
    Ledger,
    /// Whether the images of a release exist.
    Images {
        /// The release.
        release: String,
        /// Why the registry did not answer.
        reason: String,
    },
    /// Which commits are removed.
    Commits {
        /// The release that is replaced.
        from: String,
        /// The release to deploy.
        to: String,
    },
    /// Whether commands run in the tree of the release: its commit cannot be fetched.
    Tree {
        /// The release.
        release: String,
        /// Why they cannot.
        reason: String,
    },
    /// Whether the commands of the configuration fit the release: `--tree config`.
    ConfigTree {
        /// The release.
        release: String,
        /// The commit that the commands run in.
        commit: CommitId,
    },
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unchecked::Ledger => f.write_str("the ledger"),
            Unchecked::Images { release, reason } => write!(f, "images of {release}: {reason}"),
            Unchecked::Commits { from, to } => write!(
                f,
                "the commits between {from} and {to}, and irreversible changes among them: not in this clone"
            ),
            Unchecked::Tree { release, reason } => write!(
                f,
                "the tree of {release}: {reason}, so commands run in the commit that release.toml was read from"
            ),
            Unchecked::ConfigTree { release, commit } => {
                write!(f, "the tree of {release}: with --tree config, commands run in {}", commit.short())
            }
        }
    }
}

impl DeploymentPlan {
    /// Returns the event that starts the operation and locks the environment.
    pub(super) fn started_event(&self, deployment: &DeploymentContext<'_>, now: Timestamp) -> EventPayload {
        let live = if self.verifies_live { deployment.rules.timeout } else { Duration::ZERO };
        let duration = max_duration(&self.stages, deployment.rules.timeout).saturating_add(live);
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        EventPayload {
            state: Some(State::Deploying),
            deadline: Timestamp::from_seconds(now.seconds().saturating_add(seconds)),
            hold: self.hold,
            bad: self.bad,
            ..self.event(deployment)
        }
    }

    /// Returns the event that ends the operation with a state.
    pub(super) fn finished_event(
        &self,
        deployment: &DeploymentContext<'_>,
        state: State,
        operation: &EventId,
        began: Timestamp,
    ) -> EventPayload {
        EventPayload {
            state: Some(state),
            operation: Some(operation.clone()),
            began: Some(began),
            ..self.event(deployment)
        }
    }

    /// Returns the only event of an operation that runs nothing.
    pub(super) fn recorded_event(&self, deployment: &DeploymentContext<'_>) -> EventPayload {
        EventPayload {
            state: Some(State::Recorded),
            hold: self.hold,
            bad: self.bad,
            ends_hold: self.ends_hold.is_some(),
            // Where `rel` deploys, nothing shows that another system did.
            unproven: !matches!(deployment.rules.deployer, Deployer::Nobody),
            ..self.event(deployment)
        }
    }

    fn event(&self, deployment: &DeploymentContext<'_>) -> EventPayload {
        EventPayload {
            release: Some(self.release.clone()),
            from: self.from.clone(),
            reason: self.reason.clone(),
            overrides: self.overrides.iter().map(ToString::to_string).collect(),
            unchecked: self.unchecked.iter().map(ToString::to_string).collect(),
            automatic: self.automatic,
            ..EventPayload::new(self.kind.clone())
                .at(Some(&deployment.package), Some(&deployment.environment))
        }
    }

    /// Returns whether the operation runs no command.
    pub(super) fn is_record_only(&self) -> bool {
        self.stages.is_empty() && !self.verifies_live
    }

    /// Returns whether the operation starts even if its started event cannot be sent to the remote: a rollback, and a deploy
    /// that overrides the unreachable ledger.
    pub(super) fn starts_unrecorded(&self) -> bool {
        self.kind == EventKind::Rollback
            || self.unchecked.iter().any(|unchecked| matches!(unchecked, Unchecked::Ledger))
    }
}
