//! What keeps a rollback from starting. A freeze, `soak` and approvals do not, nor does a registry that cannot be reached.

use super::command_tree::CommandTree;
use super::deployment_context::DeploymentContext;
use super::options::RollbackOptions;
use super::plan::{OverriddenRule, Unchecked};
use super::policy_check::PolicyCheck;
use super::preflight::{check_images, first_with_images};
use super::programs::missing_programs;
use super::release_diff::{CommitsBetween, IrreversibleChange, commits_between};
use super::release_order::release_order;
use super::rollback_decision::other_is_running;
use crate::config::Deployer;
use crate::deploy::{RollbackStages, Stage, Values, rollback_stages};
use crate::error::{Error, Result};
use crate::ledger::Snapshot;
use crate::model::{BadBuild, EnvironmentState, EventKind, Lock, Release};
use crate::policy::{PolicyRule, ReleaseOrder};
use std::time::Instant;

/// The checks of a rollback to one release, and what they found.
pub(super) struct RollbackChecks<'a> {
    /// The environment.
    pub deployment: &'a DeploymentContext<'a>,
    /// The release to roll back to.
    pub release: &'a Release,
    /// The options of the command.
    pub options: &'a RollbackOptions,
    /// What keeps the rollback from starting.
    pub errors: Vec<Error>,
    /// The refusals that `--override` overrides.
    pub overridden: Vec<OverriddenRule>,
    /// What could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// Whether `--override` would help.
    overridable: bool,
}

impl<'a> RollbackChecks<'a> {
    pub(super) fn new(
        deployment: &'a DeploymentContext<'a>,
        release: &'a Release,
        options: &'a RollbackOptions,
    ) -> Self {
        let (errors, overridden, unchecked) = (Vec::new(), Vec::new(), Vec::new());
        RollbackChecks { deployment, release, options, errors, overridden, unchecked, overridable: false }
    }

    /// Refuses while another rollback is running, without `--take-over`.
    pub(super) fn check_take_over(&mut self, lock: Option<&Lock>) {
        let deployment = self.deployment;
        let Some(lock) = lock else { return };
        let may_end = lock.kind != EventKind::Rollback || self.options.take_over;
        if may_end || lock.expired(deployment.now) {
            return;
        }
        self.errors.push(other_is_running(deployment, lock, &self.release.label()));
    }

    /// Refuses a release that is newer and was never healthy in the environment: that is a deploy.
    pub(super) fn check_not_newer(&mut self, state: Option<&EnvironmentState>, from: Option<&Release>) {
        let (deployment, release) = (self.deployment, self.release);
        let was_healthy = state.is_some_and(|state| {
            state.healthy.iter().any(|entry| deployment.same_result(&entry.release.pin, &release.pin))
        });
        let Ok(repo) = deployment.context.repo() else { return };
        if was_healthy || release_order(repo, release, from) != ReleaseOrder::Newer {
            return;
        }
        let from = from.map(Release::label).unwrap_or_default();
        let (label, environment) = (release.label(), &deployment.environment);
        let message = format!("{label} is newer than {from} and was never healthy in {environment}");
        let command = format!("rel deploy {environment} {label}{}", deployment.package_flag);
        self.errors.push(Error::refused(message).hint(command));
    }

    /// Refuses a release that is marked bad, without `--override`.
    pub(super) fn check_not_bad(&mut self, marks: &[BadBuild]) {
        let deployment = self.deployment;
        let Some(mark) =
            marks.iter().find(|mark| mark.release.pin.same_commit_or_all_digests(&self.release.pin))
        else {
            return;
        };
        let label = self.release.label();
        let message = format!("{label} was marked bad by {} at {}", mark.by.label(), mark.since);
        match &self.options.override_reason {
            Some(_) if deployment.authority.may_override() => {
                self.overridden.push(OverriddenRule { rule: PolicyRule::Bad, message });
            }
            Some(_) => self.errors.push(deployment.authority.override_not_allowed()),
            None => self.errors.push(Error::refused(message).hint(format!(
                "rel rollback {} {label} --override \"REASON\"{}",
                deployment.environment, deployment.package_flag
            ))),
        }
    }

    /// Refuses what the policy refuses of a release that is not known to have been healthy here: a rollback is no way forward.
    pub(super) fn check_policy(&mut self, policy: &PolicyCheck<'_>, snapshot: &Snapshot) -> Result<()> {
        let result = policy.evaluate(snapshot)?;
        self.overridable = result.overridable && self.options.override_reason.is_none();
        self.errors.extend(result.errors);
        self.overridden.extend(result.overridden);
        Ok(())
    }

    /// Returns everything that keeps the rollback from starting as one error, with a hint to `--override` where it would help.
    pub(super) fn combined(&self, message: &str) -> Option<Error> {
        let error = Error::combine(message, self.errors.clone())?;
        let (environment, flag) = (&self.deployment.environment, &self.deployment.package_flag);
        let helps = self.overridable && self.deployment.authority.may_override();
        Some(match helps {
            true => error.hint(format!(
                "rel rollback {environment} {} --override \"REASON\"{flag}   # overrides the policy and is recorded",
                self.release.label()
            )),
            false => error,
        })
    }

