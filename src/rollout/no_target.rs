//! Why no release is left that a rollback would choose by itself, and which ones a person may name.

use super::deployment_context::DeploymentContext;
use crate::error::Error;
use crate::model::{BadBuild, EnvironmentState, Healthy, Release};

/// Returns the error of a rollback without a version that finds no candidate: what was healthy in the environment, and why
/// none of it is chosen. `from` is what runs.
pub(super) fn no_target(
    deployment: &DeploymentContext<'_>,
    state: Option<&EnvironmentState>,
    from: Option<&Release>,
    bad: &[BadBuild],
) -> Error {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    let healthy = state.map(|state| state.healthy.as_slice()).unwrap_or_default();
    let runs =
        |known: &&Healthy| from.is_some_and(|from| deployment.same_result(&from.pin, &known.release.pin));
    let others: Vec<&Healthy> = healthy.iter().filter(|known| !runs(known)).collect();
    if others.is_empty() {
        let deploy = format!("rel deploy {environment} VERSION{flag}");
        return match healthy.first().map(|known| known.release.label()) {
            Some(only) => {
                Error::refused(format!("{only} is the only release that was ever healthy in {environment}"))
                    .hint(format!("{deploy}   # a release with the fix"))
            }
            None => Error::refused(format!("no release was ever healthy in {environment}")).hint(deploy),
        };
    }
    let error = Error::refused(format!("no earlier healthy release of {environment} is left to choose"));
    let error = others.iter().fold(error, |error, known| error.cause(why_not(known, bad)));
    others.iter().fold(error, |error, known| {
        let label = known.release.label();
        error.hint(match mark_of(known, bad) {
            Some(_) => format!(
                "rel rollback {environment} {label} --override \"REASON\"{flag}   # although it is bad"
            ),
            None => format!("rel rollback {environment} {label}{flag}"),
        })
    })
}

/// Returns why a release that was healthy is not chosen.
pub(super) fn why_not(known: &Healthy, bad: &[BadBuild]) -> String {
    let label = known.release.label();
    match mark_of(known, bad) {
        Some(mark) => {
            let reason = mark.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{label} ran there and was marked bad by {} at {}{reason}", mark.by.label(), mark.since)
        }
        None if known.rolled_back_from => format!("{label} ran there and was rolled back"),
        None => format!("{label} ran there and is newer than what runs"),
    }
}

fn mark_of<'b>(known: &Healthy, bad: &'b [BadBuild]) -> Option<&'b BadBuild> {
    bad.iter().find(|mark| mark.release.pin.same_commit_or_all_digests(&known.release.pin))
}
