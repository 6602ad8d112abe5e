//! Which configuration decides what production is: that of the remote's default branch, never a work tree, a stale branch
//! or a pull request. Leans on `context`, `git` and `config`.

use crate::config::{self, Config};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Remote, Repo, Told};
use crate::model::{BranchName, CommitId};
use sha2::{Digest as _, Sha256};

/// The last commit of the remote's default branch that was seen here.
const COPY: &str = "refs/rel/config";

/// The configuration that decides.
pub struct Governing {
    /// What it means.
    pub config: Config,
    /// SHA-256 of its text, in hexadecimal digits.
    pub hash: String,
    /// Where it came from.
    pub source: Source,
}

/// Where the configuration came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `--config FILE`: an override.
    File(String),
    /// The remote's default branch, just now.
    Remote {
        /// Its name, where the remote tells.
        branch: Option<BranchName>,
        /// Its commit.
        commit: CommitId,
    },
    /// The last copy of it, because the remote cannot be reached.
    Copy(CommitId),
    /// HEAD, because there is no remote, or nothing on it.
    Head(CommitId),
}

impl Source {
    /// The commit that holds it; `None` for a file.
    pub fn commit(&self) -> Option<CommitId> {
        match self {
            Source::File(_) => None,
            Source::Remote { commit, .. } | Source::Copy(commit) | Source::Head(commit) => Some(*commit),
        }
    }
}

/// The remote of the project: `origin`, else that of the current branch, else the only one. What branch somebody works on
/// does not choose among several.
pub fn remote(repo: &Repo) -> Result<Option<Remote>> {
    let origin = repo.remote_at("origin");
    if origin.name == "origin" { Ok(Some(origin)) } else { repo.remote() }
}

/// The configuration of what the remote said; with `None`, of the last copy.
pub(super) fn govern(context: &Context, remote: Option<&Remote>, told: Option<&Told>) -> Result<Governing> {
    if let Some((name, text)) = context.config_named()? {
        return read(&name, Some(text), Source::File(name.clone()));
    }
    let repo = context.repo()?;
    let source = match (remote, told) {
        (None, _) => Source::Head(repo.head()?.commit),
        (Some(remote), Some(told)) => match told.refs.get("HEAD") {
            Some(commit) => {
                bring(repo, remote, *commit)?;
                Source::Remote { branch: told.head.clone(), commit: *commit }
            }
            None => Source::Head(repo.head()?.commit),
        },
        (Some(remote), None) => {
            let name = BranchName::new("HEAD");
            let copy = repo.reference(COPY).filter(|commit| repo.has(*commit));
            let copy = copy.or_else(|| repo.remote_branch(remote, &name));
            Source::Copy(copy.ok_or_else(|| {
                Error::unreachable(format!(
                    "{} cannot be reached, and its default branch was never fetched here",
                    remote.name
                ))
                .hint("--config release.toml takes a file instead, and is recorded as an override")
            })?)
        }
    };
    let commit = source.commit().unwrap_or(repo.head()?.commit);
    let name = match &source {
        Source::Remote { branch: Some(branch), .. } => format!("{branch}:{}", config::FILE),
        _ => format!("{}:{}", commit.short(), config::FILE),
    };
    read(&name, repo.text_at(commit, config::FILE)?, source)
}

/// Makes sure that the commit is here. A shallow clone is not deepened for it.
fn bring(repo: &Repo, remote: &Remote, commit: CommitId) -> Result<()> {
    if !repo.has(commit) {
        let depth = repo.is_shallow().then_some(1);
        repo.bring(remote, "HEAD", depth)?;
    }
    if repo.reference(COPY) != Some(commit) && repo.has(commit) {
        repo.set_reference(COPY, commit)?;
    }
    Ok(())
}

fn read(name: &str, text: Option<String>, source: Source) -> Result<Governing> {
    let text = text.unwrap_or_default();
    let config = config::read(name, &text)?;
    Ok(Governing { config, hash: hash(&text), source })
}

/// SHA-256 in hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
