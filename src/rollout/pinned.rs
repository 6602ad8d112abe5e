//! From what words name to the digests that are deployed, and where these were found. Leans on `ledger` and `registry`.

use super::place::{self, DeploymentContext};
use crate::config::{Accept, EnvironmentRules, ImageRule};
use crate::context::Context;
use crate::error::{Error, Result, combine_errors};
use crate::ledger::{Found, Ledger};
use crate::model::{Image, Pin, Reference, Release, Version, image};
use crate::registry::{DEFAULT_DEADLINE, Detail, ImageReference, Registries, Resolution};
use std::time::Duration;

/// Whom to believe where the tag and the ledger disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// What is recorded.
    Ledger,
    /// What the trailers of the tag say.
    Tag,
}

/// A release with its digests.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// The release.
    pub release: Release,
    /// Where its digests come from: `the ledger`, `the trailers of v1.4.0`, `the tag v1.4.0 of the registry`.
    pub source: String,
}

/// The release that words name, with its digests, and the place that it would go to. A tag names its package; of several
/// packages a bare version asks at a terminal whose it is.
///
/// # Errors
///
/// Those of [`pinned`]; 2 where there is no such environment, or nobody says which package is meant.
pub fn named<'w>(
    context: &'w Context,
    ledger: &Ledger<'w>,
    environment: &str,
    words: &str,
    package: Option<&str>,
    trust: Option<Trust>,
) -> Result<(DeploymentContext<'w>, Pinned)> {
    let found = found(context, ledger, environment, words, package)?;
    let place = DeploymentContext::new(context, ledger, environment, &found.package)?;
    let pinned = pinned(&place, &found, trust, DEFAULT_DEADLINE)?;
    Ok((place, pinned))
}

/// What words name, for an environment: a version, a tag, and a commit where it takes any. A tag names its package; of
/// several packages a bare version asks at a terminal whose it is.
///
/// # Errors
///
/// 7 where nothing bears that name; 2 where there is no such environment, where it takes no commits, where a tag is of
/// another package than the named one, or where nobody says which is meant.
pub fn found(
    context: &Context,
    ledger: &Ledger<'_>,
    environment: &str,
    words: &str,
    package: Option<&str>,
) -> Result<Found> {
    let rules = place::rules(ledger, environment, package.unwrap_or_default())?;
    let takes_any = |rules: &EnvironmentRules| rules.accept == Accept::Any;
    let config = ledger.config();
    let own = package.is_none()
        && config
            .packages
            .iter()
            .any(|package| config.environments.get(environment, &package.name).is_some_and(takes_any));
    let asked = match package {
        None if Version::parse(words).is_some() => Some(place::package(context, ledger, None, environment)?),
        package => package.map(str::to_owned),
    };
    if let Some(named) = package {
        of_this_package(ledger, named, words)?;
    }
    ledger.find(asked.as_deref(), words, own || takes_any(&rules))
}

/// A tag of another package is not taken for a commit of this one.
fn of_this_package(ledger: &Ledger<'_>, named: &str, words: &str) -> Result<()> {
    let packages = ledger.packages(None)?;
    let mut owners = packages
        .iter()
        .filter(|package| package.formats.iter().any(|format| format.read(words).is_some()))
        .map(|package| package.name.as_str())
        .peekable();
    let Some(owner) = owners.peek().copied().filter(|_| Version::parse(words).is_none()) else {
        return Ok(());
    };
    if owners.any(|owner| owner == named) {
        return Ok(());
    }
    Err(Error::usage(format!("{words} is a tag of {owner}, not of {named}"))
        .hint(format!("--package {owner}, or none: a tag names its package")))
}

/// Finds the digests of a release; registries have `wait` to answer.
///
/// # Errors
///
/// 5 where tag and ledger disagree and nobody says whom to trust; 7 where an image has no such tag; 6 where a registry
/// cannot be asked.
pub(super) fn pinned(
    place: &DeploymentContext<'_>,
    found: &Found,
    trust: Option<Trust>,
    wait: Duration,
) -> Result<Pinned> {
    let (release, source) = recorded(found, trust)?;
    completed(place, release, source, wait)
}

