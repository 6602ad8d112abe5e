//! The active configuration: that of the remote's default branch, never of a work tree, a stale branch or a pull request.

use super::temporary_repo::fetch_elsewhere;
use crate::config::{self, Config};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{LsRemote, Refs, Remote, Repo, Writer};
use crate::model::{BranchName, CommitId};
use sha2::{Digest as _, Sha256};

/// The last commit of the remote's default branch that this clone saw.
const LAST_SEEN: &str = "refs/rel/config";

/// The configuration that decides for verbs of ledger and environments.
pub struct ActiveConfig {
    /// The configuration.
    pub config: Config,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
    /// Where it came from.
    pub source: ConfigSource,
    /// With `--config`, the configuration of the remote's default branch, as far as it can be read: whether an override is
    /// allowed is its decision.
    default_branch: Option<Box<Config>>,
}

impl ActiveConfig {
    /// Checks that `--config`, if it was given, may decide what is recorded: a person at a terminal chose it, or the remote's
    /// default branch sets `override_in_ci` for the environment.
    ///
    /// # Errors
    ///
    /// 4 if it may not.
    pub fn check_may_record(
        &self,
        context: &Context,
        environment: Option<&str>,
        package: Option<&str>,
    ) -> Result<()> {
        let ConfigSource::File(file) = &self.source else { return Ok(()) };
        if context.ui().is_interactive() || self.override_in_ci(environment, package) {
            return Ok(());
        }
        let error = Error::refused(format!("--config {file} is an override, which needs a terminal"));
        Err(match environment {
            Some(name) => error.cause(format!(
                "on the default branch, [environment.{name}] does not set override_in_ci = true"
            )),
            None => error.cause("no environment could allow it: this is not about a single one"),
        }
        .hint("merge the change into the default branch, or run the same command at a terminal"))
    }

    /// Returns `override_in_ci` of an environment for a package, or for all packages, as the remote's default branch has it.
    /// Nothing allows it for what concerns more than one environment.
    pub fn override_in_ci(&self, environment: Option<&str>, package: Option<&str>) -> bool {
        let config = match self.source {
            ConfigSource::File(_) => self.default_branch.as_deref(),
            _ => Some(&self.config),
        };
        let (Some(config), Some(environment)) = (config, environment) else { return false };
        let allows = |package: &str| {
            config.environments.get(environment, package).is_some_and(|rules| rules.override_in_ci)
        };
        match package {
            Some(package) => allows(package),
            None => allows("") && config.packages.iter().all(|package| allows(&package.name)),
        }
    }
}

/// Where the configuration came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// `--config FILE`: an override.
    File(String),
    /// The remote's default branch, just now.
    Remote {
        /// Its name; `None` if the remote does not say it.
        branch: Option<BranchName>,
        /// Its commit.
        commit: CommitId,
    },
    /// The last copy of that branch, because the remote cannot be reached.
    Copy(CommitId),
    /// HEAD, because there is no remote.
    Head(CommitId),
}

impl ConfigSource {
    /// Returns the commit that the configuration was read from; `None` for a file.
    pub fn commit(&self) -> Option<CommitId> {
        match self {
            ConfigSource::File(_) => None,
            ConfigSource::Remote { commit, .. } | ConfigSource::Copy(commit) | ConfigSource::Head(commit) => {
                Some(*commit)
            }
        }
    }
}

/// Returns the remote of the project: `origin`, else that of the current branch, else the only one. If there are several, the
/// branch that somebody works on does not choose among them.
///
/// # Errors
///
/// 2 if there are several remotes and none of them is the project's.
pub fn project_remote(repo: &Repo) -> Result<Option<Remote>> {
    let origin = repo.absolute_remote("origin");
    if origin.name == "origin" { Ok(Some(origin)) } else { repo.remote() }
}

/// Reads the configuration: that of `--config`, else that of the remote's default branch.
///
/// # Errors
///
/// 2 if the configuration is wrong; 6 if the remote cannot be reached and there is no copy, or if it has no default branch.
pub(super) fn read_active_config(
    context: &Context,
    remote: Option<&Remote>,
    told: Option<&LsRemote>,
) -> Result<ActiveConfig> {
    if let Some((name, text)) = context.config_option()? {
        let active = read(&name, Some(text), ConfigSource::File(name.clone()))?;
        // Where it cannot be read, it allows nothing.
        let default_branch = read_default_branch(context, remote, told).ok();
        return Ok(ActiveConfig {
            default_branch: default_branch.map(|found| Box::new(found.config)),
            ..active
        });
    }
    read_default_branch(context, remote, told)
}

