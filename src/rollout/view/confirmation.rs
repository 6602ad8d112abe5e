//! The confirmation of a plan.

use crate::error::{Error, Result};
use crate::model::EventKind;
use crate::rollout::deployment_context::DeploymentContext;
use crate::rollout::options::Confirmation;
use crate::rollout::plan::DeploymentPlan;

/// Asks once whether to execute a plan: before every rollback, in a protected environment, and at a terminal before a deploy
/// that ends a hold. In a protected environment the version must be typed.
///
/// # Errors
///
/// Exit code 4 where the answer is no, or there is no terminal.
pub(in crate::rollout) fn confirm(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    confirmation: Confirmation,
) -> Result<()> {
    let ui = deployment.context.ui();
    let protected = deployment.rules.protected;
    let asks =
        plan.kind == EventKind::Rollback || protected || (plan.ends_hold.is_some() && ui.is_interactive());
    if confirmation != Confirmation::Ask || !asks {
        return Ok(());
    }
    let (environment, label) = (&deployment.environment, plan.release.label());
    let question = match plan.kind {
        EventKind::Rollback => format!("Roll {environment} back to {label}?"),
        _ if plan.ends_hold.is_some() => format!("Deploy {label} to {environment} and end the hold?"),
        _ => format!("Deploy {label} to {environment}?"),
    };
    if !protected {
        return if ui.confirm(&question)? { Ok(()) } else { Err(not_confirmed("not confirmed")) };
    }
    let typed = ui.input(&format!("{question} Type {label} to confirm"), None, &|_| None)?;
    let version = plan.release.version.as_ref().map(ToString::to_string);
    if typed.trim() == label || Some(typed.trim()) == version.as_deref() {
        return Ok(());
    }
    Err(not_confirmed(&format!("not confirmed: the answer was not {label}")))
}

fn not_confirmed(message: &str) -> Error {
    Error::refused(message).hint("nothing was changed")
}
