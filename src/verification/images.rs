//! Checks the images of a release: the digests of their tags, and the commits that they say they were built from.

use super::check::Check;
use crate::config::ImageRule;
use crate::error::{Error, Result};
use crate::model::{Digest, Reference, image};
use crate::registry::{Detail, ImageReference, Registries, Resolution, ResolvedImage};
use crate::resolve::BuiltRelease;

/// Checks every image: its version tag and its source tag against the recorded digest or, if none is recorded, the version
/// tag against the source tag; and the revision of every platform against the build commit.
pub(super) fn checks(release: &BuiltRelease<'_>, registries: &Registries<'_>) -> Vec<Check> {
    let version_tags = references(release, |rule| image::version_tag(&rule.tag, &release.version));
    let source_tags = references(release, |rule| image::source_tag(&rule.source, release.build));
    let versions = registries.resolve(&version_tags, Detail::Platforms);
    let sources = registries.resolve(&source_tags, Detail::Digest);
    let shared = shared_errors(&version_tags, &versions);
    let mut checks: Vec<Check> = shared.iter().map(|(host, error)| Check::failed(host, error)).collect();
    let names = version_tags.iter().zip(&source_tags);
    let resolutions = versions.into_iter().zip(sources);
    for ((rule, (version_tag, source_tag)), (version, source)) in
        release.images.iter().zip(names).zip(resolutions)
    {
        let recorded = release.recorded(rule);
        let tag = |image: &ImageReference| format!("{}: {}", rule.name, image.reference);
        // The build may be deleted once the version tag has its digest, if the git tag records that.
        let deleted = matches!((&recorded, &source), (Ok(Some(_)), Resolution::Missing(_)));
        let (found_version, version_fault) = found(version, &tag(version_tag), &shared);
        let (found_source, source_fault) = found(source, &tag(source_tag), &shared);
        let digests = Digests { recorded, source: found_source.map(|found| found.digest) };
        let version_check =
            found_version.as_ref().map(|found| digests.check_version(tag(version_tag), &found.digest));
        checks.extend(version_check.or(version_fault));
        checks.extend(digests.check_source(tag(source_tag)).or(source_fault.filter(|_| !deleted)));
        if let Some(found) = found_version {
            checks.extend(revision_checks(release, registries, rule, &found.digest));
        }
    }
    checks
}

/// The digests that an image should have.
struct Digests {
    /// The one that the git tag records, if any.
    recorded: Result<Option<Digest>>,
    /// That of the source tag, if it exists.
    source: Option<Digest>,
}

impl Digests {
    fn check_version(&self, name: String, found: &Digest) -> Check {
        match (&self.recorded, &self.source) {
            (Ok(Some(recorded)), _) => Check::compare(name, recorded, found),
            (Ok(None), Some(source)) => Check::compare(name, source, found),
            (Ok(None), None) => Check::not_checked(name, None, "nothing records which digest it should have"),
            (Err(error), _) => Check::failed(name, error),
        }
    }

    fn check_source(&self, name: String) -> Option<Check> {
        let source = self.source.as_ref()?;
        Some(match &self.recorded {
            Ok(Some(recorded)) => Check::compare(name, recorded, source),
            _ => Check::found(name, source),
        })
    }
}

/// Returns the errors that several images have in common, with the host of their registry: it cannot be reached, or denies
/// access.
fn shared_errors(images: &[ImageReference], resolutions: &[Resolution]) -> Vec<(String, Error)> {
    let mut shared: Vec<(String, Error)> = Vec::new();
    let mut seen: Vec<&Error> = Vec::new();
    for (image, resolution) in images.iter().zip(resolutions) {
        let (Resolution::Unknown(error), Some(host)) = (resolution, image.repository.host()) else {
            continue;
        };
        if seen.contains(&error) && !is_shared(&shared, error) {
            shared.push((host.to_owned(), error.clone()));
        }
        seen.push(error);
    }
    shared
}

fn is_shared(shared: &[(String, Error)], error: &Error) -> bool {
    shared.iter().any(|(_, other)| other == error)
}

/// Returns a reference to one tag of every image.
fn references(release: &BuiltRelease<'_>, tag: impl Fn(&ImageRule) -> String) -> Vec<ImageReference> {
    let reference = |rule: &&ImageRule| ImageReference {
        repository: rule.repository.clone(),
        reference: Reference::Tag(tag(rule)),
    };
    release.images.iter().map(reference).collect()
}

/// Returns what was found; otherwise a failed check, unless the error is one of `shared`, which are checks already.
fn found(
    resolution: Resolution,
    name: &str,
    shared: &[(String, Error)],
) -> (Option<ResolvedImage>, Option<Check>) {
    match resolution {
        Resolution::Found(found) => (Some(found), None),
        Resolution::Missing(what) => (None, Some(Check::failed(name, &Error::missing(what)))),
        Resolution::Unknown(error) if is_shared(shared, &error) => (None, None),
        Resolution::Unknown(error) => (None, Some(Check::failed(name, &error))),
    }
}

/// Checks the commit that every platform says it was built from. Of a platform without one, nothing is
/// proven.
fn revision_checks(
    release: &BuiltRelease<'_>,
    registries: &Registries<'_>,
    rule: &ImageRule,
    digest: &Digest,
) -> Vec<Check> {
    let name = format!("{}: revision", rule.name);
    let platforms = match registries.revisions(&rule.repository, digest) {
        Ok(platforms) => platforms,
        Err(error) => return vec![Check::failed(name, &error)],
    };
    let check = |(platform, revision)| {
        let name = format!("{name} of {platform}");
        match revision {
            Some(revision) => Check::compare(name, release.build, revision),
            None => {
                let expected = Some(release.build.to_string());
                Check::not_checked(name, expected, "the image does not say which commit it was built from")
            }
        }
    };
    platforms.into_iter().map(check).collect()
}