/// Reads the configuration of the commit that the remote named; if it could not be asked, or the commit cannot be fetched,
/// of the last copy.
fn read_default_branch(
    context: &Context,
    remote: Option<&Remote>,
    told: Option<&LsRemote>,
) -> Result<ActiveConfig> {
    let repo = context.repo()?;
    let Some(remote) = remote else {
        let commit = repo.head()?.commit;
        return read(&shown(commit), repo.file_at(commit, config::FILE)?, ConfigSource::Head(commit));
    };
    let Some(told) = told else {
        let (text, copy) = last_copy(repo, remote, None).ok_or_else(|| {
            Error::unreachable(format!(
                "cannot reach {}, and its default branch was never fetched here",
                remote.name
            ))
            .hint("--config release.toml   # uses a file instead, and is recorded as an override")
        })?;
        return read(&shown(copy), text, ConfigSource::Copy(copy));
    };
    let Some(commit) = told.refs.get("HEAD").copied() else { return Err(no_default_branch(repo, remote)) };
    let branch = told.default_branch.clone();
    match fetched_text(context, remote, commit)? {
        Ok(text) => {
            let name =
                branch.as_ref().map_or_else(|| shown(commit), |branch| format!("{branch}:{}", config::FILE));
            read(&name, text, ConfigSource::Remote { branch, commit })
        }
        Err(error) => {
            let (text, copy) = last_copy(repo, remote, branch.as_ref()).ok_or_else(|| error.clone())?;
            let why = error.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
            context.ui().warning(format!(
                "{}{why}; using release.toml of {}, the last copy here",
                error.message,
                copy.short()
            ));
            read(&shown(copy), text, ConfigSource::Copy(copy))
        }
    }
}

/// Returns how the configuration of a commit is named.
fn shown(commit: CommitId) -> String {
    format!("{}:{}", commit.short(), config::FILE)
}

/// Returns text and commit of the newest configuration of the remote's default branch that is here and can be read.
fn last_copy(
    repo: &Repo,
    remote: &Remote,
    branch: Option<&BranchName>,
) -> Option<(Option<String>, CommitId)> {
    let head = BranchName::new("HEAD");
    let branches = std::iter::once(&head).chain(branch);
    let copies = branches.filter_map(|branch| repo.remote_branch(remote, branch));
    let mut copies = repo.reference(LAST_SEEN).into_iter().chain(copies);
    copies.find_map(|commit| Some((repo.file_at(commit, config::FILE).ok()?, commit)))
}

/// Returns the error for a remote whose HEAD names no branch that exists. A branch that somebody works on does not decide in
/// its place.
fn no_default_branch(repo: &Repo, remote: &Remote) -> Error {
    let error =
        Error::unreachable(format!("{} has no default branch: its HEAD names no branch", remote.name))
            .cause("release.toml is read from the default branch");
    let there = repo.ls_remote(remote, Refs::HeadsAndTags).unwrap_or_default();
    let mut branches: Vec<&str> =
        there.refs.keys().filter_map(|name| name.strip_prefix("refs/heads/")).collect();
    branches.sort_by_key(|name| (!["main", "master"].contains(name), *name));
    let Some(branch) = branches.first() else {
        return error.hint(format!("git push {} HEAD   # there are no branches yet", remote.name));
    };
    let url = remote.url.as_deref().unwrap_or_default();
    let path = url.strip_prefix("file://").unwrap_or(url);
    if path.contains(':') {
        return error.hint(format!(
            "set the default branch of {} at its git host, for example to {branch}",
            remote.name
        ));
    }
    error.hint(format!("git --git-dir {path} symbolic-ref HEAD refs/heads/{branch}"))
}

/// Returns the configuration of a commit of the remote, which is fetched if it is not here, and remembered; the inner error if
/// it cannot be fetched. A shallow clone is not deepened for it.
///
/// # Errors
///
/// 4 if release.toml of that commit is not a file with text.
fn fetched_text(
    context: &Context,
    remote: &Remote,
    commit: CommitId,
) -> Result<std::result::Result<Option<String>, Error>> {
    let repo = context.repo()?;
    if !repo.has(commit)
        && let Err(error) = repo.fetch_commit(remote, "HEAD")
    {
        return Ok(Err(error));
    }
    let text = match repo.file_at(commit, config::FILE) {
        Ok(text) => text,
        // An object that is here, but damaged, is not fetched again into the same repository.
        Err(error) => match fetch_elsewhere(context, remote, "HEAD", commit) {
            Ok(copy) => {
                let text = copy.repo.file_at(commit, config::FILE)?;
                context.ui().warning(format!(
                    "release.toml cannot be read from this clone: {}; it was fetched again",
                    error.causes.first().unwrap_or(&error.message)
                ));
                return Ok(Ok(text));
            }
            Err(_) => return Ok(Err(error)),
        },
    };
    if repo.reference(LAST_SEEN) != Some(commit) {
        // Where this cannot be written, an earlier commit is the copy.
        drop(Writer::new(repo).set_reference(LAST_SEEN, commit));
    }
    Ok(Ok(text))
}

fn read(name: &str, text: Option<String>, source: ConfigSource) -> Result<ActiveConfig> {
    let text = text.unwrap_or_default();
    let config = config::read(name, &text)?;
    Ok(ActiveConfig { config, hash: hash(&text), source, default_branch: None })
}

/// Returns the SHA-256 of a text in hexadecimal.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
