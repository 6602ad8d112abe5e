//! What was typed for a release, before any tag is read: a name, which the ledger may know whatever a tag says now.

use super::environment::is_environment;
use super::named_release::{environment_as_release, release_context};
use super::package::{package, packages};
use crate::error::{Error, Result};
use crate::git_history::Package;
use crate::ledger::Ledger;
use crate::model::{CommitId, Release, TagName, Version};

/// A release as it was typed.
#[derive(Clone, Debug)]
pub struct TypedRelease {
    /// The package.
    pub package: Package,
    /// The name.
    pub name: ReleaseName,
}

/// How a release was named.
#[derive(Clone, Debug)]
pub enum ReleaseName {
    /// By its version, or by its tag.
    Version {
        /// The version.
        version: Version,
        /// The tags that it may have, the preferred one first.
        tags: Vec<TagName>,
    },
    /// By the commit that was built.
    Commit(CommitId),
}

impl TypedRelease {
    /// Returns whether a recorded release has this name: the same version and tag, or the same build commit.
    pub fn names(&self, release: &Release) -> bool {
        match &self.name {
            ReleaseName::Version { version, tags } => {
                release.version.as_ref() == Some(version)
                    && release.tag.as_ref().is_none_or(|tag| tags.contains(tag))
            }
            ReleaseName::Commit(commit) => release.pin.commit == *commit,
        }
    }
}

/// Reads what somebody typed for the named package, or for the only one. A tag names its package. A bare commit is accepted
/// only with `commits`.
///
/// # Errors
///
/// 2 if the package is not clear, if the tag is of another package than the named one, or if it is neither a version nor a
/// tag, nor a commit where one is accepted.
pub fn typed_release(
    ledger: &Ledger<'_>,
    named: Option<&str>,
    typed: &str,
    commits: bool,
) -> Result<TypedRelease> {
    if let Some(version) = Version::parse(typed) {
        let package = package(ledger, named)?;
        let tags = package.formats.iter().map(|format| format.print(&version)).collect();
        return Ok(TypedRelease { package, name: ReleaseName::Version { version, tags } });
    }
    let all = packages(ledger, None)?;
    let owners: Vec<&Package> = all.iter().filter(|package| package.version_of(typed).is_some()).collect();
    let owner = owners.iter().find(|owner| named.is_none_or(|named| owner.name == named));
    match (owner, owners.first()) {
        (Some(owner), _) => {
            let version = owner.version_of(typed).ok_or_else(|| Error::defect("a tag without a version"))?;
            let name = ReleaseName::Version { version, tags: vec![TagName::new(typed)] };
            Ok(TypedRelease { package: (*owner).clone(), name })
        }
        // It must not be taken for a commit of the named package.
        (None, Some(other)) => {
            let (owner, named) = (&other.name, named.unwrap_or_default());
            Err(Error::usage(format!("{typed} is a tag of {owner}, not of {named}"))
                .hint(format!("use --package {owner}, or leave --package out: a tag names its package")))
        }
        (None, None) => {
            let found = if commits {
                package(ledger, named).and_then(|package| {
                    let name = ReleaseName::Commit(build_commit(ledger, typed)?);
                    Ok(TypedRelease { package, name })
                })
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

/// Returns the commit that was built, for a commit that was typed.
fn build_commit(ledger: &Ledger<'_>, typed: &str) -> Result<CommitId> {
    let repo = ledger.context().repo()?;
    match CommitId::parse(typed).filter(|commit| !repo.has(*commit)) {
        // It may be recorded, even if this clone lacks it.
        Some(commit) if is_recorded(ledger, commit)? => Ok(commit),
        _ => release_context(ledger)?.built(repo.resolve(typed)?),
    }
}

/// Returns whether the ledger knows a build commit, for some package.
fn is_recorded(ledger: &Ledger<'_>, commit: CommitId) -> Result<bool> {
    for package in packages(ledger, None)? {
        let snapshot = ledger.snapshot();
        if snapshot.find_release(&package.name, |release| release.pin.commit == commit)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
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
