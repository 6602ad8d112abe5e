//! Evaluates the policy of an environment against a snapshot of the ledger, and applies `--override`.

use super::deployment_context::DeploymentContext;
use super::final_branches::not_on_final_branch;
use super::lane_branches::lane_branches;
use super::options::PolicyOverrides;
use super::plan::OverriddenRule;
use super::release_order::release_order;
use crate::error::{Error, Kind, Result};
use crate::ledger::Snapshot;
use crate::model::{EnvironmentState, Freeze, Hold, Release};
use crate::policy::{
    FreezeScope, PolicyDecision, PolicyInput, PolicyRule, Refusal, ReleaseOrder, evaluate, evaluate_rollback,
};
use crate::resolve::{PinnedRelease, RemoteTag};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The policy for one release in one environment; it is checked on every snapshot of the ledger.
pub(super) struct PolicyCheck<'a> {
    deployment: &'a DeploymentContext<'a>,
    release: Release,
    branches: Vec<String>,
    remote_tag: RemoteTag,
    off_branch: OnceCell<Option<String>>,
    overrides: PolicyOverrides,
    operation: Operation,
}

/// What the policy is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// A deploy or a promotion.
    Deploy,
    /// A rollback to a release that is not known to have been healthy there.
    Rollback,
}

/// What the policy says, after `--override`.
#[derive(Debug)]
pub(super) struct PolicyResult {
    /// The refusals that remain.
    pub errors: Vec<Error>,
    /// The refusals that `--override` overrides.
    pub overridden: Vec<OverriddenRule>,
    /// Whether the deploy ends the hold of the environment.
    pub ends_hold: bool,
    /// Sentences to show before the confirmation.
    pub notes: Vec<String>,
    /// How the release compares with the one that runs.
    pub order: ReleaseOrder,
    /// Whether `--override` would override one of the refusals.
    pub overridable: bool,
}

/// Holds and freezes that apply to more than one package.
type Shared = (Vec<Hold>, Vec<(FreezeScope, Freeze)>);

impl<'a> PolicyCheck<'a> {
    /// Prepares the check.
    pub(super) fn new(
        deployment: &'a DeploymentContext<'a>,
        operation: Operation,
        pinned: &PinnedRelease,
        overrides: PolicyOverrides,
    ) -> Result<Self> {
        let (release, remote_tag) = (pinned.release.clone(), pinned.remote_tag);
        let branches = lane_branches(deployment, release.pin.commit)?;
        let off_branch = OnceCell::new();
        Ok(PolicyCheck { deployment, release, branches, remote_tag, off_branch, overrides, operation })
    }

    /// Evaluates every rule on a snapshot.
    pub(super) fn evaluate(&self, snapshot: &Snapshot) -> Result<PolicyResult> {
        let deployment = self.deployment;
        let state = deployment.state(snapshot)?;
        let running = state.as_ref().and_then(|state| state.running.as_ref()).map(|running| &running.release);
        let repo = deployment.context.repo()?;
        let order = release_order(repo, &self.release, running);
        let bad = snapshot.bad_build(&deployment.package, &self.release.pin)?;
        let sources = self.sources(snapshot)?;
        let (holds, freezes) = self.shared(snapshot)?;
        let own = state.as_ref().and_then(|state| state.freeze.as_ref());
        let own = own.map(|freeze| (FreezeScope::Package, freeze));
        let freezes: Vec<(FreezeScope, &Freeze)> =
            own.into_iter().chain(freezes.iter().map(|(scope, freeze)| (*scope, freeze))).collect();
        let input = PolicyInput {
            rules: &deployment.rules,
            package: (!deployment.package_flag.is_empty()).then_some(deployment.package.as_str()),
            release: &self.release,
            branches: &self.branches,
            order,
            verb: match self.operation {
                Operation::Deploy => "deploy",
                Operation::Rollback => "rollback",
            },
            not_on_final_branch: &|| self.off_branch(),
            same_tree: &|commit| repo.same_tree(commit, self.release.pin.commit),
            authority: &deployment.authority,
            asks: self.overrides.asks,
            people: &deployment.people,
            state: state.as_ref(),
            source: &|name| sources.get(name),
            holds: &holds.iter().collect::<Vec<_>>(),
            freezes: &freezes,
            bad: bad.as_ref(),
            config: Some(&deployment.config_hash),
            retry: self.overrides.retry,
            promoted_from: self.overrides.promoted_from.as_deref(),
            // The confirmation may have been open for a long time.
            now: deployment.context.now()?,
        };
        let decision = match self.operation {
            Operation::Deploy => evaluate(&input),
            Operation::Rollback => evaluate_rollback(&input),
        };
        let can_return = state.as_ref().is_some_and(|state| !state.healthy.is_empty());
        Ok(self.apply_override(decision, order, can_return))
    }