    /// Refuses where an image does not exist, and names the first of `others` whose images do.
    pub(super) fn check_images(&mut self, others: &[&Release], deadline: Instant) -> Result<()> {
        let (deployment, release) = (self.deployment, self.release);
        let left = deadline.saturating_duration_since(Instant::now());
        let images = check_images(deployment, &release.pin, left)?;
        if !images.missing.is_empty() {
            let others: Vec<&Release> = others
                .iter()
                .copied()
                .filter(|other| !deployment.same_result(&other.pin, &release.pin))
                .collect();
            let next = first_with_images(deployment, &others, deadline)?;
            self.errors.push(images_missing(deployment, release, &images.missing, next));
        }
        let label = release.label();
        let unchecked = |error: Error| Unchecked::Images { release: label.clone(), reason: error.message };
        self.unchecked.extend(images.unreachable.into_iter().map(unchecked));
        Ok(())
    }

    /// Returns the commits that are removed, and refuses where one of them is irreversible and not named by `--cross`. A rollback
    /// that is repeated (`repeated`) has crossed them already.
    pub(super) fn check_commits(
        &mut self,
        from: Option<&Release>,
        repeated: bool,
    ) -> Result<Option<CommitsBetween>> {
        let Some(from) = from else { return Ok(None) };
        let Some(between) = commits_between(self.deployment, from, self.release) else {
            self.unchecked.push(Unchecked::Commits { from: from.label(), to: self.release.label() });
            return Ok(None);
        };
        let crossed = |change: &&IrreversibleChange| {
            let without_v = |name: &str| name.trim_start_matches('v').to_owned();
            self.options.cross.iter().any(|named| without_v(named) == without_v(&change.release))
        };
        let refused = between.irreversible.iter().filter(|change| !repeated && !crossed(change));
        let errors: Vec<Error> = refused.map(|change| self.irreversible(change)).collect();
        self.errors.extend(errors);
        Ok(Some(between))
    }

    fn irreversible(&self, change: &IrreversibleChange) -> Error {
        let (deployment, short) = (self.deployment, change.commit.short());
        let message = format!("{} has an irreversible change: {} ({short})", change.release, change.reason);
        Error::refused(message).hint(format!(
            "rel rollback {} {} --cross {}{}",
            deployment.environment,
            self.release.label(),
            change.release,
            deployment.package_flag
        ))
    }

    /// Returns the stages of the rollback and where they run. Refuses where one of their programs cannot be started there.
    pub(super) fn check_commands(&mut self, values: &Values) -> Result<(Vec<Stage>, Option<CommandTree>)> {
        if self.options.record_only {
            return Ok((Vec::new(), None));
        }
        let (deployment, release) = (self.deployment, self.release);
        let RollbackStages { stages, skipped } = match rollback_stages(&deployment.rules, values) {
            Ok(stages) => stages,
            Err(error) => {
                self.errors.push(error);
                return Ok((Vec::new(), None));
            }
        };
        skipped.into_iter().for_each(|skipped| deployment.context.ui().warning(skipped));
        if stages.is_empty() {
            return Ok((stages, None));
        }
        let (tree, unchecked) = CommandTree::of_rollback(deployment, release, self.options.config_tree)?;
        self.unchecked.extend(unchecked);
        let missing = missing_programs(deployment, release, &stages, Some(tree), &EventKind::Rollback);
        self.errors.extend(missing);
        Ok((stages, Some(tree)))
    }

    /// Refuses where another system deploys, and says which digests it must deploy.
    pub(super) fn check_deployer(&mut self) {
        let rules = &self.deployment.rules;
        let no_deployer = matches!(rules.deployer, Deployer::Nobody) && rules.rollback.is_none();
        if !no_deployer || self.options.record_only {
            return;
        }
        let (environment, pin) = (&self.deployment.environment, &self.release.pin);
        let message = format!("rel does not deploy to {environment}: roll it back with the system that does");
        let mut error = Error::refused(message);
        if pin.images.is_empty() {
            error = error.cause(format!("the commit to deploy is {}", pin.commit));
        }
        for image in &pin.images {
            error = error.cause(format!("deploy {}", image.reference()));
        }
        self.errors.push(error.hint(format!(
            "rel rollback {environment} {} --record-only{}   # when that is done",
            self.release.label(),
            self.deployment.package_flag
        )));
    }
}

/// Returns the error for images that do not exist; `next` is a release whose images do.
pub(super) fn images_missing(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    missing: &[String],
    next: Option<&Release>,
) -> Error {
    let error = Error::missing(format!("the images of {} are gone", release.label()));
    let error = missing.iter().fold(error, Error::cause);
    error.hint(match next {
        Some(next) => format!(
            "rel rollback {} {}{}   # the next release whose images exist",
            deployment.environment,
            next.label(),
            deployment.package_flag
        ),
        None => "no earlier release has its images either; build one again".to_owned(),
    })
}
