//! `approve`.

use crate::error::Result;
use crate::ledger::{Decision, Snapshot};
use crate::model::{Actor, EventKind, EventPayload, Release};

/// Approves the deploy of a release to an environment under the configuration of this hash.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn approve(
    snapshot: &Snapshot,
    package: &str,
    environment: &str,
    release: &Release,
    actor: &Actor,
    config_hash: &str,
) -> Result<Decision> {
    let state = snapshot.environment(package, environment)?;
    let approvals = state.map(|state| state.approvals).unwrap_or_default();
    let own = approvals
        .iter()
        .find(|approval| approval.by.id == actor.id && approval.covers(&release.pin, Some(config_hash)));
    Ok(match own {
        Some(approval) => {
            let (by, at) = (&approval.by.id, approval.at);
            Decision::Already(format!("{} was already approved by {by} at {at}", release.label()))
        }
        None => Decision::Record(vec![EventPayload {
            release: Some(release.clone()),
            ..EventPayload::new(EventKind::Approve).at(Some(package), Some(environment))
        }]),
    })
}
