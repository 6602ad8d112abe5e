//! Whether the tag of a release is the one that everybody else sees.

use super::named_release::NamedRelease;
use super::pin::{PinnedRelease, Trust, pin};
use super::typed_release::{ReleaseName, TypedRelease};
use crate::config::ImageRule;
use crate::error::{Error, Result};
use crate::git::Refs;
use crate::ledger::{Ledger, project_remote};
use crate::model::Release;
use crate::registry::DEFAULT_DEADLINE;
use std::slice;

/// What the remote says about the tag of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteTag {
    /// It has the same tag; or there is nothing to compare: a bare commit, or a repository without a remote.
    Same,
    /// It cannot be asked.
    Unknown,
}

/// Compares the tag of a release with that of the remote: a tag that was moved or made only here is not that release.
///
/// # Errors
///
/// 5 if the remote has another tag of that name; 7 if it has none.
pub fn remote_tag(ledger: &Ledger<'_>, named: &NamedRelease) -> Result<RemoteTag> {
    let repo = ledger.context().repo()?;
    let (Some(tag), Some(remote)) = (&named.tag, project_remote(repo)?) else { return Ok(RemoteTag::Same) };
    let reference = format!("refs/tags/{tag}");
    let Ok(told) = repo.ls_remote(&remote, Refs::Named(&[&reference])) else { return Ok(RemoteTag::Unknown) };
    let remote = &remote.name;
    match (told.refs.get(&reference), repo.reference(&reference)) {
        (Some(there), Some(here)) if *there == here => Ok(RemoteTag::Same),
        (Some(there), here) => {
            let here = here.map_or_else(|| "not here".to_owned(), |here| here.to_string());
            Err(Error::conflict(format!("tag {tag} is not the one on {remote}"))
                .cause(format!("here it is {here}"))
                .cause(format!("on {remote} it is {there}"))
                .hint(format!(
                    "git fetch --force {remote} {reference}:{reference}   # takes the one of {remote}"
                )))
        }
        (None, _) => Err(Error::missing(format!("tag {tag} is not on {remote}"))
            .hint(format!("git push {remote} {reference}   # if that is the release"))),
    }
}

impl TypedRelease {
    /// Returns the release with its digests, to deploy it: its tag must be the remote's. The registries have
    /// [`DEFAULT_DEADLINE`] to answer.
    ///
    /// # Errors
    ///
    /// Those of [`TypedRelease::read`], of [`remote_tag`] and of [`pin`].
    pub fn to_deploy(&self, ledger: &Ledger<'_>, trust: Option<Trust>) -> Result<PinnedRelease> {
        let named = self.read(ledger)?;
        let remote_tag = remote_tag(ledger, &named)?;
        pin(ledger.context(), &image_rules(ledger, &named), &named, trust, remote_tag, DEFAULT_DEADLINE)
    }

    /// Returns the release with its digests, to say something about it. The registries have [`DEFAULT_DEADLINE`] to answer.
    ///
    /// # Errors
    ///
    /// Those of [`TypedRelease::read`] and of [`pin`].
    pub(super) fn pinned(&self, ledger: &Ledger<'_>) -> Result<PinnedRelease> {
        let named = self.read(ledger)?;
        pin(ledger.context(), &image_rules(ledger, &named), &named, None, RemoteTag::Same, DEFAULT_DEADLINE)
    }
}

fn image_rules<'l>(ledger: &'l Ledger<'_>, named: &NamedRelease) -> Vec<&'l ImageRule> {
    ledger.config().images_of(&named.package).collect()
}

/// Checks the tag of a recorded release: it is the remote's, and leads to the recorded build. A bare commit has none.
///
/// # Errors
///
/// 5 if the remote has another tag, or if the tag leads to another build; 7 if the remote has none.
pub fn check_tag_of(ledger: &Ledger<'_>, package: &str, recorded: &Release) -> Result<RemoteTag> {
    let (Some(version), Some(tag)) = (&recorded.version, &recorded.tag) else { return Ok(RemoteTag::Same) };
    let name = ReleaseName::Version { version: version.clone(), tags: slice::from_ref(tag).to_vec() };
    let typed = TypedRelease { package: super::package::package(ledger, Some(package))?, name };
    let named = typed.read(ledger)?.recorded_as(ledger, recorded);
    let remote_tag = remote_tag(ledger, &named)?;
    named.release().map(|_| remote_tag)
}
