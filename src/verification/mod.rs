//! Whether git tag, build commit, image digests, revision labels and ledger agree for a release. Writes nothing.

mod check;
mod images;

pub use check::Check;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::ledger::Ledger;
use crate::model::{Digest, Image, Pin};
use crate::registry::Registries;
use crate::resolve::{self, BuiltRelease};

/// The result of verifying a release.
pub struct ReleaseVerification<'w> {
    /// The release.
    pub release: BuiltRelease<'w>,
    /// All checks: of git, of the images, of the ledger.
    pub checks: Vec<Check>,
}

impl ReleaseVerification<'_> {
    /// Returns the checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.ok == Some(false))
    }

    /// Returns the most severe kind of the failed checks, which decides the exit code; `None` if none failed.
    pub fn failure(&self) -> Option<Kind> {
        let errors = self.failed().map(|check| Error::new(check.kind, &check.name)).collect();
        Error::combine("", errors).map(|error| error.kind)
    }
}

/// Checks everything that is known about a release. What cannot be reached is a failed check, not an error.
pub fn verify<'w>(
    context: &'w Context,
    release: BuiltRelease<'w>,
    registries: &Registries<'_>,
) -> ReleaseVerification<'w> {
    let mut checks = git_checks(context, &release);
    checks.extend(images::checks(&release, registries));
    checks.extend(ledger_checks(context, &release));
    ReleaseVerification { release, checks }
}

/// Checks the tag on the remote, and the build commit that the tag records.
fn git_checks(context: &Context, built: &BuiltRelease<'_>) -> Vec<Check> {
    let Some(release) = &built.release else { return Vec::new() };
    let mut checks = Vec::new();
    let name = format!("{} on the remote", release.tag.name);
    match resolve::remote_tags(context) {
        Ok(None) => {}
        Ok(Some(tags)) => checks.push(match resolve::remote_tag_commit(&tags, &release.tag.name) {
            Some(remote) => Check::compare(name, release.tag.commit, remote),
            None => Check::failed(name, &Error::missing("the remote does not have this tag")),
        }),
        Err(error) => checks.push(Check::failed(name, &error)),
    }
    if release.trailers.is_some() {
        checks.push(match built.release_context.built_before(release) {
            Ok(commit) => Check::compare("build commit", release.build, commit),
            Err(error) => Check::failed("build commit", &error),
        });
    }
    checks
}

/// Checks the build commit and the digests that the ledger records for this version. There is nothing to check without
/// environments, or if the version was never deployed.
fn ledger_checks(context: &Context, built: &BuiltRelease<'_>) -> Vec<Check> {
    if context.config().is_ok_and(|config| config.environments.names().next().is_none()) {
        return Vec::new();
    }
    let pin = match ledger_pin(context, built) {
        Ok(Some(pin)) => pin,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Check::failed("ledger", &error)],
    };
    let in_tag = |image: &Image| -> Option<Digest> {
        let rule = built.images.iter().find(|rule| rule.name == image.name)?;
        built.recorded(rule).ok().flatten()
    };
    let mut checks = vec![Check::compare("ledger: build commit", built.build, pin.commit)];
    let images = pin.images.iter().filter_map(|image| Some((image, in_tag(image)?)));
    checks.extend(
        images.map(|(image, tag)| Check::compare(format!("ledger: {}", image.name), tag, &image.digest)),
    );
    checks
}

/// Returns the pin that the ledger records for the version.
fn ledger_pin(context: &Context, built: &BuiltRelease<'_>) -> Result<Option<Pin>> {
    let ledger = Ledger::open(context)?;
    ledger.warn_if_stale()?;
    let package = &built.package.name;
    let release = ledger
        .snapshot()
        .find_release(package, |release| release.version.as_ref() == Some(&built.version))?;
    Ok(release.map(|release| release.pin))
}
