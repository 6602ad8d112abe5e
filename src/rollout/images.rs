//! Whether the images of a release are there, with every platform, before anything moves. Leans on `registry`.

use super::place::DeploymentContext;
use crate::error::{Error, Result};
use crate::model::{Image, Pin, Reference, Release};
use crate::registry::{Detail, ImageReference, Registries, Resolution};
use std::time::{Duration, Instant};

/// How it stands with the images of a release.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What is certainly gone, one sentence each.
    pub gone: Vec<String>,
    /// Why nobody knows.
    pub unknown: Vec<Error>,
}

/// Looks at every image by its digest, all at once; registries have `wait` to answer.
pub(super) fn look(place: &DeploymentContext<'_>, pin: &Pin, wait: Duration) -> Result<Seen> {
    let mut seen = Seen::default();
    if pin.images.is_empty() {
        return Ok(seen);
    }
    let registries = Registries::open(place.context, wait, None)?;
    let wanted: Vec<ImageReference> = pin.images.iter().map(wanted).collect();
    for (image, finding) in pin.images.iter().zip(registries.resolve(&wanted, Detail::Platforms)) {
        match finding {
            Resolution::Found(_) => {}
            Resolution::Missing(what) => seen.gone.push(format!("{}: {what}", image.name)),
            Resolution::Unknown(error) => seen.unknown.push(error),
        }
    }
    Ok(seen)
}

/// The first of some releases whose images are all there; `None` where there is none, or nobody knows in time.
pub(super) fn first_there<'r>(
    place: &DeploymentContext<'_>,
    releases: &[&'r Release],
    until: Instant,
) -> Result<Option<&'r Release>> {
    for release in releases.iter().filter(|release| place.check_repositories(release).is_ok()) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let seen = look(place, &release.pin, left)?;
        if seen.gone.is_empty() && seen.unknown.is_empty() {
            return Ok(Some(release));
        }
    }
    Ok(None)
}

fn wanted(image: &Image) -> ImageReference {
    ImageReference {
        repository: image.repository.clone(),
        reference: Reference::Digest(image.digest.clone()),
    }
}
