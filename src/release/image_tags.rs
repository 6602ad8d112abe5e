//! The images of a release: found before anything is written, and given their version tags after the push. A registry has
//! no compare-and-set, so the tag on the git remote comes first and decides.

use super::existing::ExistingRelease;
use super::plan::{PlannedImage, ReleasePlan};
use super::session::Session;
use crate::config::ImageRule;
use crate::error::{Error, Kind, Result};
use crate::model::{CommitId, Image, Reference, Version};
use crate::registry::{
    Detail, ImageReference, NEARBY_COMMITS, Registries, Resolution, RetagRequest, RetaggedImage,
};
use crate::ui::{Role, Text};
use std::collections::BTreeMap;

/// The images that were tagged, by package.
pub type ImageTags = BTreeMap<String, Vec<RetaggedImage>>;

/// Finds the digest of every image of a plan, and returns what prevents its version tag: a build that is missing, a version
/// tag that names another digest, a registry that does not answer.
pub(super) fn find_builds(session: &Session<'_>, plan: &mut ReleasePlan) -> Result<Vec<Error>> {
    let build = plan.build;
    let mut requests = Vec::new();
    for (index, release) in plan.releases.iter().enumerate() {
        for rule in rules_built_before_tag(session, &release.package)? {
            let finals = final_versions(session, &release.package, &release.version)?;
            requests.push((index, rule, RetagRequest::new(rule, &release.version, build, None, &finals)));
        }
    }
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let registries = match session.registries() {
        Ok(registries) => registries,
        Err(error) => return Ok(vec![error]),
    };
    let mut errors = Vec::new();
    for (index, found) in check_builds(session, &registries, build, requests)? {
        match (found, plan.releases.get_mut(index)) {
            (Ok(found), Some(release)) => release.images.push(PlannedImage {
                image: Image { name: found.name, repository: found.repository, digest: found.digest },
                tags: found.tags,
            }),
            (Ok(_), None) => {}
            (Err(error), _) => errors.push(error),
        }
    }
    errors.extend(missing_platforms(&registries, plan));
    Ok(errors)
}

/// Returns what would prevent the version tags of releases whose git tags somebody else created here.
pub(super) fn check_existing(session: &Session<'_>, releases: &[&ExistingRelease]) -> Result<Vec<Error>> {
    let mut errors = Vec::new();
    for release in releases {
        let finals = final_versions(session, &release.package, &release.version)?;
        let request = |rule| RetagRequest::new(rule, &release.version, release.build, None, &finals);
        let rules = rules_built_before_tag(session, &release.package)?;
        let requests: Vec<_> = rules.into_iter().map(|rule| (0, rule, request(rule))).collect();
        if requests.is_empty() {
            continue;
        }
        let registries = match session.registries() {
            Ok(registries) => registries,
            Err(error) => return Ok(vec![error]),
        };
        let found = check_builds(session, &registries, release.build, requests)?;
        errors.extend(found.into_iter().filter_map(|(_, found)| found.err()));
    }
    Ok(errors)
}

/// An image to look up: the number of its release, its rule, and what the registry is asked for.
type BuildRequest<'r> = (usize, &'r ImageRule, RetagRequest);

/// Looks up the builds of images, all at once. A build that is missing comes with the builds of commits nearby.
fn check_builds(
    session: &Session<'_>,
    registries: &Registries<'_>,
    build: CommitId,
    requests: Vec<BuildRequest<'_>>,
) -> Result<Vec<(usize, Result<RetaggedImage>)>> {
    let release_context = session.release_context()?;
    let all: Vec<RetagRequest> = requests.iter().map(|(_, _, request)| request.clone()).collect();
    let missing = |rule: &ImageRule, error: Error| {
        let nearby = release_context.neighbours(build, NEARBY_COMMITS);
        let error = registries.suggest_builds(error, rule, build, &nearby);
        error.hint("wait for the build; for an image built from the tag, set `when = \"after\"`")
    };
    let found = requests.into_iter().zip(registries.check_retag(&all)).map(|((index, rule, _), found)| {
        let found = found.map_err(|error| match error.kind {
            Kind::Missing => missing(rule, error),
            _ => error,
        });
        (index, found)
    });
    Ok(found.collect())
}

