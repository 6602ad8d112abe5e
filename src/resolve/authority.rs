//! Who acts, and what the remote's default branch lets them do in an environment.

use crate::error::Result;
use crate::ledger::Ledger;
use crate::policy::Authority;

/// Returns who acts on an environment of a package: of all packages where none is named, of everything where no environment
/// is.
///
/// # Errors
///
/// Those of [`Ledger::actor`].
pub fn authority(ledger: &Ledger<'_>, environment: Option<&str>, package: Option<&str>) -> Result<Authority> {
    let context = ledger.context();
    Ok(Authority {
        actor: ledger.actor()?.clone(),
        at_terminal: context.ui().is_interactive(),
        in_ci: context.in_ci(),
        environment: environment.map(str::to_owned),
        override_in_ci: ledger.active_config().override_in_ci(environment, package),
    })
}