    /// Returns why the tag is not known to be on a branch that makes final versions. It is found out once, where it is needed.
    fn off_branch(&self) -> Option<String> {
        let find = || {
            not_on_final_branch(self.deployment, &self.release).unwrap_or_else(|error| Some(error.message))
        };
        self.off_branch.get_or_init(find).clone()
    }

    /// Returns the states of the environments that the release may have to come from.
    fn sources(&self, snapshot: &Snapshot) -> Result<BTreeMap<String, EnvironmentState>> {
        let rules = &self.deployment.rules;
        let lanes = rules.lanes.iter().filter_map(|lane| lane.from.as_ref());
        let mut sources = BTreeMap::new();
        for name in rules.from.iter().chain(lanes) {
            if let Some(state) = snapshot.environment(&self.deployment.package, name)? {
                sources.insert(name.clone(), state);
            }
        }
        Ok(sources)
    }

    /// Returns the holds and freezes of the whole environment and of everything.
    fn shared(&self, snapshot: &Snapshot) -> Result<Shared> {
        let (mut holds, mut freezes) = (Vec::new(), Vec::new());
        let environment = Some(self.deployment.environment.as_str());
        for (name, scope) in [(environment, FreezeScope::Environment), (None, FreezeScope::Everything)] {
            if let Some(shared) = snapshot.global_state(name)? {
                holds.extend(shared.hold);
                freezes.extend(shared.freeze.map(|freeze| (scope, freeze)));
            }
        }
        Ok((holds, freezes))
    }

    /// Separates the refusals that `--override` overrides from those that remain.
    fn apply_override(
        &self,
        mut decision: PolicyDecision,
        order: ReleaseOrder,
        can_return: bool,
    ) -> PolicyResult {
        let deployment = self.deployment;
        if deployment.ledger_unreachable {
            let message =
                "the ledger cannot be reached: holds, freezes, approvals and running deploys are unknown";
            decision.refusals.push(unreachable(deployment, message, can_return));
        } else if deployment.config_is_copy {
            let message =
                "release.toml of the default branch cannot be fetched: the rules that hold now are unknown";
            decision.refusals.push(unreachable(deployment, message, can_return));
        }
        if self.remote_tag == RemoteTag::Unknown {
            decision.refusals.push(unknown_remote_tag(&self.release));
        }
        let (mut errors, mut overridden) = (Vec::new(), Vec::new());
        let overriding = self.overrides.override_reason.is_some();
        let allowed = deployment.authority.may_override();
        if overriding && !allowed {
            errors.push(deployment.authority.override_not_allowed());
        }
        let mut overridable = false;
        for refusal in decision.refusals {
            overridable |= refusal.overridable;
            if overriding && allowed && refusal.overridable {
                overridden.push(OverriddenRule { rule: refusal.rule, message: refusal.message });
            } else {
                errors.push(refusal.to_error());
            }
        }
        let mut notes = decision.notes;
        notes.extend(decision.lane.map(|lane| format!("uses the lane {lane}")));
        PolicyResult { errors, overridden, ends_hold: decision.ends_hold, notes, order, overridable }
    }
}

/// Refuses because the ledger or the rules cannot be fetched; only a person at a terminal may override that.
fn unreachable(deployment: &DeploymentContext<'_>, message: &str, can_return: bool) -> Refusal {
    let refusal = Refusal::new(PolicyRule::LedgerReachable, message).with_kind(Kind::Unreachable);
    let environment = &deployment.environment;
    let refusal = match can_return {
        true => refusal.remedy(format!(
            "rel rollback {environment}   # a rollback does not need the remote of the ledger"
        )),
        false => refusal,
    };
    if deployment.authority.at_terminal { refusal } else { refusal.not_overridable() }
}

/// Refuses because the remote cannot be asked whether it has the same tag.
fn unknown_remote_tag(release: &Release) -> Refusal {
    let message =
        format!("whether the remote has the same tag {} is unknown: it cannot be reached", release.label());
    Refusal::new(PolicyRule::RemoteTag, message).with_kind(Kind::Unreachable)
}
