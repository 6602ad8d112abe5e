//! What is printed while an operation is running.

use super::deployment_context::DeploymentContext;
use super::plan::DeploymentPlan;
use crate::deploy::Stage;
use crate::error::Error;
use crate::model::Release;
use crate::ui::{Role, Text, Ui};

/// Prints that events could not be sent to the remote.
pub(super) fn unrecorded(ui: &Ui, why: &Error) {
    ui.explain(Text::new().with(Role::Bad, "UNRECORDED").plain(format!(": {}", why.message)));
}

/// Prints that an automatic rollback starts.
pub(super) fn automatic_rollback(deployment: &DeploymentContext<'_>, plan: &DeploymentPlan) {
    let failed = plan.from.as_ref().map(Release::label).unwrap_or_default();
    let text = format!("{failed} failed; rolling {} back to ", deployment.environment);
    let text = Text::new().with(Role::Warning, text).with(Role::Answer, plan.release.label());
    deployment.context.ui().status(text);
}

/// Prints that a stage begins.
pub(super) fn stage(ui: &Ui, stage: &Stage) {
    let wait = stage.wait.as_secs();
    let wait = if wait > 0 { format!(", after waiting {wait} s") } else { String::new() };
    ui.status(Text::new().with(Role::Heading, &stage.name).with(Role::Faint, wait));
}

/// Prints a line of a command's output.
pub(super) fn output(ui: &Ui, line: &str) {
    ui.status(Text::new().with(Role::Faint, "  | ").plain(line));
}
