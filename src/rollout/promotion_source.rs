//! The release that a promotion takes from another environment.

use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::resolve::{PinSource, PinnedRelease};

/// Returns the release that runs in an environment, with its recorded digests.
///
/// # Errors
///
/// Exit code 4 where nothing runs there, a deploy is running, or the release is not usable.
pub(super) fn promotion_source(
    ledger: &Ledger<'_>,
    from: &str,
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
    let source = PinSource::Environment(from.to_owned());
    Ok(PinnedRelease { package: package.to_owned(), release: running.release.clone(), source })
}
