//! The release that a version, a tag or a commit names, with everything that is recorded of its build: in the tag's
//! trailers and in the ledger.

use super::environment::is_environment;
use super::package::{package, packages};
use super::repositories::locate_images;
use super::version_tag::no_such_release;
use crate::config::ImageRule;
use crate::error::{Error, Result};
use crate::git::{RawTag, Refs, Target};
use crate::git_history::{self, HistoryOptions, Package, ReleaseContext};
use crate::ledger::{Ledger, project_remote};
use crate::model::{CommitId, EnvironmentState, Pin, Release, TagName, Version};
use crate::version::VersionTag;

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
}

/// Finds the release that somebody typed for the named package, or for the only one. A tag names its package. A bare commit is
/// accepted only with `commits`.
///
/// # Errors
///
/// 7 if there is no such release; 5 if its tag's trailers are not what `rel` writes; 2 if the package is not clear, if the
/// tag is of another package than the named one, or if it is neither a version nor a tag.
pub fn named_release(
    ledger: &Ledger<'_>,
    named: Option<&str>,
    typed: &str,
    commits: bool,
) -> Result<NamedRelease> {
    if let Some(version) = Version::parse(typed) {
        return of_version(ledger, &package(ledger, named)?, &version, None);
    }
    let all = packages(ledger, None)?;
    let owners: Vec<&Package> = all.iter().filter(|package| package.version_of(typed).is_some()).collect();
    let owner = owners.iter().find(|owner| named.is_none_or(|named| owner.name == named));
    match (owner, owners.first()) {
        (Some(owner), _) => {
            let version = owner.version_of(typed).ok_or_else(|| Error::defect("a tag without a version"))?;
            of_version(ledger, owner, &version, Some(TagName::new(typed)))
        }
        // It must not be taken for a commit of the named package.
        (None, Some(other)) => {
            let (owner, named) = (&other.name, named.unwrap_or_default());
            Err(Error::usage(format!("{typed} is a tag of {owner}, not of {named}"))
                .hint(format!("use --package {owner}, or leave --package out: a tag names its package")))
        }
        (None, None) => {
            let found = if commits {
                of_commit(ledger, &package(ledger, named)?, typed)
            } else {
                Err(neither(&all, typed))
            };
            // A branch may have the name of an environment.
            found.map_err(|error| match is_environment(ledger.config(), typed) {
                true => environment_as_release(typed),
                false => error,
            })
        }
    }
}

/// The error for an environment where a release is expected.
pub(super) fn environment_as_release(typed: &str) -> Error {
    Error::usage(format!("{typed} is an environment, not a release"))
        .hint(format!("rel status {typed}   # which release runs there"))
}

/// The error for words that are neither a version nor a tag.
fn neither(packages: &[Package], typed: &str) -> Error {
    let error = Error::usage(format!("{typed} is neither a version nor a tag"));
    let version = typed.strip_prefix('v').and_then(Version::parse).filter(|_| packages.len() > 1);
    let tag = version.and_then(|version| Some(packages.first()?.formats.first()?.print(&version)));
    match tag {
        Some(tag) => error.hint(format!("write the tag, which names its package: {tag}")),
        None => error.hint("write a version such as 1.4.0 or 1.4.0-rc.1; `git tag --list` shows the tags"),
    }
}

