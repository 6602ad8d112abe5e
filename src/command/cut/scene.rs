//! What a cut finds before it decides anything: its packages, the remote and what is there, what earlier runs left.
//! Leans on `history` and `git`.

use super::Common;
use super::finish::{self, Left};
use super::wish::Wish;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Advertised, Remote, Repo};
use crate::git_history::{HistoryOptions, Package, ReleaseContext, packages};
use crate::plan::Plan;
use crate::registry::{Login, Registries};
use std::cell::OnceCell;

/// What there is.
pub(super) struct Scene<'w> {
    pub context: &'w Context,
    pub repo: &'w Repo,
    pub arguments: &'w Common,
    /// No release commit is wanted: `rel tag`.
    pub tag_alone: bool,
    /// The packages that may be released.
    pub packages: Vec<Package>,
    /// Where the release goes; `None` where it stays here, or where there is no remote.
    pub remote: Option<Remote>,
    /// What the remote has; nothing where there is none.
    pub there: Advertised,
    /// What earlier runs left.
    pub left: Left,
    /// User and password that the command line gives.
    pub login: Option<Login>,
    /// Signing was tried, and works: a key may want to be touched each time.
    pub signs: OnceCell<()>,
}

impl<'w> Scene<'w> {
    /// Looks around. The remote is asked once.
    pub(super) fn new(context: &'w Context, arguments: &'w Common, tag_alone: bool) -> Result<Self> {
        let packages = chosen(context, &arguments.packages)?;
        if arguments.version.is_some() && packages.len() > 1 {
            return Err(Error::usage("there are several packages, and a version is one package's")
                .hint("--package NAME says whose"));
        }
        let repo = context.repo()?;
        let mut remote = repo.remote()?;
        let mut there = None;
        let stays = arguments.no_push && !arguments.abort;
        match remote.as_ref().map(|remote| repo.advertised(remote)).transpose() {
            Ok(found) => there = found,
            Err(error) if stays => {
                context.ui().warning(format!("{}: only what is here counts", error.message));
                remote = None;
            }
            Err(error) => return Err(error),
        }
        let left = finish::left(repo, there.as_ref())?;
        let there = there.unwrap_or_default();
        let (login, signs) = (arguments.access.login()?, OnceCell::new());
        Ok(Scene { context, repo, arguments, tag_alone, packages, remote, there, left, login, signs })
    }

    /// A release_context that knows the remote's tags, and not those of a run that died.
    pub(super) fn release_context(&self, wish: &Wish) -> Result<ReleaseContext<'w>> {
        let Common { version, pre, bump, initial, branch, .. } = self.arguments;
        // Whatever a person chose at the terminal takes the place of all that the command line said.
        let chosen = wish.version.is_some() || wish.bump.is_some() || wish.channel.is_some();
        let ask = HistoryOptions {
            branch: branch.clone(),
            channel: if chosen { wish.channel.clone() } else { pre.clone() },
            bump: if chosen { wish.bump } else { *bump },
            version: if chosen { wish.version.clone() } else { version.clone() },
            initial: initial.clone(),
            offline: false,
            there: self.remote.as_ref().map(|_| self.there.clone()),
            ignore: self.left.loose.iter().map(|made| made.name.clone()).collect(),
        };
        ReleaseContext::new(self.context, ask)
    }

    /// Tries to sign, once.
    pub(super) fn can_sign(&self, plan: &Plan) -> Result<()> {
        if self.signs.get().is_none() {
            self.repo.can_sign(plan.head, plan.sign)?;
            self.signs.get_or_init(|| ());
        }
        Ok(())
    }

    /// The registries of the images, each time with the whole time that they may take: a person may have thought between.
    pub(super) fn registries(&self) -> Result<Registries<'w>> {
        Registries::open(self.context, self.arguments.access.deadline, self.login.clone())
    }

    /// Whether the release leaves this machine.
    pub(super) fn pushes(&self) -> Result<bool> {
        Ok(self.context.config()?.cut.push && !self.arguments.no_push)
    }
}

/// The named packages, or all.
fn chosen(context: &Context, names: &[String]) -> Result<Vec<Package>> {
    let mut chosen = packages(context, None)?;
    if !names.is_empty() {
        for name in names {
            // Only to refuse what is unknown.
            drop(packages(context, Some(name))?);
        }
        chosen.retain(|package| names.contains(&package.name));
    }
    Ok(chosen)
}
