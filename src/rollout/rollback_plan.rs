//! The plan of a rollback.

use super::deployment_context::DeploymentContext;
use super::named_target::{check_something_runs, is_ledger_unknown, named_target, recorded};
use super::no_target::{no_target, why_not};
use super::options::{PolicyOverrides, RollbackOptions};
use super::plan::DeploymentPlan;
use super::policy_check::{Operation, PolicyCheck};
use super::release_order::release_order;
use super::rollback_checks::RollbackChecks;
use super::rollback_decision::{RollbackDecision, already_done};
use super::rollback_target::{RollbackCandidates, rollback_candidates};
use crate::deploy::Values;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::{BadBuild, EnvironmentState, EventKind, Healthy, Pin, Release};
use crate::policy::ReleaseOrder;
use crate::resolve::{PinnedRelease, TypedRelease};
use std::time::{Duration, Instant};

/// How long a rollback waits for all registries together; what they do not answer by then is unchecked.
pub(super) const REGISTRY_TIMEOUT: Duration = Duration::from_secs(5);

/// Plans a rollback to the named release, or to the previous healthy one.
///
/// # Errors
///
/// Everything that keeps it from starting, combined.
pub(super) fn plan_rollback<'a>(
    deployment: &'a DeploymentContext<'a>,
    ledger: &Ledger<'_>,
    typed: Option<&TypedRelease>,
    options: &RollbackOptions,
) -> Result<RollbackDecision<'a>> {
    let deadline = Instant::now() + REGISTRY_TIMEOUT;
    let snapshot = ledger.snapshot();
    let state = deployment.state(snapshot)?;
    let bad = snapshot.bad_builds(&deployment.package)?;
    let same_result = |one: &Pin, other: &Pin| deployment.same_result(one, other);
    let candidates = state.as_ref().map(|state| rollback_candidates(state, &bad, &same_result));
    let from = candidates.as_ref().and_then(|candidates| candidates.from);
    check_something_runs(deployment, ledger, from, options.version.as_deref())?;
    let named = typed
        .map(|typed| named_target(deployment, ledger, state.as_ref(), typed, options.trust))
        .transpose()?;
    let target = named.as_ref().map(|named| &named.release.pin);
    let further_back = candidates.as_ref().and_then(|candidates| candidates.candidates.first());
    let further_back = further_back.map(|healthy| &healthy.release);
    if let Some(state) = &state
        && let Some(done) = already_done(deployment, snapshot, state, target, further_back, options)?
    {
        return Ok(RollbackDecision::AlreadyDone(Box::new(done)));
    }
    let no_target = || no_target(deployment, state.as_ref(), from, &bad);
    let (target, others) = select_target(deployment, candidates.as_ref(), named, &no_target)?;
    let target = PinnedRelease { release: deployment.locate(&target.release)?, ..target };
    let exempt = was_healthy(deployment, state.as_ref(), &target.release) || is_ledger_unknown(ledger);
    let policy = match exempt {
        true => None,
        false => {
            let override_reason = options.override_reason.clone();
            let overrides = PolicyOverrides { override_reason, ..PolicyOverrides::default() };
            Some(PolicyCheck::new(deployment, Operation::Rollback, &target, overrides)?)
        }
    };
    let situation =
        Situation { state: state.as_ref(), bad: &bad, candidates, others, policy: policy.as_ref(), deadline };
    let plan = plan_rollback_to(deployment, ledger, target, &situation, options)?;
    Ok(RollbackDecision::Proceed(Box::new(plan), policy.map(Box::new)))
}

/// Returns whether `rel` itself found a build healthy in the environment: what ran there passed the policy, and a rollback
/// may return to it.
fn was_healthy(
    deployment: &DeploymentContext<'_>,
    state: Option<&EnvironmentState>,
    release: &Release,
) -> bool {
    let healthy = state.into_iter().flat_map(|state| &state.healthy).filter(|healthy| healthy.is_proven());
    healthy.into_iter().any(|healthy| deployment.same_result(&healthy.release.pin, &release.pin))
}

/// What is known of an environment when its rollback is planned.
struct Situation<'s> {
    state: Option<&'s EnvironmentState>,
    bad: &'s [BadBuild],
    candidates: Option<RollbackCandidates<'s>>,
    /// The candidates that are not the target.
    others: Vec<&'s Release>,
    /// The policy that the target must pass; `None` where it is known to have been healthy.
    policy: Option<&'s PolicyCheck<'s>>,
    /// When to stop waiting for registries.
    deadline: Instant,
}

