//! The release that a version, a tag or a commit names, with everything that is recorded of its build: in the tag's
//! trailers and in the ledger.

use super::repositories::locate_images;
use super::typed_release::{ReleaseName, TypedRelease, typed_release};
use super::version_tag::no_such_release;
use crate::config::ImageRule;
use crate::error::{Error, Result};
use crate::git::{RawTag, Refs, Target};
use crate::git_history::{self, HistoryOptions, Package, ReleaseContext};
use crate::ledger::{Ledger, project_remote};
use crate::model::{CommitId, EnvironmentState, Image, Pin, Release, TagName, Version};
use crate::version::VersionTag;
use std::slice;

/// A release that was named, and what is recorded of its build.
#[derive(Clone, Debug)]
pub struct NamedRelease {
    /// The package.
    pub package: String,
    /// The version; `None` for a bare commit.
    pub version: Option<Version>,
    /// Its tag.
    pub tag: Option<TagName>,
    /// The pin in the trailers that `rel` wrote into the tag.
    pub in_tag: Option<Pin>,
    /// The release of this name in the ledger.
    pub in_ledger: Option<Release>,
    /// The build commit that the tag or the commit leads to.
    pub commit: Option<CommitId>,
    /// The tag and the ledger name different builds.
    pub conflict: bool,
}

/// Finds the release that somebody typed for the named package, or for the only one. A tag names its package. A bare commit is
/// accepted only with `commits`.
///
/// # Errors
///
/// 7 if there is no such release; 5 if its tag's trailers are not what `rel` writes; those of [`typed_release`].
pub fn named_release(
    ledger: &Ledger<'_>,
    named: Option<&str>,
    typed: &str,
    commits: bool,
) -> Result<NamedRelease> {
    typed_release(ledger, named, typed, commits)?.read(ledger)
}

impl TypedRelease {
    /// Reads what the tag and the ledger record of the release.
    ///
    /// # Errors
    ///
    /// 7 if there is no such release; 5 if its tag's trailers are not what `rel` writes.
    pub fn read(&self, ledger: &Ledger<'_>) -> Result<NamedRelease> {
        match &self.name {
            ReleaseName::Version { version, tags } => of_version(ledger, &self.package, version, tags),
            ReleaseName::Commit(commit) => of_commit(ledger, &self.package, *commit),
        }
    }

    /// Returns a sentence where a tag that is here does not lead to the recorded build of a release of this name, or cannot
    /// be read. No remote is asked.
    pub fn tag_differs(&self, ledger: &Ledger<'_>, recorded: &Release) -> Option<String> {
        let tag = recorded.tag.as_ref()?;
        let here = || -> Result<Option<Pin>> {
            let Some(found) = local_tag(ledger, slice::from_ref(tag))? else { return Ok(None) };
            let version = recorded.version.clone().ok_or_else(|| Error::defect("a tag without a version"))?;
            let (in_tag, commit) = tag_contents(ledger, &self.package, &version, found, BuildCheck::No)?;
            Ok(in_tag.or_else(|| Some(Pin::new(commit?, Vec::new()))))
        };
        match here() {
            Ok(Some(in_tag)) if !agree(ledger, &in_tag, &recorded.pin) => {
                Some(format!("tag {tag} names another build by now; the recorded one is used"))
            }
            Ok(_) => None,
            Err(error) => Some(format!("{}; the recorded build is used", error.message)),
        }
    }
}

/// The error for an environment where a release is expected.
pub(super) fn environment_as_release(typed: &str) -> Error {
    Error::usage(format!("{typed} is an environment, not a release"))
        .hint(format!("rel status {typed}   # which release runs there"))
}

