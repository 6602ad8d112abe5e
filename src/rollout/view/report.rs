//! The outcome of an operation, as it is reported.

use super::json::plan_as_json;
use crate::error::{Error, Result};
use crate::model::{EventKind, Release, State};
use crate::rollout::deployment_context::DeploymentContext;
use crate::rollout::outcome::OperationOutcome;
use crate::rollout::plan::DeploymentPlan;
use crate::ui::{Format, Role, Text, Ui};
use serde_json::{Value, json};

/// Reports the outcome of a plan. `earlier` is the release that a rollback would choose.
///
/// # Errors
///
/// The fault of the outcome, with what to do next; exit code 6 where a deploy could not be recorded.
pub(in crate::rollout) fn report(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    outcome: OperationOutcome,
    earlier: Option<&Release>,
) -> Result<()> {
    let ui = deployment.context.ui();
    show_unsent(ui, &outcome.unsent);
    if let Some(fault) = outcome.fault {
        let automatic = outcome.automatic_rollback.as_ref();
        let commands = next_commands(deployment, plan, &outcome.state, automatic, earlier);
        return Err(commands.into_iter().fold(fault, Error::hint));
    }
    if !outcome.recorded && plan.kind != EventKind::Rollback {
        return Err(
            Error::unreachable("the release was deployed, but this has not been recorded").hint("rel sync")
        );
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
        value["recorded"] = json!(outcome.recorded);
        value["already"] = json!(outcome.already_done.is_some());
        ui.json(&value);
    }
    Ok(())
}

/// Shows how to record events that are not on the remote.
fn show_unsent(ui: &Ui, lines: &[String]) {
    if !lines.is_empty() {
        ui.explain("  to record it, run `rel sync` here, or this on any machine:");
        ui.explain("  rel sync - <<'END'");
        lines.iter().for_each(|line| ui.sync_line(line));
        ui.explain("END");
    }
}

/// Returns the commands that may follow a fault. A rollback is named only where there is a release to return to.
fn next_commands(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    state: &State,
    automatic_rollback: Option<&State>,
    earlier: Option<&Release>,
) -> Vec<String> {
    let (environment, flag) = (&deployment.environment, &deployment.package_flag);
    let label = plan.release.label();
    let again = format!("rel deploy {environment} {label}{flag}");
    let retry = format!("rel deploy {environment} {label} --retry{flag}   # deploys it again");
    let back =
        earlier.map(|earlier| format!("rel rollback {environment}{flag}   # back to {}", earlier.label()));
    match (state, &plan.kind, automatic_rollback) {
        (State::Superseded, _, _) => {
            vec![format!("rel status {environment}{flag}   # what runs there now")]
        }
        (_, EventKind::Rollback, _) => {
            let again = format!("rel rollback {environment} {label}{flag}   # tries again");
            let further = earlier.map(|earlier| {
                format!("rel rollback {environment} {}{flag}   # to go further back", earlier.label())
            });
            [again].into_iter().chain(further).collect()
        }
        (_, _, None) => [again].into_iter().chain(back).collect(),
        // The previous release runs again, so a rollback would go one too far.
        (_, _, Some(rollback)) if rollback.is_usable() => vec![retry],
        (_, _, Some(_)) => back.into_iter().chain([retry]).collect(),
    }
}
