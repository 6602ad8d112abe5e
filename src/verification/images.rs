//! Checks the images of a release: the digests of their tags, and the commits that they say they were built from.

use super::check::Check;
use crate::config::ImageRule;
use crate::error::Error;
use crate::model::{Digest, Reference, image};
use crate::registry::{Detail, ImageReference, Registries, Resolution, ResolvedImage};
use crate::resolve::BuiltRelease;

/// Checks every image: its version tag against the recorded digest, its source tag against the version tag, and the
/// revision of every platform against the build commit.
pub(super) fn checks(release: &BuiltRelease<'_>, registries: &Registries<'_>) -> Vec<Check> {
    let version_tags = references(release, |rule| image::version_tag(&rule.tag, &release.version));
    let source_tags = references(release, |rule| image::source_tag(&rule.source, release.build));
    let versions = registries.resolve(&version_tags, Detail::Platforms);
    let sources = registries.resolve(&source_tags, Detail::Digest);
    let mut checks = Vec::new();
    let names = version_tags.iter().zip(&source_tags);
    let resolutions = versions.into_iter().zip(sources);
    for ((rule, (version_tag, source_tag)), (version, source)) in
        release.images.iter().zip(names).zip(resolutions)
    {
        let name = |image: &ImageReference| format!("{}: {}", rule.name, image.reference);
        let Some(found) = found(version, &name(version_tag), &mut checks) else { continue };
        let recorded = release.recorded(rule);
        // The build may be deleted once the version tag has its digest, if the git tag records that.
        let may_be_deleted = matches!(recorded, Ok(Some(_)));
        checks.push(match recorded {
            Ok(Some(recorded)) => Check::compare(name(version_tag), recorded, &found.digest),
            Ok(None) => Check::compare(name(version_tag), &found.digest, &found.digest),
            Err(error) => Check::failed(name(version_tag), &error),
        });
        if !(may_be_deleted && matches!(source, Resolution::Missing(_))) {
            let source_name = name(source_tag);
            if let Some(source) = self::found(source, &source_name, &mut checks) {
                checks.push(Check::compare(source_name, &found.digest, source.digest));
            }
        }
        checks.extend(revision_checks(release, registries, rule, &found.digest));
    }
    checks
}

/// Returns a reference to one tag of every image.
fn references(release: &BuiltRelease<'_>, tag: impl Fn(&ImageRule) -> String) -> Vec<ImageReference> {
    let reference = |rule: &&ImageRule| ImageReference {
        repository: rule.repository.clone(),
        reference: Reference::Tag(tag(rule)),
    };
    release.images.iter().map(reference).collect()
}

/// Returns what was found; otherwise adds a failed check.
fn found(resolution: Resolution, name: &str, checks: &mut Vec<Check>) -> Option<ResolvedImage> {
    match resolution {
        Resolution::Found(found) => return Some(found),
        Resolution::Missing(what) => checks.push(Check::failed(name, &Error::missing(what))),
        Resolution::Unknown(error) => checks.push(Check::failed(name, &error)),
    }
    None
}

/// Checks the commit that every platform says it was built from. A platform without one contradicts nothing.
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
            None => Check::not_contradicted(name, release.build, "the image does not say which commit"),
        }
    };
    platforms.into_iter().map(check).collect()
}