fn of_version(
    ledger: &Ledger<'_>,
    package: &Package,
    version: &Version,
    tags: &[TagName],
) -> Result<NamedRelease> {
    let is_version = |release: &Release| release.version.as_ref() == Some(version);
    let in_ledger = ledger.snapshot().find_release(&package.name, is_version)?;
    let found = find_tag(ledger, tags)?;
    let mut named = NamedRelease {
        package: package.name.clone(),
        version: Some(version.clone()),
        tag: found.as_ref().map(|tag| tag.name.clone()).or_else(|| in_ledger.as_ref()?.tag.clone()),
        in_tag: None,
        in_ledger,
        commit: None,
        conflict: false,
    };
    if found.is_none() && named.in_ledger.is_none() {
        let known = release_context(ledger)?.version_tags(package);
        let name = tags.first().map_or_else(String::new, ToString::to_string);
        return Err(no_such_release(&package.name, &version.to_string(), &known)
            .cause(format!("{name} is neither a tag here or on the remote, nor a version in the ledger")));
    }
    if let Some(found) = found {
        (named.in_tag, named.commit) = tag_contents(ledger, package, version, found, BuildCheck::Yes)?;
    }
    if let (Some(tag), Some(known)) = (named.pin_of_tag(), &named.in_ledger) {
        named.conflict = !agree(ledger, &tag, &known.pin);
    }
    Ok(named)
}

/// Whether the build commit in a tag is checked; a shallow clone may have to ask the remote for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BuildCheck {
    Yes,
    No,
}

/// Returns the pin in a tag's trailers, and the build commit that the tag leads to.
fn tag_contents(
    ledger: &Ledger<'_>,
    package: &Package,
    version: &Version,
    tag: RawTag,
    check: BuildCheck,
) -> Result<(Option<Pin>, Option<CommitId>)> {
    let RawTag { name, target: Target::Commit(commit) } = tag else { return Ok((None, None)) };
    let tag = VersionTag { name, version: version.clone(), commit, format: 0 };
    let context = release_context(ledger)?;
    let release = context.release(package, tag)?;
    if check == BuildCheck::Yes {
        context.check_build(&release)?;
    }
    Ok((pin_in_tag(ledger, package, &release)?, Some(release.build)))
}

fn of_commit(ledger: &Ledger<'_>, package: &Package, commit: CommitId) -> Result<NamedRelease> {
    let in_ledger = ledger.snapshot().find_release(&package.name, |release| release.pin.commit == commit)?;
    // A release that was typed as a commit stays a bare commit: it does not take over the version of a tag.
    let in_ledger = in_ledger.map(|release| Release::bare(release.pin));
    Ok(NamedRelease {
        package: package.name.clone(),
        version: None,
        tag: None,
        in_tag: None,
        in_ledger,
        commit: Some(commit),
        conflict: false,
    })
}

/// Returns the first of these tags that is here.
fn local_tag(ledger: &Ledger<'_>, names: &[TagName]) -> Result<Option<RawTag>> {
    let tags = ledger.context().repo()?.tags()?;
    Ok(names.iter().find_map(|name| tags.iter().find(|tag| tag.name == *name).cloned()))
}

/// Returns the first of these tags that is here, else the first that is on the remote, which it fetches.
fn find_tag(ledger: &Ledger<'_>, names: &[TagName]) -> Result<Option<RawTag>> {
    if let Some(tag) = local_tag(ledger, names)? {
        return Ok(Some(tag));
    }
    let repo = ledger.context().repo()?;
    let Some(remote) = project_remote(repo)? else { return Ok(None) };
    let reference = |name: &TagName| format!("refs/tags/{name}");
    let references: Vec<String> = names.iter().map(reference).collect();
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    // If the remote cannot be reached, only the tags that are here count.
    let Ok(found) = repo.ls_remote(&remote, Refs::Named(&references)) else { return Ok(None) };
    let there = |name: &&TagName| found.refs.contains_key(&reference(name));
    let Some(name) = names.iter().find(there) else { return Ok(None) };
    ledger.fetch_tag(&remote, name)?;
    local_tag(ledger, names)
}

/// Returns the pin in a tag's trailers; `None` if the tag has none.
fn pin_in_tag(
    ledger: &Ledger<'_>,
    package: &Package,
    release: &git_history::TaggedRelease,
) -> Result<Option<Pin>> {
    let Some(trailers) = &release.trailers else { return Ok(None) };
    let rules: Vec<&ImageRule> = ledger.config().images_of(&package.name).collect();
    let images = locate_images(&rules, release.tag.name.as_str(), &trailers.images)?;
    Ok(Some(Pin::new(trailers.build, images)))
}

/// The history as it is here: a remote that may be unreachable is not asked.
pub(super) fn release_context<'a>(ledger: &Ledger<'a>) -> Result<ReleaseContext<'a>> {
    ReleaseContext::new(
        ledger.context(),
        HistoryOptions { offline: true, initial: Some(None), ..HistoryOptions::default() },
    )
}

