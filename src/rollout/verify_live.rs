//! Whether the platform runs what is recorded: compares the images that the `live` command prints with the digests of a
//! release.

use super::deployment_context::DeploymentContext;
use super::plan::DeploymentPlan;
use crate::deploy::{self, Outcome, Values, Workspace};
use crate::error::Result;
use crate::model::{EnvironmentState, Release, State};
use crate::process::CommandEnvironment;
use serde_json::{Value, json};

/// Verifies what another system deployed: `healthy` where the platform runs exactly these digests, else `recorded`.
pub(super) fn verify_live(
    deployment: &DeploymentContext<'_>,
    plan: &DeploymentPlan,
    workspace: &Workspace<'_>,
    environment: &CommandEnvironment,
) -> Outcome {
    let images = deploy::live_commands(&deployment.rules, &plan.values).and_then(|commands| {
        deploy::query_live(&deployment.rules, &commands, workspace, environment, &plan.values)
    });
    let state = match images {
        Ok(images) if runs(&plan.release, &images) => State::Healthy,
        Ok(_) => State::Recorded,
        Err(error) => {
            deployment.context.ui().warning(error.message);
            State::Recorded
        }
    };
    Outcome { state, fault: None, parts: Vec::new(), checked: false }
}

/// Returns whether every digest of a release is among these images. A release without images never is.
fn runs(release: &Release, images: &[String]) -> bool {
    let found = |digest: &str| images.iter().any(|image| image.ends_with(digest));
    !release.pin.images.is_empty() && release.pin.images.iter().all(|image| found(image.digest.as_str()))
}

/// Returns the value `live` of `rel status --live`: the images that run, their version, and whether they differ from the
/// ledger. `None` where nothing is deployed or no `live` command is configured.
pub fn live(deployment: &DeploymentContext<'_>, state: &EnvironmentState) -> Result<Option<Value>> {
    let Some(running) = &state.running else { return Ok(None) };
    let context = deployment.context;
    let values = Values::new(
        &deployment.locate(&running.release)?,
        &deployment.environment,
        &deployment.package,
        None,
    );
    let commands = deploy::live_commands(&deployment.rules, &values)?;
    if commands.is_empty() {
        return Ok(None);
    }
    let environment = deployment.command_environment();
    let repo = context.repo()?;
    let commit = deployment.config_commit.map_or_else(|| repo.head().map(|head| head.commit), Ok)?;
    let temporary = context.temporary_folder()?;
    let workspace = Workspace::prepare(repo, deployment.rules.tree, commit, context.folder(), temporary)?;
    let images = deploy::query_live(&deployment.rules, &commands, &workspace, &environment, &values);
    workspace.remove()?;
    let images = images?;
    let mut known =
        std::iter::once(&running.release).chain(state.healthy.iter().map(|healthy| &healthy.release));
    let found = known.find(|release| runs(release, &images));
    let drift = !runs(&running.release, &images);
    Ok(Some(json!({
        "images": images,
        "version": found.and_then(|release| release.version.as_ref()),
        "drift": drift,
    })))
}
