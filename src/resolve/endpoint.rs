//! One end of a comparison: an environment, a version, a tag, or a commit.

use super::environment::is_environment;
use super::named_release::named_release;
use super::package::package;
use crate::error::{Error, Result};
use crate::git_history::Package;
use crate::ledger::{Ledger, project_remote};
use crate::model::{CommitId, Release, Version};

/// What was typed for one end of a comparison, and the release that it names.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What was typed.
    pub typed: String,
    /// How it is shown: `prod (v1.2.0)`, `v1.3.0`.
    pub label: String,
    /// The version; `None` for a bare commit.
    pub version: Option<Version>,
    /// The build commit.
    pub commit: CommitId,
}

/// Finds both ends of a comparison and the package that they are of. A tag names its package.
///
/// # Errors
///
/// 7 if there is no such release, or nothing runs in the environment; 2 if the package is not clear.
pub fn endpoints(
    ledger: &Ledger<'_>,
    named: Option<&str>,
    from: &str,
    to: &str,
) -> Result<(Package, Endpoint, Endpoint)> {
    let ends = (endpoint(ledger, named, from)?, endpoint(ledger, named, to)?);
    let package = match package(ledger, named) {
        Ok(package) => package,
        Err(error) => {
            let owner =
                |typed: &str| named_release(ledger, None, typed, false).ok().map(|named| named.package);
            match owner(from).or_else(|| owner(to)) {
                Some(name) => package(ledger, Some(&name))?,
                None => return Err(error),
            }
        }
    };
    Ok((package, ends.0, ends.1))
}

/// Finds one end: an environment if one has that name, else a release or a commit. Fetches its commit if it is not here.
fn endpoint(ledger: &Ledger<'_>, named: Option<&str>, typed: &str) -> Result<Endpoint> {
    let (label, release) = if is_environment(ledger.config(), typed) {
        let release = running_release(ledger, &package(ledger, named)?.name, typed)?;
        (format!("{typed} ({})", release.label()), release)
    } else {
        let release = named_release(ledger, named, typed, true)?.release()?;
        (release.label(), release)
    };
    let (repo, commit) = (ledger.context().repo()?, release.pin.commit);
    if !repo.has(commit)
        && let Some(remote) = project_remote(repo)?
    {
        repo.fetch_commit(&remote, &commit.to_string())?;
    }
    Ok(Endpoint { typed: typed.to_owned(), label, version: release.version, commit })
}

fn running_release(ledger: &Ledger<'_>, package: &str, environment: &str) -> Result<Release> {
    let running = ledger.snapshot().environment(package, environment)?.and_then(|state| state.running);
    running.map(|running| running.release).ok_or_else(|| {
        Error::missing(format!("the ledger has no release of {package} in {environment}"))
            .hint(format!("rel adopt {environment} VERSION   # records what runs there"))
    })
}
