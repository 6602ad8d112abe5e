//! Where the commands of an operation run: chosen when it is planned, so that what they need can be looked for before the
//! first event.

use super::deployment_context::DeploymentContext;
use super::plan::Unchecked;
use super::release_tree::release_tree;
use crate::config::Tree;
use crate::deploy::Workspace;
use crate::error::{Error, Kind, Result};
use crate::ledger::{fetch_elsewhere, project_remote};
use crate::model::{CommitId, Release};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// The tree that commands run in.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommandTree {
    tree: Tree,
    commit: CommitId,
}

impl CommandTree {
    /// Chooses the tree for deploying a release.
    ///
    /// # Errors
    ///
    /// Exit code 7 where its commit cannot be fetched.
    pub(super) fn of_deploy(deployment: &DeploymentContext<'_>, release: &Release) -> Result<Self> {
        Self::configured(deployment, release)?.ok_or_else(|| {
            let (commit, label) = (release.pin.commit.short(), release.label());
            Error::missing(format!("commit {commit} of {label} cannot be fetched"))
                .hint("`git fetch --unshallow` fetches the whole history")
        })
    }

    /// Chooses the tree for rolling back to a release: that of the configuration where `--tree config` asks for it, or where
    /// the commit of the release cannot be fetched. The second value says so.
    pub(super) fn of_rollback(
        deployment: &DeploymentContext<'_>,
        release: &Release,
        config: bool,
    ) -> Result<(Self, Option<Unchecked>)> {
        let configured = if config { None } else { Self::configured(deployment, release)? };
        if let Some(configured) = configured {
            return Ok((configured, None));
        }
        let commit = config_commit(deployment)?;
        let release = release.label();
        let unchecked = match (config, deployment.rules.tree) {
            (true, Tree::Config) => None,
            (true, Tree::Release | Tree::Here) => Some(Unchecked::ConfigTree { release, commit }),
            (false, _) => {
                let reason = "its commit cannot be fetched".to_owned();
                Some(Unchecked::Tree { release, reason })
            }
        };
        Ok((CommandTree { tree: Tree::Config, commit }, unchecked))
    }

    /// Chooses the tree that `tree` of release.toml names; `None` where its commit cannot be fetched.
    fn configured(deployment: &DeploymentContext<'_>, release: &Release) -> Result<Option<Self>> {
        let tree = deployment.rules.tree;
        let commit = match tree {
            Tree::Release => release_tree(deployment, release),
            Tree::Config => Some(config_commit(deployment)?),
            Tree::Here => Some(release.pin.commit),
        };
        Ok(commit.map(|commit| CommandTree { tree, commit }))
    }

    /// Returns whether the tree of the configuration is another one and has a program that can be started.
    pub(super) fn only_config_has(self, deployment: &DeploymentContext<'_>, program: &str) -> bool {
        let (Ok(repo), Ok(commit), Some(path)) =
            (deployment.context.repo(), config_commit(deployment), inside(program))
        else {
            return false;
        };
        self.tree != Tree::Config && matches!(repo.is_executable_at(commit, &path), Ok(Some(true)))
    }

    /// Returns what messages call it. `release` is the name of the release.
    pub(super) fn name(self, release: &str) -> String {
        match self.tree {
            Tree::Release => format!("the tree of {release}"),
            Tree::Config => format!("the tree of the configuration ({})", self.commit.short()),
            Tree::Here => "this folder".to_owned(),
        }
    }

    /// Prepares the folder that commands run in.
    pub(super) fn prepare<'w>(self, deployment: &DeploymentContext<'w>) -> Result<Workspace<'w>> {
        let (context, temporary) = (deployment.context, deployment.context.temporary_folder()?);
        Workspace::prepare(context.repo()?, self.tree, self.commit, context.folder(), temporary)
    }

    /// Prepares the folder for the commands of a rollback, which a repository that cannot be written to does not stop.
    pub(super) fn prepare_somehow<'w>(self, deployment: &DeploymentContext<'w>) -> Result<Workspace<'w>> {
        let fault = match self.prepare(deployment) {
            Err(error) if error.kind != Kind::Interrupted => error,
            result => return result,
        };
        let context = deployment.context;
        let exported = Workspace::export(context.repo()?, self.commit, context.temporary_folder()?);
        let exported = exported.or_else(|_| self.export_fetched(deployment)).map_err(|_| fault.clone())?;
        let why = fault.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
        let next = "commands run in a folder that is no work tree of git";
        context.ui().warning(format!("{}{why}; {next}", fault.message));
        Ok(exported)
    }

    /// Prepares the folder with files that are fetched again: objects of this clone may be damaged.
    fn export_fetched<'w>(self, deployment: &DeploymentContext<'w>) -> Result<Workspace<'w>> {
        let context = deployment.context;
        let remote = project_remote(context.repo()?)?.filter(|_| !deployment.ledger_unreachable);
        let remote = remote.ok_or_else(|| Error::unreachable("there is no remote to fetch from"))?;
        let copy = fetch_elsewhere(context, &remote, &self.commit.to_string(), self.commit)?;
        Workspace::export(&copy.repo, self.commit, context.temporary_folder()?)
    }

    /// Returns whether this is the tree of the release.
    pub(super) fn is_of_release(self) -> bool {
        self.tree == Tree::Release
    }

    /// Returns whether a program with a relative path can be started here; `None` where there is no such file. What cannot be
    /// found out counts as present: the program itself will tell.
    pub(super) fn can_start(self, deployment: &DeploymentContext<'_>, program: &str) -> Option<bool> {
        let (Ok(repo), Some(path)) = (deployment.context.repo(), inside(program)) else { return Some(true) };
        if self.tree == Tree::Here {
            return is_executable(&deployment.context.folder().join(path));
        }
        // A work tree that is used as it is may have files that git ignores.
        let top = repo.work_tree().filter(|_| repo.head().is_ok_and(|head| head.commit == self.commit));
        // Where it was changed since, it is not used, and what it says does not count.
        let in_place = top.and_then(|top| is_executable(&top.join(&path))).filter(|can_start| *can_start);
        in_place.or_else(|| repo.is_executable_at(self.commit, &path).unwrap_or(Some(true)))
    }
}

/// Returns the commit that the configuration was read from; HEAD where that was a file of the command line.
fn config_commit(deployment: &DeploymentContext<'_>) -> Result<CommitId> {
    match deployment.config_commit {
        Some(commit) => Ok(commit),
        None => deployment.context.repo()?.head().map(|head| head.commit),
    }
}

/// Returns a relative path without `.` and `..`; `None` where it leaves the tree.
fn inside(program: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in Path::new(program).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// Returns whether a file can be run; `None` where there is none.
pub(super) fn is_executable(file: &Path) -> Option<bool> {
    let metadata = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?;
    Some(metadata.permissions().mode() & 0o111 != 0)
}