/// A release with the digests that nobody recorded: those of its version tag, of a bare commit those of its source tag.
///
/// # Errors
///
/// 7 where an image has no such tag; 6 where a registry cannot be asked.
pub(super) fn completed(
    place: &DeploymentContext<'_>,
    mut release: Release,
    mut source: String,
    wait: Duration,
) -> Result<Pinned> {
    super::images::configured(&place.images, &release)?;
    let missing: Vec<&ImageRule> = place
        .images
        .iter()
        .filter(|rule| release.pin.images.iter().all(|image| image.name != rule.name))
        .collect();
    // What was recorded with images is that, also where release.toml names more by now.
    if missing.is_empty() || !release.pin.images.is_empty() {
        return Ok(Pinned { release, source });
    }
    let tag = |rule: &ImageRule| match &release.version {
        Some(version) => image::version_tag(&rule.tag, version),
        None => image::source_tag(&rule.source, release.pin.commit),
    };
    let wanted: Vec<ImageReference> = missing
        .iter()
        .map(|rule| ImageReference {
            repository: rule.repository.clone(),
            reference: Reference::tag(tag(rule)),
        })
        .collect();
    let registries = Registries::open(place.context, wait, None)?;
    let (mut images, mut errors) = (Vec::new(), Vec::new());
    for (rule, finding) in missing.iter().zip(registries.resolve(&wanted, Detail::Digest)) {
        match finding {
            Resolution::Found(found) => images.push(Image {
                name: rule.name.clone(),
                repository: rule.repository.clone(),
                digest: found.digest,
            }),
            Resolution::Missing(what) => {
                let error = Error::missing(format!("{}: {what}", rule.name));
                errors.push(error.hint(match &release.version {
                    Some(version) => format!("rel retag {version}   # gives the build its version tag"),
                    None => format!("the build of {} must have ended first", release.pin.commit.short()),
                }));
            }
            Resolution::Unknown(error) => errors.push(error),
        }
    }
    if let Some(error) = combine_errors(&format!("{} has no digests", release.label()), errors) {
        return Err(error);
    }
    let tags: Vec<String> = wanted.iter().map(|wanted| wanted.reference.to_string()).collect();
    source = format!("{source}, its digests from {} of the registry", tags.join(", "));
    release.pin = Pin::new(release.pin.commit, images);
    Ok(Pinned { release, source })
}

/// What tag and ledger say.
fn recorded(found: &Found, trust: Option<Trust>) -> Result<(Release, String)> {
    let tag = found.tag.as_ref().map_or_else(|| "the commit".to_owned(), |tag| format!("tag {tag}"));
    let disagree = match (&found.tagged, &found.known) {
        (Some(tagged), Some(known)) => !tagged.images.is_empty() && !tagged.same_artifacts(&known.pin),
        _ => false,
    };
    let found = match (disagree, trust) {
        (true, Some(Trust::Ledger)) => &Found { tagged: None, ..found.clone() },
        (true, Some(Trust::Tag)) => &Found { known: None, ..found.clone() },
        (true, None) => {
            let error = found.release().err().unwrap_or_else(|| Error::conflict("tag and ledger disagree"));
            return Err(error.hint("--trust ledger deploys what was recorded, --trust tag what the tag says"));
        }
        (false, _) => found,
    };
    let source = match (&found.known, &found.tagged) {
        (Some(_), _) => "the ledger".to_owned(),
        (None, Some(_)) => format!("the trailers of {tag}"),
        (None, None) => tag,
    };
    // Trailers without images say the build; what was recorded says its digests.
    let release = match (&found.tagged, &found.known) {
        (Some(tagged), Some(known)) if tagged.images.is_empty() => {
            Found { tagged: None, known: Some(known.clone()), ..found.clone() }.release()?
        }
        _ => found.release()?,
    };
    Ok((release, source))
}
