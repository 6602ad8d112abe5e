//! The active configuration: that of the remote's default branch, never of a work tree, a stale branch or a pull request.

use crate::config::{self, Config};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{LsRemote, Remote, Repo, Writer};
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
    /// HEAD, because there is no remote, or it is empty.
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

/// Reads the configuration of the commit that the remote named; if it named none, of the last copy.
///
/// # Errors
///
/// 2 if the configuration is wrong; 6 if the remote cannot be reached and there is no copy.
pub(super) fn read_active_config(
    context: &Context,
    remote: Option<&Remote>,
    told: Option<&LsRemote>,
) -> Result<ActiveConfig> {
    if let Some((name, text)) = context.config_option()? {
        return read(&name, Some(text), ConfigSource::File(name.clone()));
    }
    let repo = context.repo()?;
    let source = match (remote, told) {
        (None, _) => ConfigSource::Head(repo.head()?.commit),
        (Some(remote), Some(told)) => match told.refs.get("HEAD") {
            Some(commit) => {
                fetch_commit(repo, remote, *commit)?;
                ConfigSource::Remote { branch: told.default_branch.clone(), commit: *commit }
            }
            None => ConfigSource::Head(repo.head()?.commit),
        },
        (Some(remote), None) => {
            let name = BranchName::new("HEAD");
            let copy = repo.reference(LAST_SEEN).filter(|commit| repo.has(*commit));
            let copy = copy.or_else(|| repo.remote_branch(remote, &name));
            ConfigSource::Copy(copy.ok_or_else(|| {
                Error::unreachable(format!(
                    "cannot reach {}, and its default branch was never fetched here",
                    remote.name
                ))
                .hint("--config release.toml   # uses a file instead, and is recorded as an override")
            })?)
        }
    };
    let commit = source.commit().unwrap_or(repo.head()?.commit);
    let name = match &source {
        ConfigSource::Remote { branch: Some(branch), .. } => format!("{branch}:{}", config::FILE),
        _ => format!("{}:{}", commit.short(), config::FILE),
    };
    read(&name, repo.file_at(commit, config::FILE)?, source)
}

/// Fetches the commit if it is not here, and remembers it. A shallow clone is not deepened for it.
fn fetch_commit(repo: &Repo, remote: &Remote, commit: CommitId) -> Result<()> {
    if !repo.has(commit) {
        repo.fetch_commit(remote, "HEAD")?;
    }
    if repo.reference(LAST_SEEN) != Some(commit) && repo.has(commit) {
        Writer::new(repo).set_reference(LAST_SEEN, commit)?;
    }
    Ok(())
}

fn read(name: &str, text: Option<String>, source: ConfigSource) -> Result<ActiveConfig> {
    let text = text.unwrap_or_default();
    let config = config::read(name, &text)?;
    Ok(ActiveConfig { config, hash: hash(&text), source })
}

/// Returns the SHA-256 of a text in hexadecimal.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
