//! The outcome of an operation, as it is reported.

use super::json::plan_as_json;
use crate::error::{Error, Result};
use crate::model::{EventKind, State};
use crate::rollout::deployment_context::DeploymentContext;
use crate::rollout::outcome::OperationOutcome;
use crate::rollout::plan::DeploymentPlan;
use crate::ui::{Format, Role, Text, Ui};
use serde_json::{Value, json};

/// Reports the outcome of a plan.
///
/// # Errors
///
/// The fault of the outcome, with what to do next; exit code 6 where a deploy could not be recorded.
pub(in crate::rollout) fn report(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    outcome: OperationOutcome,
) -> Result<()> {
    let ui = deployment.context.ui();
    show_unsent(ui, &outcome.unsent);
    if let Some(fault) = outcome.fault {
        let automatic = outcome.automatic_rollback.as_ref();
        return Err(with_hints(deployment, plan, &outcome.state, automatic, fault));
    }
    match &outcome.already_done {
        Some(why) => ui.status(why.as_str()),
        None => ui.status(
            Text::new()
                .plain(format!("{} runs ", deployment.environment))
                .with(Role::Answer, plan.release.label())
                .plain(": ")
                .with(Role::Good, outcome.state.to_string()),
        ),
    }
    if ui.format() == Format::Json {
        let mut value = plan_as_json(deployment, plan, &outcome.state);
        value["event"] = outcome.event.as_ref().map_or(Value::Null, |event| json!(event));
        value["recorded"] = json!(outcome.recorded && outcome.already_done.is_none());
        value["already"] = json!(outcome.already_done.is_some());
        ui.json(&value);
    }
    if !outcome.recorded && plan.kind != EventKind::Rollback {
        return Err(
            Error::unreachable("the release was deployed, but this has not been recorded").hint("rel sync")
        );
    }
    Ok(())
}

/// Shows how to record events that are not on the remote.
fn show_unsent(ui: &Ui, lines: &[String]) {
    if !lines.is_empty() {
        ui.explain("  to record it, run `rel sync` here, or this on any machine:");
        ui.explain(format!("  rel sync - <<'END'\n{}\nEND", lines.join("\n")));
    }
}

/// Adds to a fault the commands that may follow.
fn with_hints(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    state: &State,
    automatic_rollback: Option<&State>,
    fault: Error,
) -> Error {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    let label = plan.release.label();
    let status = format!("rel status {environment}{flag}   # what runs there now");
    let again = format!("rel deploy {environment} {label}{flag}");
    let retry = format!("rel deploy {environment} {label} --retry{flag}   # deploys it again");
    let back = format!("rel rollback {environment}{flag}   # to the previous release");
    match (state, &plan.kind, automatic_rollback) {
        (State::Superseded, _, _) => fault.hint(status),
        (_, EventKind::Rollback, _) => fault
            .hint(format!("rel rollback {environment} {label}{flag}   # tries again"))
            .hint(format!("rel rollback {environment} VERSION{flag}   # to go further back")),
        (_, _, None) => fault.hint(again).hint(back),
        // The previous release runs again, so a rollback would go one too far.
        (_, _, Some(rollback)) if rollback.is_usable() => fault.hint(retry),
        (_, _, Some(_)) => fault.hint(back).hint(retry),
    }
}
