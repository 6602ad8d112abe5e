//! Whether the images of a release are there, with every platform, before anything moves. Leans on `registry`.

use super::place::Place;
use crate::error::{Error, Result};
use crate::model::{Image, Pin, Reference, Release};
use crate::registry::{DEADLINE, Finding, Look, Registries, Wanted};

/// How it stands with the images of a release.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What is certainly gone, one sentence each.
    pub gone: Vec<String>,
    /// Why nobody knows.
    pub unknown: Vec<Error>,
}

/// Looks at every image by its digest, all at once.
pub(super) fn look(place: &Place<'_>, pin: &Pin) -> Result<Seen> {
    let mut seen = Seen::default();
    if pin.images.is_empty() {
        return Ok(seen);
    }
    let registries = Registries::open(place.world, DEADLINE, None)?;
    let wanted: Vec<Wanted> = pin.images.iter().map(wanted).collect();
    for (image, finding) in pin.images.iter().zip(registries.resolve(&wanted, Look::Platforms)) {
        match finding {
            Finding::Found(_) => {}
            Finding::Missing(what) => seen.gone.push(format!("{}: {what}", image.name)),
            Finding::Unknown(error) => seen.unknown.push(error),
        }
    }
    Ok(seen)
}

/// The first of some releases whose images are all there; `None` where there is none, or nobody knows.
pub(super) fn first_there<'r>(place: &Place<'_>, releases: &[&'r Release]) -> Result<Option<&'r Release>> {
    for release in releases {
        let seen = look(place, &release.pin)?;
        if seen.gone.is_empty() && seen.unknown.is_empty() {
            return Ok(Some(release));
        }
    }
    Ok(None)
}

fn wanted(image: &Image) -> Wanted {
    Wanted { repository: image.repository.clone(), reference: Reference::Digest(image.digest.clone()) }
}
