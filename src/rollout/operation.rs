//! A whole deploy, promotion or rollback: plan, show, confirm, execute, report.

use super::deploy_plan::plan_deploy;
use super::deploy_target::deploy_target;
use super::deployment_context::DeploymentContext;
use super::execute::execute;
use super::options::{Confirmation, DeployOptions, PolicyOverrides, RollbackOptions};
use super::plan::DeploymentPlan;
use super::policy_check::{Operation, PolicyCheck};
use super::promotion_source::promotion_source;
use super::revalidate::Revalidation;
use super::rollback_decision::RollbackDecision;
use super::rollback_plan::plan_rollback;
use super::rollback_target::rollback_candidates;
use super::view;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::model::{EventKind, Pin, Release};
use crate::resolve::{PinnedRelease, Request, Trust};

/// Deploys the release of a request to its environment.
///
/// # Errors
///
/// What keeps the deploy from starting, or how it failed.
pub fn deploy(
    context: &Context,
    request: &Request<'_>,
    trust: Option<Trust>,
    options: &DeployOptions,
) -> Result<()> {
    let mut ledger = Ledger::open_with_config(context)?;
    let pinned = deploy_target(&ledger, request, trust)?;
    let deployment = DeploymentContext::new(context, &ledger, request.environment, &pinned.package)?;
    run_deploy(&deployment, &mut ledger, EventKind::Deploy, pinned, options)
}

/// Deploys to the environment `to` what runs in the environment `from`.
///
/// # Errors
///
/// What keeps the promotion from starting, or how it failed.
pub fn promote(
    context: &Context,
    from: &str,
    to: &str,
    package: Option<&str>,
    options: &DeployOptions,
) -> Result<()> {
    let mut ledger = Ledger::open_with_config(context)?;
    let request = Request::new("promote", to, package);
    request.source_environment(&ledger, from)?;
    let package = request.package(&ledger)?;
    let deployment = DeploymentContext::new(context, &ledger, to, &package)?;
    let pinned = promotion_source(&ledger, from, to, &package, &deployment.package_flag)?;
    let overrides = PolicyOverrides { promoted_from: Some(from.to_owned()), ..options.overrides.clone() };
    let options = DeployOptions { overrides, ..options.clone() };
    run_deploy(&deployment, &mut ledger, EventKind::Promote, pinned, &options)
}

/// Rolls an environment back to the named release, or to the previous healthy one.
///
/// # Errors
///
/// What keeps the rollback from starting, or how it failed.
pub fn rollback(
    context: &Context,
    environment: &str,
    package: Option<&str>,
    options: &RollbackOptions,
) -> Result<()> {
    let mut ledger = Ledger::open_with_config(context)?;
    ledger.act_as_account();
    // A rollback does not need the remote: the last copy of the ledger is enough.
    if let Err(error) = ledger.warn_if_stale() {
        context.ui().warning(error.message);
    }
    let request = Request::new("rollback", environment, package).with_release(options.version.as_deref());
    let typed = request.typed(&ledger)?;
    let package = match &typed {
        Some(typed) => typed.package.name.clone(),
        None => request.package(&ledger)?,
    };
    let deployment = DeploymentContext::new(context, &ledger, environment, &package)?;
    ledger.active_config().check_may_record(context, Some(environment), Some(&package))?;
    match plan_rollback(&deployment, &ledger, typed.as_ref(), options)? {
        RollbackDecision::AlreadyDone(done) => {
            view::show_already_done(&deployment, &done);
            Ok(())
        }
        RollbackDecision::Proceed(plan, policy) => {
            let revalidation = Revalidation::Rollback { options, policy };
            run(&deployment, &mut ledger, *plan, &revalidation, options.confirmation)
        }
    }
}

fn run_deploy(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    kind: EventKind,
    pinned: PinnedRelease,
    options: &DeployOptions,
) -> Result<()> {
    let (environment, package) = (&deployment.environment, &deployment.package);
    ledger.active_config().check_may_record(deployment.context, Some(environment), Some(package))?;
    let policy = PolicyCheck::new(deployment, Operation::Deploy, &pinned, options.overrides.clone())?;
    let plan = plan_deploy(deployment, ledger, kind, pinned, &policy, options)?;
    run(deployment, ledger, plan, &Revalidation::Deploy(Box::new(policy)), options.confirmation)
}

/// Shows a plan, has it confirmed, executes it and reports the outcome.
fn run(
    deployment: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    mut plan: DeploymentPlan,
    revalidation: &Revalidation<'_>,
    confirmation: Confirmation,
) -> Result<()> {
    ledger.check_name()?;
    view::show_plan(deployment, &plan);
    if confirmation == Confirmation::DryRun {
        view::show_dry_run(deployment, &plan);
        return Ok(());
    }
    view::confirm(deployment, &plan, confirmation)?;
    let outcome = execute(deployment, ledger, &mut plan, revalidation)?;
    // What cannot be read is no reason to hide how it ended.
    let earlier = earlier_release(deployment, ledger, &plan.release).unwrap_or_default();
    view::report(deployment, &plan, outcome, earlier.as_ref())
}

/// Returns the release that a rollback would choose instead of this one; `None` where no other was ever healthy.
fn earlier_release(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    release: &Release,
) -> Result<Option<Release>> {
    let Some(state) = deployment.state(ledger.snapshot())? else { return Ok(None) };
    let bad = ledger.snapshot().bad_builds(&deployment.package)?;
    let same_result = |one: &Pin, other: &Pin| deployment.same_result(one, other);
    let candidates = rollback_candidates(&state, &bad, &same_result).candidates.into_iter();
    let mut others = candidates.filter(|known| !same_result(&known.release.pin, &release.pin));
    Ok(others.next().map(|known| known.release.clone()))
}