/// Returns an error for each image with a platform that does not exist: registries refuse to tag those, and the git tag is
/// pushed by then.
fn missing_platforms(registries: &Registries<'_>, plan: &ReleasePlan) -> Vec<Error> {
    let planned: Vec<&Image> =
        plan.releases.iter().flat_map(|release| &release.images).map(|planned| &planned.image).collect();
    let by_digest = |image: &&Image| ImageReference {
        repository: image.repository.clone(),
        reference: Reference::Digest(image.digest.clone()),
    };
    let references: Vec<ImageReference> = planned.iter().map(by_digest).collect();
    let resolutions = registries.resolve(&references, Detail::Platforms);
    let error = |(image, resolution): (&&Image, Resolution)| match resolution {
        Resolution::Found(_) => None,
        Resolution::Missing(what) => Some(
            Error::missing(format!("{}: {what}", image.name))
                .hint("build the image again, with all platforms"),
        ),
        Resolution::Unknown(error) => Some(error),
    };
    planned.iter().zip(resolutions).filter_map(error).collect()
}

/// Tags the images of a plan that was pushed.
pub(super) fn tag_planned(session: &Session<'_>, plan: &ReleasePlan) -> Result<ImageTags> {
    let releases = plan.releases.iter().map(|release| RecordedImages {
        package: &release.package,
        version: &release.version,
        build: plan.build,
        images: release.images.iter().map(|planned| &planned.image).collect(),
    });
    tag_images(session, releases.collect())
}

/// Tags the images of existing releases as their git tags record them: a run that was killed after its push has not done it.
pub(super) fn tag_existing(session: &Session<'_>, releases: &[ExistingRelease]) -> Result<ImageTags> {
    let releases = releases.iter().map(|release| RecordedImages {
        package: &release.package,
        version: &release.version,
        build: release.build,
        images: release.images.iter().collect(),
    });
    tag_images(session, releases.collect())
}

/// A release with the images that its tag records.
struct RecordedImages<'a> {
    package: &'a str,
    version: &'a Version,
    build: CommitId,
    images: Vec<&'a Image>,
}

/// Returns the images of a package that are built before its tag.
fn rules_built_before_tag<'s>(session: &Session<'s>, package: &str) -> Result<Vec<&'s ImageRule>> {
    let built = |rule: &&ImageRule| !rule.built_after && !rule.retired;
    Ok(session.context.config()?.images_of(package).filter(built).collect())
}

/// Returns the final versions of a package, `version` among them.
fn final_versions(session: &Session<'_>, package: &str, version: &Version) -> Result<Vec<Version>> {
    let packages = session.packages.iter().filter(|other| other.name == package);
    let formats: Vec<_> = packages.flat_map(|package| &package.formats).collect();
    let read = |name: &str| formats.iter().find_map(|format| format.read(name));
    let tagged = session.release_context()?.tags().iter().filter_map(|tag| read(tag.name.as_str()));
    Ok(tagged.chain([version.clone()]).filter(Version::is_final).collect())
}

fn tag_images(session: &Session<'_>, releases: Vec<RecordedImages<'_>>) -> Result<ImageTags> {
    let mut tagged = ImageTags::new();
    let requests = retag_requests(session, &releases)?;
    if requests.is_empty() {
        return Ok(tagged);
    }
    let registries = session.registries()?;
    let (packages, requests): (Vec<String>, Vec<RetagRequest>) = requests.into_iter().unzip();
    let mut errors = Vec::new();
    for (package, result) in packages.into_iter().zip(registries.retag(&requests)) {
        match result {
            Ok(image) => {
                let line = Text::new().plain(format!("{} {} tagged ", image.name, image.digest.short()));
                session.context.ui().status(line.with(Role::Name, image.tags.join(", ")));
                tagged.entry(package).or_default().push(image);
            }
            Err(error) => errors.push(error),
        }
    }
    match Error::combine("", errors) {
        None => Ok(tagged),
        Some(error) => Err(error.hint("the release is pushed; run rel cut again to tag the other images")),
    }
}

/// Returns what the registries are asked for. Names and repositories come from `release.toml`: no repository is ever taken
/// from a git tag.
fn retag_requests(
    session: &Session<'_>,
    releases: &[RecordedImages<'_>],
) -> Result<Vec<(String, RetagRequest)>> {
    let mut requests = Vec::new();
    for release in releases {
        let rules = rules_built_before_tag(session, release.package)?;
        for image in &release.images {
            let same = |rule: &&&ImageRule| rule.name == image.name && rule.was_kept_in(&image.repository);
            let Some(rule) = rules.iter().find(same) else {
                let name = format!("{} of {} {}", image.name, release.package, release.version);
                let ui = session.context.ui();
                ui.warning(format!("{name} is no longer in release.toml: it gets no version tag"));
                continue;
            };
            let finals = final_versions(session, release.package, release.version)?;
            let digest = Some(image.digest.clone());
            let request = RetagRequest::new(rule, release.version, release.build, digest, &finals);
            requests.push((release.package.to_owned(), request));
        }
    }
    Ok(requests)
}
