//! The release that a promotion takes from another environment.

use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::EnvironmentState;
use crate::resolve::{PinSource, PinnedRelease, RemoteTag, check_tag_of};

/// Returns the release that runs in the environment `from`, with its recorded digests, to promote it to `to`.
///
/// # Errors
///
/// Exit code 4 where nothing runs there, a deploy is running, or the release is not usable; 5 where its tag is not the one
/// of the remote or leads to another build, 7 where the remote has none. What already runs in `to` is deployed again as it is
/// recorded.
pub(super) fn promotion_source(
    ledger: &Ledger<'_>,
    from: &str,
    to: &str,
    package: &str,
    package_flag: &str,
) -> Result<PinnedRelease> {
    let state = ledger.snapshot().environment(package, from)?;
    let Some(running) = state.as_ref().and_then(|state| state.running.as_ref()) else {
        return Err(Error::refused(format!("nothing runs in {from}"))
            .hint(format!("rel deploy {from} VERSION{package_flag}")));
    };
    let busy = state.as_ref().is_some_and(|state| state.lock.is_some());
    if busy || !running.state.is_usable() {
        let why =
            if busy { "a deploy is running there".to_owned() } else { format!("it is {}", running.state) };
        return Err(Error::refused(format!("{} cannot be promoted from {from}", running.release.label()))
            .cause(why)
            .hint(format!("rel status {from}")));
    }
    let (release, source) = (running.release.clone(), PinSource::Environment(from.to_owned()));
    let target = ledger.snapshot().environment(package, to)?;
    let runs_there = target.as_ref().and_then(EnvironmentState::redeployable).is_some_and(|there| {
        (&there.release.version, &there.release.tag) == (&release.version, &release.tag)
            && there.release.pin.same_commit_and_digests(&release.pin)
    });
    let remote_tag = if runs_there { RemoteTag::Same } else { check_tag_of(ledger, package, &release)? };
    Ok(PinnedRelease { package: package.to_owned(), release, source, remote_tag })
}
