//! The plan of a deploy or a promotion.

use super::command_tree::CommandTree;
use super::deployment_context::DeploymentContext;
use super::options::DeployOptions;
use super::plan::{DeploymentPlan, Unchecked};
use super::policy_check::{PolicyCheck, PolicyResult};
use super::preflight::deploy_preflight;
use crate::config::Deployer;
use crate::deploy::{self, Stage, Values};
use crate::error::{Error, Kind, Result};
use crate::ledger::Ledger;
use crate::model::{EventKind, Release};
use crate::policy::{PolicyRule, ReleaseOrder};
use crate::resolve::PinnedRelease;

/// Plans a deploy or a promotion.
///
/// # Errors
///
/// Everything that keeps it from starting, combined.
pub(super) fn plan_deploy(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    kind: EventKind,
    pinned: PinnedRelease,
    policy: &PolicyCheck<'_>,
    options: &DeployOptions,
) -> Result<DeploymentPlan> {
    let PinnedRelease { release, source: pin_source, .. } = pinned;
    let release = deployment.locate(&release)?;
    let state = deployment.state(ledger.snapshot())?;
    let from = state.as_ref().and_then(|state| state.running.as_ref()).map(|running| running.release.clone());
    let policy = policy.evaluate(ledger.snapshot())?;
    let values = Values::new(&release, &deployment.environment, &deployment.package, from.as_ref());
    let stages =
        if options.record_only { Ok(Vec::new()) } else { deploy::deploy_stages(&deployment.rules, &values) };
    let (stages, fault) = match stages {
        Ok(stages) => (stages, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let no_deployer = matches!(deployment.rules.deployer, Deployer::Nobody);
    let asks_live = no_deployer && !options.record_only && !deployment.rules.live.is_empty();
    let runs = asks_live || !stages.is_empty();
    let tree = runs.then(|| CommandTree::of_deploy(deployment, &release)).transpose();
    let (tree, unfetched) = match tree {
        Ok(tree) => (tree, None),
        Err(error) => (None, Some(error)),
    };
    let preflight = deploy_preflight(deployment, &release, &stages, tree)?;
    let errors = policy.errors.iter().cloned().chain(fault).chain(unfetched).chain(preflight).collect();
    refuse(deployment, &release, &policy, options, errors)?;
    if !no_deployer && !options.record_only {
        warn_about_unused_images(deployment, &release, &stages, &values);
    }
    let hold = state.as_ref().and_then(|state| state.hold.as_ref()).filter(|_| policy.ends_hold);
    let ledger_overridden =
        policy.overridden.iter().any(|overridden| overridden.rule == PolicyRule::LedgerReachable);
    Ok(DeploymentPlan {
        kind,
        pin_source,
        from,
        verifies_live: asks_live && stages.is_empty(),
        external: no_deployer || options.record_only,
        stages,
        tree,
        values,
        reason: options.overrides.override_reason.clone().or_else(|| options.reason.clone()),
        notes: notes(deployment, &release, &policy, no_deployer && !options.record_only),
        overrides: policy.overridden,
        unchecked: if ledger_overridden { vec![Unchecked::Ledger] } else { Vec::new() },
        ends_hold: hold.map(|hold| hold.event.clone()),
        state_before: state,
        takes_over: None,
        hold: false,
        bad: false,
        automatic: false,
        removed: None,
        release,
    })
}

/// Combines errors, with a hint to `--override` where it would help.
fn refuse(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    policy: &PolicyResult,
    options: &DeployOptions,
    errors: Vec<Error>,
) -> Result<()> {
    let Some(error) = Error::combine(&not_deployable(deployment, release), errors) else { return Ok(()) };
    let offers_override = policy.overridable
        && policy.order != ReleaseOrder::Older
        && options.overrides.override_reason.is_none()
        && error.kind == Kind::Refused;
    let authority = &deployment.authority;
    Err(match offers_override {
        true if authority.may_override() => {
            error.hint("--override \"REASON\" overrides the policy and is recorded")
        }
        true if !authority.in_ci => {
            error.hint("--override \"REASON\" overrides the policy at a terminal, and is recorded")
        }
        _ => error,
    })
}

/// Returns the first line of a refusal.
pub(super) fn not_deployable(deployment: &DeploymentContext<'_>, release: &Release) -> String {
    format!("{} cannot be deployed to {}", release.label(), deployment.environment)
}

fn notes(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    policy: &PolicyResult,
    only_records: bool,
) -> Vec<String> {
    let mut notes = policy.notes.clone();
    if policy.order == ReleaseOrder::SameBuild {
        notes.push(format!("{} is already running there and will be deployed again", release.label()));
    }
    if only_records {
        let environment = &deployment.environment;
        notes.push(format!("another system deploys to {environment}; rel only records it"));
    }
    if policy.ends_hold {
        notes.push("this deploy ends the hold, if it becomes healthy".to_owned());
    }
    notes
}

/// Warns where a release has images and no command gets one of their digests.
fn warn_about_unused_images(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    stages: &[Stage],
    values: &Values,
) {
    if !release.pin.images.is_empty() && no_command_uses_image(stages, values) {
        deployment.context.ui().warning(format!(
            "no command of {} uses {{image.…}}, so rel cannot tell which image is deployed",
            deployment.environment
        ));
    }
}

fn no_command_uses_image(stages: &[Stage], values: &Values) -> bool {
    let digests: Vec<String> = values.images.iter().map(|image| image.digest.to_string()).collect();
    let mut arguments = stages.iter().flat_map(|stage| stage.commands.iter().flatten());
    !arguments.any(|argument| digests.iter().any(|digest| argument.contains(digest.as_str())))
}
