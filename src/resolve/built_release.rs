//! A release with its build commit and the images of its package: what `rel retag` tags and `rel verify` checks.

use super::environment::is_environment;
use super::named_release::environment_as_release;
use super::repositories::locate_images;
use super::version_tag::{in_one_package, version_tag};
use crate::config::ImageRule;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::git::{LsRemote, RawTag, Refs, Target};
use crate::git_history::{HistoryOptions, Package, ReleaseContext, TaggedRelease, packages};
use crate::model::{CommitId, Digest, TagName, Version};
use crate::registry::RetagRequest;
use std::slice;

/// A release whose images were built.
pub struct BuiltRelease<'w> {
    /// The history in which it was found.
    pub release_context: ReleaseContext<'w>,
    /// The package.
    pub package: Package,
    /// The version.
    pub version: Version,
    /// The tag; `None` if only `--commit` names the build.
    pub release: Option<TaggedRelease>,
    /// The commit that the images were built from.
    pub build: CommitId,
    /// The images of the package.
    pub images: Vec<&'w ImageRule>,
}

impl<'w> BuiltRelease<'w> {
    /// Finds the release that a version or a tag names. `commit` names its build if there is no tag yet, and must be its
    /// build if there is one.
    ///
    /// # Errors
    ///
    /// 7 if there is no such release; 5 if `commit` is not its build; 2 if its package is not clear.
    pub fn find(
        context: &'w Context,
        typed: &str,
        package: Option<&str>,
        commit: Option<&str>,
    ) -> Result<BuiltRelease<'w>> {
        let candidates = packages(context, package)?;
        let options = HistoryOptions { initial: Some(None), ..HistoryOptions::default() };
        let mut release_context = ReleaseContext::new(context, options.clone())?;
        let commit = commit.map(|commit| context.repo()?.resolve(commit)).transpose()?;
        let find = |release_context: &ReleaseContext<'_>| {
            in_one_package(&candidates, typed, |package| version_tag(release_context, package, typed))
        };
        let mut found = find(&release_context);
        if found.as_ref().is_err_and(|error| error.kind == Kind::Missing)
            && let Some(advertised) = advertised(context)?
        {
            release_context =
                ReleaseContext::new(context, HistoryOptions { advertised: Some(advertised), ..options })?;
            found = find(&release_context);
        }
        let (package, version, release, build) = match (found, commit) {
            (Ok((package, tag)), commit) => {
                let version = tag.version.clone();
                let release = release_context.release(&package, tag)?;
                if let Some(commit) = commit.filter(|commit| *commit != release.build) {
                    return Err(other_build(&release, commit));
                }
                let build = release.build;
                (package, version, Some(release), build)
            }
            (Err(error), Some(build)) if error.kind == Kind::Missing => {
                let (package, version) = untagged(&candidates, typed)?;
                (package, version, None, build)
            }
            (Err(error), None) if error.kind == Kind::Missing => {
                return Err(match is_environment(context.config()?, typed) {
                    true => environment_as_release(typed),
                    false => error
                        .hint(format!("git fetch origin tag {typed}   # if the tag is only on the remote")),
                });
            }
            (Err(error), _) => return Err(error),
        };
        let trailers = release.as_ref().and_then(|release| release.trailers.as_ref());
        let has = |rule: &&ImageRule| {
            !rule.retired || trailers.is_some_and(|trailers| trailers.image(&rule.name).is_some())
        };
        let images = context.config()?.images_of(&package.name).filter(has).collect();
        Ok(BuiltRelease { release_context, package, version, release, build, images })
    }

    /// Returns the name of the tag; if there is none yet, the name that it would get.
    pub fn tag(&self) -> TagName {
        let format = self.package.formats.first();
        let printed = || format.map_or_else(|| TagName::new(""), |format| format.print(&self.version));
        self.release.as_ref().map_or_else(printed, |release| release.tag.name.clone())
    }

    /// Returns the digest that the tag records for an image; `None` if it records none.
    ///
    /// # Errors
    ///
    /// 5 if it was recorded in another repository than release.toml names.
    pub fn recorded(&self, rule: &ImageRule) -> Result<Option<Digest>> {
        let trailers = self.release.as_ref().and_then(|release| release.trailers.as_ref());
        let Some(image) = trailers.and_then(|trailers| trailers.image(&rule.name)) else { return Ok(None) };
        locate_images(&[rule], self.tag().as_str(), slice::from_ref(image))?;
        Ok(Some(image.digest.clone()))
    }

    /// Returns one retag request for each image. `finals` are the final versions of the package, which decide whether a moving tag
    /// moves.
    ///
    /// # Errors
    ///
    /// Those of [`BuiltRelease::recorded`], of all images at once.
    pub fn retag_requests(&self, finals: &[Version]) -> Result<Vec<RetagRequest>> {
        let (mut requests, mut errors) = (Vec::new(), Vec::new());
        for image in &self.images {
            match self.recorded(image) {
                Ok(digest) => {
                    requests.push(RetagRequest::new(image, &self.version, self.build, digest, finals))
                }
                Err(error) => errors.push(error),
            }
        }
        Error::combine("", errors).map_or(Ok(requests), Err)
    }

    /// Returns the final versions of the package among some tags.
    pub fn finals(&self, tags: &[RawTag]) -> Vec<Version> {
        let versions = tags.iter().filter_map(|tag| self.package.version_of(tag.name.as_str()));
        versions.filter(Version::is_final).collect()
    }
}

/// Returns what the remote has: the tag may not be here. `None` if there is no remote, or it does not answer.
fn advertised(context: &Context) -> Result<Option<LsRemote>> {
    let repo = context.repo()?;
    Ok(repo.remote()?.and_then(|remote| repo.ls_remote(&remote, Refs::HeadsAndTags).ok()))
}

fn other_build(release: &TaggedRelease, commit: CommitId) -> Error {
    Error::conflict(format!("{} was not built from that commit", release.tag.name))
        .cause(format!("it was built from {}", release.build))
        .cause(format!("--commit is {commit}"))
        .hint("leave out --commit to use the build of the tag")
}

/// Returns the package and the version of a release that has no tag yet.
fn untagged(packages: &[Package], typed: &str) -> Result<(Package, Version)> {
    let [package] = packages else {
        return Err(
            Error::usage(format!("{typed} does not say which package it belongs to")).hint("--package NAME")
        );
    };
    let version = package.version_of(typed).or_else(|| Version::parse(typed));
    let version = version.ok_or_else(|| {
        Error::usage(format!("{typed} is not a version")).hint("write a version such as 1.4.0 or 1.4.0-rc.1")
    })?;
    Ok((package.clone(), version))
}

/// Returns the tags that the remote has; `None` if there is no remote.
///
/// # Errors
///
/// 6 if the remote cannot be reached.
pub fn remote_tags(context: &Context) -> Result<Option<Vec<RawTag>>> {
    let repo = context.repo()?;
    let Some(remote) = repo.remote()? else { return Ok(None) };
    Ok(Some(repo.ls_remote(&remote, Refs::Tags)?.tags))
}

/// Returns the commit of a tag among some tags.
pub fn remote_tag_commit(tags: &[RawTag], name: &TagName) -> Option<CommitId> {
    tags.iter().filter(|tag| tag.name == *name).find_map(|tag| match tag.target {
        Target::Commit(commit) => Some(commit),
        Target::Other => None,
    })
}
