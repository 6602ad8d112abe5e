//! What is checked before the first event: the images of a release, with every platform, and the programs of its commands.

use super::command_tree::CommandTree;
use super::deployment_context::DeploymentContext;
use super::programs::missing_programs;
use crate::deploy::Stage;
use crate::error::{Error, Result};
use crate::model::{EventKind, Image, Pin, Reference, Release};
use crate::registry::{DEFAULT_DEADLINE, Detail, ImageReference, Registries, Resolution};
use std::time::{Duration, Instant};

/// Whether the images of a release exist.
#[derive(Debug, Default)]
pub(super) struct ImageCheck {
    /// Images or platforms that do not exist, one sentence each.
    pub missing: Vec<String>,
    /// Registries that did not answer.
    pub unreachable: Vec<Error>,
}

/// Returns everything that keeps a deploy from starting: missing images, unreachable registries, missing programs.
pub(super) fn deploy_preflight(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    stages: &[Stage],
    tree: Option<CommandTree>,
) -> Result<Vec<Error>> {
    let images = check_images(deployment, &release.pin, DEFAULT_DEADLINE)?;
    let hint = "build it again, or choose a release whose images exist";
    let missing = images.missing.into_iter().map(|image| Error::missing(image).hint(hint));
    Ok(missing
        .chain(images.unreachable)
        .chain(missing_programs(deployment, release, stages, tree, &EventKind::Deploy))
        .collect())
}

/// Looks up every image of a pin by its digest, all at once, within `timeout`.
pub(super) fn check_images(
    deployment: &DeploymentContext<'_>,
    pin: &Pin,
    timeout: Duration,
) -> Result<ImageCheck> {
    let mut check = ImageCheck::default();
    if pin.images.is_empty() {
        return Ok(check);
    }
    let registries = Registries::open(deployment.context, timeout, None)?;
    let by_digest = |image: &Image| ImageReference {
        repository: image.repository.clone(),
        reference: Reference::Digest(image.digest.clone()),
    };
    let references: Vec<ImageReference> = pin.images.iter().map(by_digest).collect();
    for (image, resolution) in pin.images.iter().zip(registries.resolve(&references, Detail::Platforms)) {
        match resolution {
            Resolution::Found(_) => {}
            Resolution::Missing(what) => check.missing.push(format!("{}: {what}", image.name)),
            // All images of a registry that does not answer have the same error.
            Resolution::Unknown(error) if check.unreachable.contains(&error) => {}
            Resolution::Unknown(error) => check.unreachable.push(error),
        }
    }
    Ok(check)
}

/// Returns the first release whose images all exist; `None` where none has, or the deadline passes first.
pub(super) fn first_with_images<'r>(
    deployment: &DeploymentContext<'_>,
    releases: &[&'r Release],
    deadline: Instant,
) -> Result<Option<&'r Release>> {
    for release in releases {
        let Ok(located) = deployment.locate(release) else { continue };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let check = check_images(deployment, &located.pin, left)?;
        if check.missing.is_empty() && check.unreachable.is_empty() {
            return Ok(Some(release));
        }
    }
    Ok(None)
}
