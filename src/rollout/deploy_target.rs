//! The release that a deploy brings: what runs already by its record, else what tag, ledger and registries say.

use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::{EnvironmentState, Release};
use crate::resolve::{PinSource, PinnedRelease, ReleaseName, RemoteTag, Request, Trust, TypedRelease};

/// Returns the release of a request with its digests. What runs is deployed again as it is recorded, whatever its tag says
/// now.
///
/// # Errors
///
/// Those of [`TypedRelease::to_deploy`].
pub(super) fn deploy_target(
    ledger: &Ledger<'_>,
    request: &Request<'_>,
    trust: Option<Trust>,
) -> Result<PinnedRelease> {
    let typed = request.typed(ledger)?.ok_or_else(|| Error::defect("no release was typed"))?;
    let package = typed.package.name.clone();
    let state = ledger.snapshot().environment(&package, request.environment)?;
    let running = state.as_ref().and_then(|state| running_release(ledger, state, &typed));
    let Some(release) = running.filter(|_| trust != Some(Trust::Tag)) else {
        return typed.to_deploy(ledger, trust);
    };
    if let Some(note) = typed.tag_differs(ledger, release) {
        ledger.context().ui().warning(note);
    }
    let (release, source) = (release.clone(), PinSource::Ledger);
    Ok(PinnedRelease { package, release, source, remote_tag: RemoteTag::Same })
}

/// Returns what runs, if that is what was typed and all of its images are recorded.
fn running_release<'s>(
    ledger: &Ledger<'_>,
    state: &'s EnvironmentState,
    typed: &TypedRelease,
) -> Option<&'s Release> {
    let release = &state.redeployable()?.release;
    let has_images = ledger.config().images_of(&typed.package.name).next().is_some();
    let recorded = !has_images || !release.pin.images.is_empty();
    // A release that was typed as a commit is a bare commit, even if what runs has a version.
    let same_kind = matches!(typed.name, ReleaseName::Version { .. }) == release.version.is_some();
    (typed.names(release) && recorded && same_kind).then_some(release)
}
