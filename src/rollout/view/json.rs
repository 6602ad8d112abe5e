//! The shape `rel.deploy/1`, and what is printed where nothing is executed.

use crate::model::State;
use crate::rollout::deployment_context::DeploymentContext;
use crate::rollout::plan::DeploymentPlan;
use crate::rollout::rollback_decision::AlreadyDone;
use crate::ui::Format;
use serde_json::{Value, json};

/// Returns a plan as `rel.deploy/1`, with the state of its environment.
pub(super) fn plan_as_json(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    state: &State,
) -> Value {
    json!({
        "schema": "rel.deploy/1",
        "kind": plan.kind,
        "package": deployment.package,
        "environment": deployment.environment,
        "version": plan.release.version,
        "tag": plan.release.tag,
        "commit": plan.release.pin.commit,
        "images": plan.release.pin.images,
        "from_version": plan.from.as_ref().and_then(|from| from.version.as_ref()),
        "state": state,
        "event": null,
        "recorded": false,
        "already": false,
        "overrides": plan.overrides.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unchecked": plan.unchecked.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Ends a `--dry-run`.
pub(in crate::rollout) fn show_dry_run(deployment: &DeploymentContext<'_>, plan: &DeploymentPlan) {
    let ui = deployment.context.ui();
    if ui.format() == Format::Json {
        let mut value = plan_as_json(deployment, plan, &State::Deploying);
        value["state"] = Value::Null;
        value["dry_run"] = json!(true);
        let stages = plan.stages.iter().map(
            |stage| json!({ "name": stage.name, "wait": stage.wait.as_secs(), "commands": stage.commands }),
        );
        value["stages"] = stages.collect();
        value["hold"] = json!(plan.hold);
        value["bad"] = json!(plan.bad);
        ui.json(&value);
    }
    ui.status("dry run: nothing was done");
}

/// Shows a rollback that has nothing to do.
pub(in crate::rollout) fn show_already_done(deployment: &DeploymentContext<'_>, done: &AlreadyDone) {
    let ui = deployment.context.ui();
    ui.status(done.message.as_str());
    ui.hint(done.hint.as_str());
    let release = &done.running.release;
    if ui.format() == Format::Json {
        ui.json(&json!({
            "schema": "rel.deploy/1",
            "kind": "rollback",
            "package": deployment.package,
            "environment": deployment.environment,
            "version": release.version,
            "tag": release.tag,
            "commit": release.pin.commit,
            "images": release.pin.images,
            "from_version": null,
            "state": done.running.state,
            "event": done.running.event,
            "recorded": done.recorded,
            "already": true,
            "why": done.message,
        }));
    }
}