fn of_version(
    ledger: &Ledger<'_>,
    package: &Package,
    version: &Version,
    tag: Option<TagName>,
) -> Result<NamedRelease> {
    let is_version = |release: &Release| release.version.as_ref() == Some(version);
    let in_ledger = ledger.snapshot().find_release(&package.name, is_version)?;
    let names = match tag {
        Some(tag) => vec![tag],
        None => package.formats.iter().map(|format| format.print(version)).collect(),
    };
    let found = find_tag(ledger, &names)?;
    let mut named = NamedRelease {
        package: package.name.clone(),
        version: Some(version.clone()),
        tag: found.as_ref().map(|tag| tag.name.clone()).or_else(|| in_ledger.as_ref()?.tag.clone()),
        in_tag: None,
        in_ledger,
        commit: None,
    };
    if found.is_none() && named.in_ledger.is_none() {
        let tags = release_context(ledger)?.version_tags(package);
        let name = names.first().map_or_else(String::new, ToString::to_string);
        return Err(no_such_release(&package.name, &version.to_string(), &tags)
            .cause(format!("{name} is neither a tag here or on the remote, nor a version in the ledger")));
    }
    if let Some(RawTag { name, target: Target::Commit(commit) }) = found {
        let tag = VersionTag { name, version: version.clone(), commit, format: 0 };
        let release = release_context(ledger)?.release(package, tag)?;
        named.in_tag = pin_in_tag(ledger, package, &release)?;
        named.commit = Some(release.build);
    }
    Ok(named)
}

fn of_commit(ledger: &Ledger<'_>, package: &Package, typed: &str) -> Result<NamedRelease> {
    let commit = release_context(ledger)?.built(ledger.context().repo()?.resolve(typed)?)?;
    let in_ledger = ledger.snapshot().find_release(&package.name, |release| release.pin.commit == commit)?;
    // A release that was typed as a commit stays a bare commit: it does not take over the version of a tag.
    let in_ledger = in_ledger.map(|release| Release::bare(release.pin));
    let package = package.name.clone();
    Ok(NamedRelease { package, version: None, tag: None, in_tag: None, in_ledger, commit: Some(commit) })
}

/// Returns the first of these tags that is here, else the first that is on the remote, which it fetches.
fn find_tag(ledger: &Ledger<'_>, names: &[TagName]) -> Result<Option<RawTag>> {
    let repo = ledger.context().repo()?;
    let here = || -> Result<Option<RawTag>> {
        let tags = repo.tags()?;
        Ok(names.iter().find_map(|name| tags.iter().find(|tag| tag.name == *name).cloned()))
    };
    if let Some(tag) = here()? {
        return Ok(Some(tag));
    }
    let Some(remote) = project_remote(repo)? else { return Ok(None) };
    let reference = |name: &TagName| format!("refs/tags/{name}");
    let references: Vec<String> = names.iter().map(reference).collect();
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    // If the remote cannot be reached, only the tags that are here count.
    let Ok(found) = repo.ls_remote(&remote, Refs::Named(&references)) else { return Ok(None) };
    let there = |name: &&TagName| found.refs.contains_key(&reference(name));
    let Some(name) = names.iter().find(there) else { return Ok(None) };
    ledger.fetch_tag(&remote, name)?;
    here()
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
fn release_context<'a>(ledger: &Ledger<'a>) -> Result<ReleaseContext<'a>> {
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
        if let (Some(in_tag), Some(in_ledger)) = (&self.in_tag, &self.in_ledger)
            && !agree(in_tag, &in_ledger.pin)
        {
            return Err(self.disagreement(in_tag, &in_ledger.pin));
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
            let images: Vec<String> = pin.images.iter().map(ToString::to_string).collect();
            if images.is_empty() { format!("build {}", pin.commit.short()) } else { images.join(", ") }
        };
        Error::conflict(format!("tag {name} and the ledger name different builds"))
            .cause(format!("the tag: {}", list(in_tag)))
            .cause(format!("the ledger: {}", list(in_ledger)))
            .hint(format!("rel verify {name}   # one of the two was changed"))
    }
}

/// Whether two pins may be of one release: the images that are in both have the same digests; if no image is in both, the
/// build commits are the same.
fn agree(one: &Pin, other: &Pin) -> bool {
    let digest = |name: &str| other.images.iter().find(|image| image.name == name).map(|image| &image.digest);
    let shared: Vec<bool> =
        one.images.iter().filter_map(|image| Some(*digest(&image.name)? == image.digest)).collect();
    if shared.is_empty() { one.commit == other.commit } else { shared.into_iter().all(|same| same) }
}
