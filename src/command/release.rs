//! The release that a command line names, with its images: what `rel retag` and `rel verify` begin with. Leans on
//! `history` and `registry`.

use crate::config::ImageRule;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{RawTag, Target};
use crate::git_history::{HistoryOptions, Package, ReleaseContext, TaggedRelease, packages};
use crate::model::{CommitId, Digest, TagName, Version};
use crate::registry::{Login, RetagRequest, Secret};
use clap::Args;
use std::io::Read;
use std::time::Duration;

/// How registries are reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registries")]
pub(super) struct Access {
    /// The most time that registries may take: 120s, 5m.
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = span)]
    pub deadline: Duration,
    /// The user of the registry; its password comes with --password-stdin.
    #[arg(long, value_name = "USER", requires = "password_stdin")]
    registry_user: Option<String>,
    /// Reads the password of --registry-user from stdin.
    #[arg(long, requires = "registry_user")]
    password_stdin: bool,
}

/// Reads `--deadline`.
fn span(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let time = seconds.or_else(|| crate::config::read_span(text)).filter(|time| !time.is_zero());
    time.ok_or_else(|| "a time is 120s, 5m or 1h30m".to_owned())
}

impl Access {
    /// User and password, where they are given on the command line.
    pub(super) fn login(&self) -> Result<Option<Login>> {
        let Some(user) = &self.registry_user else { return Ok(None) };
        let mut text = String::new();
        let read = std::io::stdin().lock().take(1 << 16).read_to_string(&mut text);
        read.map_err(|error| Error::usage("the password cannot be read from stdin").cause(error))?;
        let password = text.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            return Err(Error::usage("--password-stdin found no password on stdin"));
        }
        Ok(Some(Login { user: user.clone(), password: Secret::new(password) }))
    }
}

/// A release, the package that it is of, and what was looked at to find it.
pub(super) struct Named<'w> {
    pub release_context: ReleaseContext<'w>,
    pub package: Package,
    pub version: Version,
    /// The tag; `None` where only `--commit` says what is meant.
    pub release: Option<TaggedRelease>,
    pub build: CommitId,
    pub images: Vec<&'w ImageRule>,
}

/// Finds the release that a version or a tag names. `commit` names its build where there is no tag yet, and must agree
/// with it where there is.
pub(super) fn named<'w>(
    context: &'w Context,
    words: &str,
    package: Option<&str>,
    commit: Option<&str>,
) -> Result<Named<'w>> {
    let candidates = packages(context, package)?;
    let release_context =
        ReleaseContext::new(context, HistoryOptions { initial: Some(None), ..HistoryOptions::default() })?;
    let commit = commit.map(|words| context.repo()?.resolve(words)).transpose()?;
    let mut last = None;
    let mut found = Vec::new();
    for candidate in &candidates {
        match release_context.find(candidate, words) {
            Ok(tag) => found.push((candidate.clone(), tag)),
            Err(error) => last = Some(error),
        }
    }
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|(package, _)| package.name.as_str()).collect();
        return Err(Error::usage(format!("{words} is a release of several packages: {}", names.join(", ")))
            .hint(format!("--package {}", names.first().unwrap_or(&""))));
    }
    let images = |package: &Package| -> Result<Vec<&'w ImageRule>> {
        Ok(context.config()?.images_of(&package.name).collect())
    };
    if let Some((package, tag)) = found.pop() {
        let version = tag.version.clone();
        let release = release_context.release(&package, tag)?;
        let build = release.build;
        if let Some(commit) = commit.filter(|commit| *commit != build) {
            return Err(Error::conflict(format!("{} was not built from that commit", release.tag.name))
                .cause(format!("its build is {build}"))
                .cause(format!("--commit is  {commit}"))
                .hint("without --commit, the build of the tag is taken"));
        }
        let images = images(&package)?;
        return Ok(Named { release_context, package, version, release: Some(release), build, images });
    }
    let none = || Error::missing(format!("there is no release {words}"));
    match (commit, candidates.as_slice()) {
        (Some(build), [package]) => {
            let read = package.formats.iter().find_map(|format| format.read(words));
            let version = read.or_else(|| Version::parse(words));
            let version = version
                .ok_or_else(|| Error::usage(format!("{words} is no version: 1.4.0, or a tag of one")))?;
            Ok(Named {
                images: images(package)?,
                release_context,
                package: package.clone(),
                version,
                release: None,
                build,
            })
        }
        (Some(_), _) => {
            Err(Error::usage(format!("{words} does not say which package it is of")).hint("--package NAME"))
        }
        (None, _) => {
            let error = last.unwrap_or_else(none);
            Err(error.hint(format!("git fetch origin tag {words} brings a tag that is only on the remote")))
        }
    }
}

impl Named<'_> {
    /// The name of the tag; what it would be called where there is none.
    pub(super) fn tag(&self) -> TagName {
        let format = self.package.formats.first();
        let printed = || format.map_or_else(|| TagName::new(""), |format| format.print(&self.version));
        self.release.as_ref().map_or_else(printed, |release| release.tag.name.clone())
    }

    /// The digest that the tag records for an image.
    ///
    /// # Errors
    ///
    /// It was recorded in another repository than release.toml names (5).
    pub(super) fn recorded(&self, image: &ImageRule) -> Result<Option<Digest>> {
        let trailers = self.release.as_ref().and_then(|release| release.trailers.as_ref());
        let Some(recorded) = trailers.and_then(|trailers| trailers.image(&image.name)) else {
            return Ok(None);
        };
        if recorded.repository != image.repository {
            return Err(Error::conflict(format!(
                "{} records {} in another repository",
                self.tag(),
                image.name
            ))
            .cause(format!("the tag      {}", recorded.repository))
            .cause(format!("release.toml {}", image.repository)));
        }
        Ok(Some(recorded.digest.clone()))
    }

    /// What is wanted of the images, among these final versions; all that speaks against it at once.
    pub(super) fn orders(&self, finals: &[Version]) -> Result<Vec<RetagRequest>> {
        let (mut orders, mut errors) = (Vec::new(), Vec::new());
        for image in &self.images {
            match self.recorded(image) {
                Ok(digest) => {
                    orders.push(RetagRequest::new(image, &self.version, self.build, digest, finals))
                }
                Err(error) => errors.push(error),
            }
        }
        Error::all(errors).map_or(Ok(orders), Err)
    }

    /// The final versions of the package among some tags.
    pub(super) fn finals(&self, tags: &[RawTag]) -> Vec<Version> {
        let formats = &self.package.formats;
        let read = |tag: &RawTag| formats.iter().find_map(|format| format.read(tag.name.as_str()));
        tags.iter().filter_map(read).filter(Version::is_final).collect()
    }
}

/// The tags that the remote has; `Ok(None)` where there is no remote.
pub(super) fn remote_tags(context: &Context) -> Result<Option<Vec<RawTag>>> {
    let repo = context.repo()?;
    let Some(remote) = repo.remote()? else { return Ok(None) };
    let tags = repo.remote_tags(&remote);
    tags.map(Some).map_err(|error| Error {
        hints: vec![format!("`git ls-remote --tags {}` must work here", remote.name)],
        ..error
    })
}

/// The commit of a tag among some tags.
pub(super) fn commit_of(tags: &[RawTag], name: &TagName) -> Option<CommitId> {
    tags.iter().filter(|tag| tag.name == *name).find_map(|tag| match tag.target {
        Target::Commit(commit) => Some(commit),
        Target::Other => None,
    })
}
