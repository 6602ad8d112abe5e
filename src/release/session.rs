//! One run of `rel cut` or `rel tag`: what it was asked for, and what the repository and its remote had when it began.

use super::choices::PackageChoice;
use super::leftovers::Leftovers;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{LsRemote, Refs, Remote, Repo, Writer};
use crate::git_history::{HistoryOptions, Package, ReleaseContext, packages};
use crate::model::{Bump, CommitId, Version};
use crate::registry::{Login, Registries};
use std::cell::OnceCell;
use std::time::Duration;

/// What a command line asks of a release.
pub struct CutOptions {
    /// The exact version.
    pub version: Option<Version>,
    /// A prerelease of this channel.
    pub channel: Option<String>,
    /// This bump.
    pub bump: Option<Bump>,
    /// The packages to release; all of them where empty.
    pub packages: Vec<String>,
    /// A first release although other tags exist, with its version where one is given.
    pub initial: Option<Option<Version>>,
    /// The branch, for a detached HEAD.
    pub branch: Option<String>,
    /// Keep the release local.
    pub no_push: bool,
    /// Options for the hooks of the remote.
    pub push_options: Vec<String>,
    /// Create no release commit: `rel tag`.
    pub tag_only: bool,
    /// User and password for the registry, as given on the command line.
    pub login: Option<Login>,
    /// The most time that the registries may take.
    pub deadline: Duration,
}

/// What a run begins with. Its remote is queried once, when it is opened.
pub struct Session<'c> {
    pub(super) context: &'c Context,
    pub(super) repo: &'c Repo,
    pub(super) options: CutOptions,
    /// The packages that may be released.
    pub(super) packages: Vec<Package>,
    /// Where the release is pushed; `None` without a remote, or where it could not be reached and nothing is pushed.
    pub(super) remote: Option<Remote>,
    /// The refs of the remote; empty where there is none.
    pub(super) advertised: LsRemote,
    /// Tags that earlier runs created and did not push.
    pub(super) leftovers: Leftovers,
    release_context: OnceCell<ReleaseContext<'c>>,
    signing_works: OnceCell<()>,
}

impl<'c> Session<'c> {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// An unknown package, or a version for several of them (2). The remote does not answer (6), unless nothing is pushed.
    pub fn open(context: &'c Context, options: CutOptions) -> Result<Self> {
        let packages = chosen_packages(context, &options.packages)?;
        if options.version.is_some() && packages.len() > 1 {
            return Err(
                Error::usage("a version needs a package, because there are several").hint("--package NAME")
            );
        }
        let repo = context.repo()?;
        let mut remote = repo.remote()?;
        let mut advertised = None;
        match remote.as_ref().map(|remote| repo.ls_remote(remote, Refs::HeadsAndTags)).transpose() {
            Ok(found) => advertised = found,
            Err(error) if options.no_push => {
                context.ui().warning(format!("{}: only local tags are considered", error.message));
                remote = None;
            }
            Err(error) => return Err(error),
        }
        let leftovers = Leftovers::find(repo, advertised.as_ref())?;
        let advertised = advertised.unwrap_or_default();
        let (release_context, signing_works) = (OnceCell::new(), OnceCell::new());
        Ok(Session {
            context,
            repo,
            options,
            packages,
            remote,
            advertised,
            leftovers,
            release_context,
            signing_works,
        })
    }

    /// Returns the facts that versions are computed from, as the command line asks for them.
    pub(super) fn release_context(&self) -> Result<&ReleaseContext<'c>> {
        if let Some(found) = self.release_context.get() {
            return Ok(found);
        }
        let new = self.release_context_for(&PackageChoice::default())?;
        Ok(self.release_context.get_or_init(|| new))
    }

    /// Returns the facts that versions are computed from: with the remote's tags, and without those of an interrupted run.
    /// A version that a person chose at the terminal replaces everything that the command line says about it.
    pub(super) fn release_context_for(&self, choice: &PackageChoice) -> Result<ReleaseContext<'c>> {
        let CutOptions { version, channel, bump, initial, branch, .. } = &self.options;
        let chosen = choice.chooses_version();
        let options = HistoryOptions {
            branch: branch.clone(),
            channel: if chosen { choice.channel.clone() } else { channel.clone() },
            bump: if chosen { choice.bump } else { *bump },
            version: if chosen { choice.version.clone() } else { version.clone() },
            initial: initial.clone(),
            offline: false,
            advertised: self.remote.as_ref().map(|_| self.advertised.clone()),
            ignored_tags: self.leftovers.stale.iter().map(|tag| tag.name.clone()).collect(),
        };
        ReleaseContext::new(self.context, options)
    }

    /// Refuses when signing does not work. It is tried once, because a key may have to be touched each time.
    pub(super) fn check_signing(&self, head: CommitId, sign: crate::git::Sign) -> Result<()> {
        if self.signing_works.get().is_none() {
            Writer::new(self.repo).check_signing(head, sign)?;
            self.signing_works.get_or_init(|| ());
        }
        Ok(())
    }

    /// Opens the registries, each time with the whole deadline: a person may have been asked in between.
    pub(super) fn registries(&self) -> Result<Registries<'c>> {
        Registries::open(self.context, self.options.deadline, self.options.login.clone())
    }

    /// Returns whether this run pushes.
    pub(super) fn pushes(&self) -> Result<bool> {
        Ok(self.context.config()?.cut.push && !self.options.no_push)
    }

    /// Returns the name of the remote; `origin` where there is none.
    pub(super) fn remote_name(&self) -> &str {
        self.remote.as_ref().map_or("origin", |remote| remote.name.as_str())
    }

    /// Returns whether the remote has a tag of this name.
    pub(super) fn remote_has_tag(&self, name: &crate::model::TagName) -> bool {
        self.advertised.refs.contains_key(&format!("refs/tags/{name}"))
    }
}

/// Returns the named packages, or all of them where none is named.
fn chosen_packages(context: &Context, names: &[String]) -> Result<Vec<Package>> {
    let mut chosen = packages(context, None)?;
    if !names.is_empty() {
        for name in names {
            // Refuses unknown names.
            drop(packages(context, Some(name))?);
        }
        chosen.retain(|package| names.contains(&package.name));
    }
    Ok(chosen)
}
