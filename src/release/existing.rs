//! Releases that an earlier run made: on HEAD or, where an old job is run again and checks out the commit that it began
//! with, on the commit right after HEAD. Reads only.

use super::leftovers::LocalTag;
use super::session::Session;
use super::{image_tags, preflight};
use crate::error::{Error, Result};
use crate::git::Target;
use crate::git_history::Package;
use crate::model::{Bump, CommitId, Image, TagName, Trailers, Version};

/// A release that an earlier run made.
#[derive(Clone, Debug)]
pub struct ExistingRelease {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// The tagged commit.
    pub commit: CommitId,
    /// The version before it, as recorded in the tag.
    pub previous: Option<Version>,
    /// The commit that its images were built from, as recorded in the tag.
    pub build: CommitId,
    /// Its images, as recorded in the tag.
    pub images: Vec<Image>,
}

/// Returns the releases of the chosen packages on the commit right after HEAD, on the remote's branch.
pub(super) fn after_head(session: &Session<'_>) -> Result<Vec<ExistingRelease>> {
    let release_context = session.release_context()?;
    let (line, _) = release_context.release_line()?;
    let Some(branch) = &line.branch else { return Ok(Vec::new()) };
    let Some(tip) = release_context.tip(branch)?.filter(|tip| *tip != release_context.head()) else {
        return Ok(Vec::new());
    };
    match release_context.own_child(tip)? {
        Some(commit) => on_commit(session, commit),
        None => Ok(Vec::new()),
    }
}

/// Returns the releases of the chosen packages on HEAD.
pub(super) fn on_head(session: &Session<'_>) -> Result<Vec<ExistingRelease>> {
    on_commit(session, session.release_context()?.head())
}

/// Returns, for each chosen package, the highest release on a commit that is what the command line asks for.
fn on_commit(session: &Session<'_>, commit: CommitId) -> Result<Vec<ExistingRelease>> {
    let release_context = session.release_context()?;
    let (line, _) = release_context.release_line()?;
    let requested = |release: &ExistingRelease| match (&session.options.version, &line.channel) {
        (Some(version), _) => release.version == *version,
        (None, Some(channel)) => release.version.channel().is_some_and(|(name, _)| name == *channel),
        (None, None) => release.version.is_final() && has_bump(release, session.options.bump),
    };
    let mut found = Vec::new();
    for package in &session.packages {
        let tags = release_context.tags().iter().filter(|tag| tag.target == Target::Commit(commit));
        let releases =
            tags.map(|tag| read_release(session, package, &tag.name, commit)).collect::<Result<Vec<_>>>()?;
        let highest =
            releases.into_iter().flatten().filter(requested).max_by(|a, b| a.version.cmp(&b.version));
        found.extend(highest);
    }
    Ok(found)
}

/// Returns whether a release has the requested bump, as far as its tag tells.
fn has_bump(release: &ExistingRelease, requested: Option<Bump>) -> bool {
    let previous = release.previous.as_ref();
    let bump = previous.and_then(|previous| Bump::between(previous, &release.version));
    requested.is_none() || bump.is_none() || bump == requested
}

fn read_release(
    session: &Session<'_>,
    package: &Package,
    name: &TagName,
    commit: CommitId,
) -> Result<Option<ExistingRelease>> {
    let read = |name: &str| package.formats.iter().find_map(|format| format.read(name));
    let Some(version) = read(name.as_str()) else { return Ok(None) };
    let trailers = session
        .repo
        .annotated(name)?
        .and_then(|tag| Trailers::parse(&tag.message).ok().flatten())
        .filter(|found| found.package == package.name);
    let previous = trailers.as_ref().and_then(|found| found.previous.as_deref()).and_then(read);
    let build = trailers.as_ref().map_or(commit, |found| found.build);
    let images = trailers.map(|found| found.images).unwrap_or_default();
    let (package, tag) = (package.name.clone(), name.clone());
    Ok(Some(ExistingRelease { package, version, tag, commit, previous, build, images }))
}

/// Returns the tags of releases on HEAD that `rel` created here and that still have to be pushed.
///
/// # Errors
///
/// Somebody else created one of the tags here, and it is theirs to push (4). What else prevents a release of its own in its
/// place is said at once, as before any release.
pub(super) fn unpushed_tags(session: &Session<'_>, releases: &[ExistingRelease]) -> Result<Vec<LocalTag>> {
    let (mut unpushed, mut foreign) = (Vec::new(), Vec::new());
    for release in releases.iter().filter(|release| !session.remote_has_tag(&release.tag)) {
        match session.leftovers.on_head.iter().find(|tag| tag.name == release.tag) {
            Some(tag) => unpushed.push(tag.clone()),
            // Without a remote it is unknown what was pushed, so nothing is.
            None if session.remote.is_none() => {}
            None => foreign.push(release),
        }
    }
    if foreign.is_empty() {
        return Ok(unpushed);
    }
    let mut errors: Vec<Error> = foreign.iter().map(|release| foreign_tag(session, &release.tag)).collect();
    errors.extend(preflight::check_repository(session)?);
    errors.extend(image_tags::check_existing(session, &foreign)?);
    Error::combine("", errors).map_or(Ok(unpushed), Err)
}

fn foreign_tag(session: &Session<'_>, tag: &TagName) -> Error {
    let remote = session.remote_name();
    Error::refused(format!("local tag {tag} on HEAD was not created by rel and is not on {remote}"))
        .hint(format!("git push {remote} refs/tags/{tag}"))
        .hint(format!("git tag -d {tag}   # rel cut then creates its own"))
}
