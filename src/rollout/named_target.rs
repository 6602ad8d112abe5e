//! The release that was named for a rollback: as the ledger records it where it was healthy, else as its tag describes it.

use super::deployment_context::DeploymentContext;
use super::rollback_plan::REGISTRY_TIMEOUT;
use crate::error::{Error, Result};
use crate::ledger::{Freshness, Ledger};
use crate::model::{EnvironmentState, Release};
use crate::resolve::{PinSource, PinnedRelease, RemoteTag, Trust, TypedRelease, pin, remote_tag};

/// Returns the named release. One that was healthy in the environment is the one that ran there, whatever its tag says now.
///
/// # Errors
///
/// 7 if there is no such release; 5 if its tag is not the one of the remote, or if tag and ledger disagree.
pub(super) fn named_target(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    state: Option<&EnvironmentState>,
    typed: &TypedRelease,
    trust: Option<Trust>,
) -> Result<PinnedRelease> {
    if let Some(release) = known_release(state, typed).filter(|_| trust != Some(Trust::Tag)) {
        if let Some(note) = typed.tag_differs(ledger, release) {
            deployment.context.ui().warning(note);
        }
        return Ok(recorded(deployment, release));
    }
    let named = typed.read(ledger)?.with_recorded_version(ledger, state)?;
    let remote_tag = remote_tag(ledger, &named)?;
    let rules = deployment.image_rules();
    pin(deployment.context, &rules, &named, trust, remote_tag, REGISTRY_TIMEOUT)
}

/// Returns a release of the ledger, as it was recorded.
pub(super) fn recorded(deployment: &DeploymentContext<'_>, release: &Release) -> PinnedRelease {
    PinnedRelease {
        package: deployment.package.clone(),
        release: release.clone(),
        source: PinSource::Ledger,
        remote_tag: RemoteTag::Same,
    }
}

/// Returns the release of this name that was healthy last; for a commit, first one that has a version.
fn known_release<'s>(state: Option<&'s EnvironmentState>, typed: &TypedRelease) -> Option<&'s Release> {
    let named = || {
        let healthy = state.into_iter().flat_map(|state| &state.healthy).map(|healthy| &healthy.release);
        healthy.filter(|release| typed.names(release))
    };
    named().find(|release| release.version.is_some()).or_else(|| named().next())
}

/// Refuses a named release where nothing runs that a rollback could replace: there, it is deployed. If no ledger can be read,
/// the person who names a release at a terminal knows what runs.
///
/// # Errors
///
/// 4 where nothing runs; 6 where that is unknown.
pub(super) fn check_something_runs(
    deployment: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    from: Option<&Release>,
    version: Option<&str>,
) -> Result<()> {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    if from.is_some() {
        return Ok(());
    }
    if is_ledger_unknown(ledger) {
        let unknown = format!("nothing is known of what ran in {environment}");
        if version.is_some() && deployment.context.ui().is_interactive() {
            deployment.context.ui().warning(unknown);
            return Ok(());
        }
        return Err(Error::unreachable(unknown)
            .cause("the ledger cannot be reached, and this clone has no copy of it")
            .hint(format!("rel rollback {environment} VERSION{flag}   # at a terminal")));
    }
    let Some(version) = version else { return Ok(()) };
    Err(Error::refused(format!("nothing runs in {environment} yet that a rollback could replace"))
        .hint(format!("rel deploy {environment} {version}{flag}")))
}

/// Returns whether the ledger can neither be reached nor read from a copy.
pub(super) fn is_ledger_unknown(ledger: &Ledger<'_>) -> bool {
    ledger.freshness() == Freshness::Copy(None)
}
