//! The images of a release: found before anything is written, given their version once the tag is out. A registry has no
//! compare-and-set, so the tag on the git remote comes first and decides. Leans on `registry`.

use super::finish::Made;
use super::scene::Scene;
use crate::config::ImageRule;
use crate::error::{Error, Kind, Result};
use crate::git_history::ReleaseContext;
use crate::model::{CommitId, Digest, Image, Version};
use crate::plan::{Plan, Versioned};
use crate::registry::{NEARBY_COMMITS, RetagRequest, RetaggedImage};
use crate::ui::{Role, Text};
use std::collections::BTreeMap;

/// What was given, by package.
pub(super) type Given = BTreeMap<String, Vec<RetaggedImage>>;

/// Finds the digest of every image of a plan, and what is in the way of its version: a build that is missing, a version
/// tag that is taken, a registry that does not answer.
pub(super) fn foresee(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    plan: &mut Plan,
) -> Result<Vec<Error>> {
    let build = plan.build;
    let mut orders = Vec::new();
    for (place, release) in plan.releases.iter().enumerate() {
        for rule in built(scene, &release.package)? {
            let finals = finals(scene, release_context, &release.package, &release.version);
            orders.push((place, rule, RetagRequest::new(rule, &release.version, build, None, &finals)));
        }
    }
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let registries = match scene.registries() {
        Ok(registries) => registries,
        Err(error) => return Ok(vec![error]),
    };
    let all: Vec<RetagRequest> = orders.iter().map(|(_, _, order)| order.clone()).collect();
    let mut faults = Vec::new();
    for ((place, rule, _), found) in orders.into_iter().zip(registries.check_retag(&all)) {
        match (found, plan.releases.get_mut(place)) {
            (Ok(found), Some(release)) => release.images.push(Versioned {
                image: Image { name: found.name, repository: found.repository, digest: found.digest },
                tags: found.tags,
            }),
            (Ok(_), None) => {}
            (Err(error), _) if error.kind == Kind::Missing => {
                let nearby = release_context.neighbours(build, NEARBY_COMMITS);
                let error = registries.suggest_builds(error, rule, build, &nearby);
                faults.push(
                    error.hint(
                        "wait for the build; an image that is built from the tag has `when = \"after\"`",
                    ),
                );
            }
            (Err(error), _) => faults.push(error),
        }
    }
    Ok(faults)
}

/// Gives the images of a plan that was pushed their version.
pub(super) fn give(scene: &Scene<'_>, release_context: &ReleaseContext<'_>, plan: &Plan) -> Result<Given> {
    let releases = plan.releases.iter().map(|release| {
        let images = release.images.iter().map(|versioned| versioned.image.clone()).collect();
        Released { package: &release.package, version: &release.version, build: plan.build, images }
    });
    orders(scene, release_context, &releases.collect::<Vec<_>>()).and_then(|orders| carry_out(scene, orders))
}

/// Gives the images of releases that are out their version, as their tags record them: what a run that died behind its
/// push left to be done.
pub(super) fn finish(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    made: &[Made],
) -> Result<Given> {
    let releases = made.iter().map(|made| {
        let images = made.images.clone();
        Released { package: &made.package, version: &made.version, build: made.build, images }
    });
    orders(scene, release_context, &releases.collect::<Vec<_>>()).and_then(|orders| carry_out(scene, orders))
}

/// A release with the images that its tag records.
struct Released<'a> {
    package: &'a str,
    version: &'a Version,
    build: CommitId,
    images: Vec<Image>,
}

/// The images of a package that are built before its tag.
fn built<'s>(scene: &Scene<'s>, package: &str) -> Result<Vec<&'s ImageRule>> {
    Ok(scene.context.config()?.images_of(package).filter(|rule| !rule.built_after).collect())
}

/// The final versions of a package, this one among them.
fn finals(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    package: &str,
    version: &Version,
) -> Vec<Version> {
    let formats =
        scene.packages.iter().filter(|other| other.name == package).flat_map(|other| &other.formats);
    let formats: Vec<_> = formats.collect();
    let read = |name: &str| formats.iter().find_map(|format| format.read(name));
    let there = release_context.tags().iter().filter_map(|tag| read(tag.name.as_str()));
    there.chain([version.clone()]).filter(Version::is_final).collect()
}

/// What is recorded, in the words of release.toml: no repository is ever taken from a tag.
fn orders(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    releases: &[Released<'_>],
) -> Result<Vec<(String, RetagRequest)>> {
    let mut orders = Vec::new();
    for released in releases {
        let rules = built(scene, released.package)?;
        for image in &released.images {
            let rule =
                rules.iter().find(|rule| rule.name == image.name && rule.repository == image.repository);
            let Some(rule) = rule else {
                let what = format!(
                    "{} of {} {} is not in release.toml",
                    image.name, released.package, released.version
                );
                scene.context.ui().warning(format!("{what} any more: it gets no version tag"));
                continue;
            };
            let finals = finals(scene, release_context, released.package, released.version);
            let digest: Option<Digest> = Some(image.digest.clone());
            let order = RetagRequest::new(rule, released.version, released.build, digest, &finals);
            orders.push((released.package.to_owned(), order));
        }
    }
    Ok(orders)
}

fn carry_out(scene: &Scene<'_>, orders: Vec<(String, RetagRequest)>) -> Result<Given> {
    let mut given = Given::new();
    if orders.is_empty() {
        return Ok(given);
    }
    let registries = scene.registries()?;
    let (packages, orders): (Vec<String>, Vec<RetagRequest>) = orders.into_iter().unzip();
    let mut faults = Vec::new();
    for (package, result) in packages.into_iter().zip(registries.retag(&orders)) {
        match result {
            Ok(done) => {
                let line = Text::new().plain(format!("{} {} is ", done.name, done.digest.short()));
                scene.context.ui().status(line.with(Role::Name, done.tags.join(", ")));
                given.entry(package).or_default().push(done);
            }
            Err(error) => faults.push(error),
        }
    }
    match Error::all(faults) {
        None => Ok(given),
        Some(error) => Err(error.hint("the release is out; rel cut again gives its images what they lack")),
    }
}
