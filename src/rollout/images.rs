//! Whether the images of a release are there, with every platform, before anything moves. Leans on `registry`.

use super::place::DeploymentContext;
use crate::config::ImageRule;
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

/// Refuses a repository that release.toml does not name: neither a deployer nor a registry is given one that was only
/// recorded.
///
/// # Errors
///
/// 5 where an image has no `[[image]]` of its name, or one with another repository.
pub(super) fn configured(rules: &[ImageRule], release: &Release) -> Result<()> {
    let known = |image: &&Image| {
        rules.iter().any(|rule| rule.name == image.name && rule.repository == image.repository)
    };
    let strange: Vec<&Image> = release.pin.images.iter().filter(|image| !known(image)).collect();
    if strange.is_empty() {
        return Ok(());
    }
    let message =
        format!("images of {} are recorded in places that release.toml does not name", release.label());
    let error = strange.iter().fold(Error::conflict(message), |error, image| {
        let own = rules.iter().find(|rule| rule.name == image.name);
        let own = own.map_or_else(|| "no repository".to_owned(), |rule| rule.repository.to_string());
        error.cause(format!("{}: recorded is {}, release.toml names {own}", image.name, image.repository))
    });
    Err(error.hint("rel ledger verify   # whether the record was forged").hint(
        "where the images moved: [[image]] repository of the default branch names the new place, and `rel retag` gives tags there",
    ))
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
    for release in releases.iter().filter(|release| configured(&place.images, release).is_ok()) {
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

#[cfg(test)]
mod tests {
    use super::configured;
    use crate::config::{self, ImageRule};
    use crate::model::{CommitId, Image, Pin, Release};

    #[test]
    fn a_repository_that_was_only_recorded_is_refused() {
        let text = "[[image]]\nname = 'api'\nrepository = 'ghcr.io/acme/api'\n";
        let config = config::read("release.toml", text, 80).unwrap();
        let rules: Vec<ImageRule> = config.images_of("shop").cloned().collect();
        for (name, repository, fits) in [
            ("api", "ghcr.io/acme/api", true),
            ("api", "evil.example/api", false),
            ("web", "ghcr.io/acme/api", false),
        ] {
            let image = Image::parse(&format!("{name} {repository}@sha256:{}", "a".repeat(64))).unwrap();
            let release = Release::bare(Pin::new(CommitId::from_bytes([1; 20]), vec![image]));
            let said = configured(&rules, &release);
            assert_eq!(said.is_ok(), fits, "{name} {repository}");
            assert!(said.err().is_none_or(|error| error.kind.code() == 5));
        }
    }
}