impl NamedRelease {
    /// Returns the release.
    ///
    /// # Errors
    ///
    /// 5, with both digests, if the tag and the ledger disagree.
    pub fn release(&self) -> Result<Release> {
        if let (true, Some(in_tag), Some(in_ledger)) = (self.conflict, self.pin_of_tag(), &self.in_ledger) {
            return Err(self.disagreement(&in_tag, &in_ledger.pin));
        }
        let pin = match (&self.in_tag, &self.in_ledger, self.commit) {
            // Images that were built from the tag are only in the ledger.
            (Some(in_tag), Some(known), _) if in_tag.images.len() < known.pin.images.len() => {
                known.pin.clone()
            }
            (Some(in_tag), ..) => in_tag.clone(),
            (None, Some(known), _) => known.pin.clone(),
            (None, None, Some(commit)) => Pin::new(commit, Vec::new()),
            (None, None, None) => return Err(Error::defect("a named release without a build commit")),
        };
        Ok(match (&self.version, &self.tag, &self.in_ledger) {
            (Some(version), Some(tag), _) => Release::new(version.clone(), tag.clone(), pin),
            (_, _, Some(known)) => Release { pin, ..known.clone() },
            _ => Release::bare(pin),
        })
    }

    /// The same release, as a certain environment records it.
    pub(super) fn recorded_as(mut self, ledger: &Ledger<'_>, recorded: &Release) -> NamedRelease {
        self.conflict = self.pin_of_tag().is_some_and(|tag| !agree(ledger, &tag, &recorded.pin));
        NamedRelease { in_ledger: Some(recorded.clone()), ..self }
    }

    /// Returns what the tag says was built: the pin in its trailers, else the commit alone.
    fn pin_of_tag(&self) -> Option<Pin> {
        self.in_tag.clone().or_else(|| Some(Pin::new(self.commit?, Vec::new())))
    }

    /// Gives a bare commit the version and tag that the ledger knows its build by, first in the environment of `state`.
    ///
    /// # Errors
    ///
    /// 5 if a file of the ledger cannot be read.
    pub fn with_recorded_version(
        self,
        ledger: &Ledger<'_>,
        state: Option<&EnvironmentState>,
    ) -> Result<NamedRelease> {
        let Some(commit) = self.commit.filter(|_| self.version.is_none()) else { return Ok(self) };
        let is_version = |release: &Release| release.pin.commit == commit && release.version.is_some();
        let healthy = state.into_iter().flat_map(|state| &state.healthy).map(|healthy| &healthy.release);
        let here = healthy.into_iter().find(|release| is_version(release)).cloned();
        let known = match here {
            Some(release) => Some(release),
            None => ledger.snapshot().find_release(&self.package, is_version)?,
        };
        Ok(match known {
            Some(release) => NamedRelease {
                version: release.version.clone(),
                tag: release.tag.clone(),
                in_ledger: Some(release),
                ..self
            },
            None => self,
        })
    }

    fn disagreement(&self, in_tag: &Pin, in_ledger: &Pin) -> Error {
        let name = self.tag.as_ref().map_or_else(String::new, ToString::to_string);
        let list = |pin: &Pin| {
            let images: String = pin.images.iter().map(|image| format!(", {image}")).collect();
            format!("build {}{images}", pin.commit.short())
        };
        Error::conflict(format!("tag {name} and the ledger name different builds"))
            .cause(format!("the tag: {}", list(in_tag)))
            .cause(format!("the ledger: {}", list(in_ledger)))
            .hint(format!("rel verify {name}   # one of the two was changed"))
    }
}

/// Whether two pins may be of one release: their build commits have the same tree, and images that are in both have the same
/// digests. Images that were built from the tag are only in the ledger.
fn agree(ledger: &Ledger<'_>, one: &Pin, other: &Pin) -> bool {
    let same_tree = ledger.context().repo().is_ok_and(|repo| repo.same_tree(one.commit, other.commit));
    let digest = |name: &str| other.images.iter().find(|image| image.name == name).map(|image| &image.digest);
    let same_digest = |image: &Image| digest(&image.name).is_none_or(|digest| *digest == image.digest);
    (one.commit == other.commit || same_tree) && one.images.iter().all(same_digest)
}
