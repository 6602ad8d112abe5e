//! From a named release to the digests that are deployed, and where these were found.

use super::named_release::NamedRelease;
use super::remote_tag::RemoteTag;
use super::repositories::locate_images;
use crate::config::ImageRule;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Image, Pin, Reference, Release, TagName, image};
use crate::registry::{Detail, ImageReference, Registries, Resolution};
use std::fmt;
use std::time::Duration;

/// Which digests to use if the ledger and the tag disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those in the ledger.
    Ledger,
    /// Those in the tag's trailers.
    Tag,
}

/// A release with its digests.
#[derive(Clone, Debug)]
pub struct PinnedRelease {
    /// The package.
    pub package: String,
    /// The release.
    pub release: Release,
    /// Where its pin was found.
    pub source: PinSource,
    /// Whether its tag is the remote's.
    pub remote_tag: RemoteTag,
}

/// Where a pin was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinSource {
    /// In the ledger.
    Ledger,
    /// In the ledger, as the release that runs in this environment.
    Environment(String),
    /// In the trailers of this tag.
    Trailers(TagName),
    /// The commit of this tag, which has no trailers.
    Tag(TagName),
    /// The commit itself.
    Commit,
    /// The digests were read from image tags of a registry; the build commit came from another source.
    Registry {
        /// Where the build commit was found.
        build: Box<PinSource>,
        /// The image tags that were read.
        tags: Vec<String>,
    },
}

impl fmt::Display for PinSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PinSource::Ledger => f.write_str("the ledger"),
            PinSource::Environment(name) => write!(f, "what runs in {name}"),
            PinSource::Trailers(tag) => write!(f, "the trailers of tag {tag}"),
            PinSource::Tag(tag) => write!(f, "tag {tag}"),
            PinSource::Commit => f.write_str("the commit"),
            PinSource::Registry { build, tags } => {
                write!(f, "{build}, with the digests of {} in the registry", tags.join(", "))
            }
        }
    }
}

/// Finds the digests of a named release: in the ledger or the tag, else in the registries, which have `deadline` to
/// answer. `rules` are the images of its package.
///
/// # Errors
///
/// 5 if the tag and the ledger disagree and `trust` does not say which to use; those of [`complete_pin`].
pub fn pin(
    context: &Context,
    rules: &[&ImageRule],
    named: &NamedRelease,
    trust: Option<Trust>,
    remote_tag: RemoteTag,
    deadline: Duration,
) -> Result<PinnedRelease> {
    complete_pin(context, rules, recorded(named, trust, remote_tag)?, deadline)
}

/// Adds the digests that are recorded nowhere: those of the version tag, or of the source tag for a bare commit.
///
/// # Errors
///
/// 7 if an image has no such tag; 6 if a registry cannot be reached; 5 if release.toml does not name the repository of a
/// recorded image.
fn complete_pin(
    context: &Context,
    rules: &[&ImageRule],
    pinned: PinnedRelease,
    deadline: Duration,
) -> Result<PinnedRelease> {
    let PinnedRelease { package, mut release, source, remote_tag } = pinned;
    let located = locate_images(rules, &release.label(), &release.pin.images)?;
    release.pin = Pin::new(release.pin.commit, located);
    // A release that was recorded with images has those, even if release.toml names more by now.
    let rules: Vec<&ImageRule> = rules.iter().copied().filter(|rule| !rule.retired).collect();
    if rules.is_empty() || !release.pin.images.is_empty() {
        return Ok(PinnedRelease { package, release, source, remote_tag });
    }
    let tag = |rule: &ImageRule| match &release.version {
        Some(version) => image::version_tag(&rule.tag, version),
        None => image::source_tag(&rule.source, release.pin.commit),
    };
    let wanted: Vec<ImageReference> = rules
        .iter()
        .map(|rule| ImageReference {
            repository: rule.repository.clone(),
            reference: Reference::tag(tag(rule)),
        })
        .collect();
    let registries = Registries::open(context, deadline, None)?;
    let (mut images, mut errors) = (Vec::new(), Vec::new());
    for (rule, finding) in rules.iter().zip(registries.resolve(&wanted, Detail::Digest)) {
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
                    None => format!("wait until {} is built", release.pin.commit.short()),
                }));
            }
            Resolution::Unknown(error) => errors.push(error),
        }
    }
    if let Some(error) = Error::combine(&format!("{} has no digests", release.label()), errors) {
        return Err(error);
    }
    let tags = wanted.iter().map(|wanted| wanted.reference.to_string()).collect();
    release.pin = Pin::new(release.pin.commit, images);
    let source = PinSource::Registry { build: Box::new(source), tags };
    Ok(PinnedRelease { package, release, source, remote_tag })
}

/// What the tag and the ledger record.
fn recorded(named: &NamedRelease, trust: Option<Trust>, remote_tag: RemoteTag) -> Result<PinnedRelease> {
    let named = match (named.conflict, trust) {
        (true, Some(Trust::Ledger)) => {
            NamedRelease { in_tag: None, commit: None, conflict: false, ..named.clone() }
        }
        (true, Some(Trust::Tag)) => NamedRelease { in_ledger: None, conflict: false, ..named.clone() },
        (true, None) => {
            let error = named.release().err();
            let error = error.unwrap_or_else(|| Error::conflict("the tag and the ledger disagree"));
            return Err(error
                .hint("--trust ledger uses the digests in the ledger, --trust tag uses those in the tag"));
        }
        (false, _) => named.clone(),
    };
    let source = match (&named.in_ledger, &named.in_tag, named.tag.clone()) {
        (Some(_), ..) => PinSource::Ledger,
        (None, Some(_), Some(tag)) => PinSource::Trailers(tag),
        (None, _, Some(tag)) => PinSource::Tag(tag),
        (None, _, None) => PinSource::Commit,
    };
    // Trailers without images only name the build; the digests are in the ledger.
    let no_images = named.in_tag.as_ref().is_some_and(|in_tag| in_tag.images.is_empty());
    let release = if no_images && named.in_ledger.is_some() {
        NamedRelease { in_tag: None, ..named.clone() }.release()?
    } else {
        named.release()?
    };
    Ok(PinnedRelease { package: named.package, release, source, remote_tag })
}
