//! How many releases an environment is behind.

use crate::config::Accept;
use crate::context::Context;
use crate::error::Result;
use crate::git::{RawTag, Refs};
use crate::git_history::Package;
use crate::ledger::{Ledger, project_remote};
use crate::model::{BadBuild, Pin, Version};

/// Returns all tags. A shallow checkout has none, so the remote is asked for them.
pub(super) fn tags(context: &Context) -> Result<Vec<RawTag>> {
    let repo = context.repo()?;
    let tags = repo.tags()?;
    match project_remote(repo)?.filter(|_| tags.is_empty() && repo.is_shallow()) {
        // If it cannot be reached, no release is known to be newer.
        Some(remote) => Ok(repo.ls_remote(&remote, Refs::Tags).unwrap_or_default().tags),
        None => Ok(tags),
    }
}

/// The releases of a package: the versions that are not bad, and the builds that are.
pub(super) struct KnownReleases {
    versions: Vec<Version>,
    bad: Vec<BadBuild>,
    final_only: Vec<String>,
}

impl KnownReleases {
    /// Reads the releases of a package from its tags and from the ledger.
    pub(super) fn of(ledger: &Ledger<'_>, package: &Package, tags: &[RawTag]) -> Result<Self> {
        let bad = ledger.snapshot().bad_builds(&package.name)?;
        let is_bad = |name: &str, version: &Version| {
            bad.iter().any(|bad| {
                bad.release.version.as_ref() == Some(version) || bad.names.iter().any(|known| known == name)
            })
        };
        let version = |tag: &RawTag| {
            let name = tag.name.as_str();
            package.version_of(name).filter(|version| !is_bad(name, version))
        };
        let environments = &ledger.config().environments;
        let final_only = |name: &&str| {
            environments.get(name, &package.name).is_some_and(|rules| rules.accept == Accept::Final)
        };
        Ok(KnownReleases {
            versions: tags.iter().filter_map(version).collect(),
            final_only: environments.names().filter(final_only).map(str::to_owned).collect(),
            bad,
        })
    }

    /// Returns the mark of a build if it is bad.
    pub(super) fn bad_build(&self, pin: &Pin) -> Option<&BadBuild> {
        self.bad.iter().find(|bad| bad.release.pin.same_commit_or_all_digests(pin))
    }

    /// Returns how many releases are newer than a version, of those that the environment accepts.
    pub(super) fn count_newer(&self, than: &Version, environment: &str) -> usize {
        let final_only = self.final_only.iter().any(|name| name == environment);
        let newer =
            |version: &&Version| version.precedence(than).is_gt() && (version.is_final() || !final_only);
        self.versions.iter().filter(newer).count()
    }
}