/// Plans a rollback to this release.
fn plan_rollback_to(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    target: PinnedRelease,
    situation: &Situation<'_>,
    options: &RollbackOptions,
) -> Result<DeploymentPlan> {
    let PinnedRelease { release, source: pin_source, .. } = target;
    let candidates = situation.candidates.as_ref();
    let same_result = |one: &Pin, other: &Pin| deployment.same_result(one, other);
    let from = candidates.and_then(|candidates| candidates.replaced_by(&release.pin, &same_result)).cloned();
    let running_operation = candidates.and_then(|candidates| candidates.running_operation);
    let values = Values::new(&release, &deployment.environment, &deployment.package, from.as_ref());

    let mut checks = RollbackChecks::new(deployment, &release, options);
    checks.check_take_over(running_operation);
    checks.check_not_newer(situation.state, from.as_ref());
    checks.check_not_bad(situation.bad);
    if let Some(policy) = situation.policy {
        checks.check_policy(policy, ledger.snapshot())?;
    }
    checks.check_images(&situation.others, situation.deadline)?;
    let repeated = candidates.is_some_and(|candidates| candidates.is_repeated(&release.pin, &same_result));
    let removed = checks.check_commits(from.as_ref(), repeated)?;
    let (stages, tree) = checks.check_commands(&values)?;
    checks.check_deployer();
    if let Some(error) = checks.combined(&not_possible(deployment, &release)) {
        return Err(error);
    }
    let RollbackChecks { overridden, unchecked, .. } = checks;
    // A mark on the same images would refuse the very release that it returns to.
    let covers_target = |from: &Release| from.pin.same_commit_or_all_digests(&release.pin);
    // A rollback to a newer release, which was healthy here before, says nothing against the older one that it replaces.
    let order = release_order(deployment.context.repo()?, &release, from.as_ref());
    // One that is repeated does not mark again what was left good, or is good again.
    let is_bad = |from: &Release| {
        situation.bad.iter().any(|mark| mark.release.pin.same_commit_or_all_digests(&from.pin))
    };
    let marks_bad = !options.keep_good
        && order != ReleaseOrder::Newer
        && from.as_ref().is_some_and(|from| !covers_target(from) && (!repeated || is_bad(from)));
    let mut notes = notes(deployment, ledger, candidates, from.as_ref().filter(|_| marks_bad));
    if options.version.is_none() {
        notes.extend(skipped(deployment, situation, from.as_ref(), &release));
    }
    notes.extend(may_still_run(situation.state));
    Ok(DeploymentPlan {
        kind: EventKind::Rollback,
        pin_source,
        values,
        stages,
        tree,
        verifies_live: false,
        external: options.record_only,
        reason: options.override_reason.clone().or_else(|| options.reason.clone()),
        overrides: overridden,
        unchecked,
        notes,
        takes_over: running_operation.map(|lock| lock.operation.clone()),
        state_before: situation.state.cloned(),
        hold: true,
        bad: marks_bad,
        ends_hold: None,
        automatic: false,
        removed,
        from,
        release,
    })
}

/// Returns the first line of a refusal.
pub(super) fn not_possible(deployment: &DeploymentContext<'_>, release: &Release) -> String {
    format!("{} cannot be rolled back to {}", deployment.environment, release.label())
}

/// Returns the release to roll back to, the named one or the best candidate, and the other candidates.
fn select_target<'s>(
    deployment: &DeploymentContext<'_>,
    candidates: Option<&RollbackCandidates<'s>>,
    named: Option<PinnedRelease>,
    no_target: &dyn Fn() -> Error,
) -> Result<(PinnedRelease, Vec<&'s Release>)> {
    let candidates = candidates.iter().flat_map(|candidates| &candidates.candidates);
    let candidates: Vec<&Release> = candidates.map(|healthy| &healthy.release).collect();
    if let Some(named) = named {
        return Ok((named, candidates));
    }
    match candidates.split_first() {
        Some((best, others)) => Ok((recorded(deployment, best), others.to_vec())),
        None => Err(no_target()),
    }
}

fn notes(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    candidates: Option<&RollbackCandidates<'_>>,
    marked_bad: Option<&Release>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(bad) = marked_bad {
        let others = other_environments_with(deployment, ledger, bad);
        if !others.is_empty() {
            notes.push(format!("{} also runs in {}", bad.label(), others.join(", ")));
        }
    }
    if let Some(lock) = candidates.and_then(|candidates| candidates.running_operation) {
        let release = lock.release.as_ref().map(Release::label).unwrap_or_default();
        notes.push(format!(
            "takes over from the {} of {release} that {} started {} on {}",
            lock.kind,
            lock.actor.label(),
            lock.since.age(deployment.now),
            lock.host
        ));
        notes.push(match lock.expired(deployment.now) {
            true => format!("{}; check the environment afterwards", lock.may_still_run()),
            false => {
                "its commands may still deploy for a few seconds; check the environment afterwards".to_owned()
            }
        });
    }
    if candidates.is_some_and(|candidates| candidates.repeats) {
        notes.push("the previous rollback did not end up healthy; this one repeats it".to_owned());
    }
    notes
}

/// Says which releases ran since the one that a rollback chose by itself, and why each is not chosen.
fn skipped(
    deployment: &DeploymentContext<'_>,
    situation: &Situation<'_>,
    from: Option<&Release>,
    target: &Release,
) -> Vec<String> {
    let is = |known: &Healthy, other: &Release| deployment.same_result(&known.release.pin, &other.pin);
    let healthy = situation.state.map(|state| state.healthy.as_slice()).unwrap_or_default();
    let later = healthy.iter().take_while(|known| !is(known, target));
    let later = later.filter(|known| !from.is_some_and(|from| is(known, from)));
    later.map(|known| format!("not chosen: {}", why_not(known, situation.bad))).collect()
}

/// Warns of the commands of a run whose lock somebody released: `rel` may be gone, and what it started may go on.
fn may_still_run(state: Option<&EnvironmentState>) -> Option<String> {
    let unlocked = &state?.newest;
    (unlocked.kind == EventKind::Unlock).then(|| {
        format!(
            "{} unlocked it; commands of that run may still be running, check the environment afterwards",
            unlocked.actor.label()
        )
    })
}

/// Returns the other environments of the package in which a build runs, without those whose state cannot be read: a note is
/// no reason to stop a rollback.
fn other_environments_with(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    release: &Release,
) -> Vec<String> {
    let snapshot = ledger.snapshot();
    let mut others = Vec::new();
    for (package, environment) in snapshot.environments().unwrap_or_default() {
        if package != deployment.package || environment == deployment.environment {
            continue;
        }
        let state = snapshot.environment(&package, &environment).ok().flatten();
        let running = state.and_then(|state| state.running);
        if running.is_some_and(|running| running.release.pin.same_commit_or_all_digests(&release.pin)) {
            others.push(environment);
        }
    }
    others
}
