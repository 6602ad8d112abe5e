//! Whether the platform runs what was recorded: the images that it names against the digests of a release. Leans on
//! `deploy`.

use super::place::DeploymentContext;
use super::plan::Plan;
use crate::deploy::{self, Outcome, Values, Workspace};
use crate::error::Result;
use crate::model::{EnvironmentState, Release, State};
use crate::process::CommandEnvironment;
use serde_json::{Value, json};

/// What another system deployed is healthy where the platform runs these very digests, and only recorded where it does
/// not, or does not answer.
pub(super) fn asked(
    place: &DeploymentContext<'_>,
    plan: &Plan,
    workspace: &Workspace<'_>,
    environment: &CommandEnvironment,
) -> Outcome {
    let words = deploy::live_commands(&place.rules, &plan.values).and_then(|questions| {
        deploy::query_live(&place.rules, &questions, workspace, environment, &plan.values)
    });
    let state = match words {
        Ok(words) if runs(&plan.release, &words) => State::Healthy,
        Ok(_) => State::Recorded,
        Err(error) => {
            place.context.ui().warning(error.message);
            State::Recorded
        }
    };
    Outcome { state, fault: None, parts: Vec::new(), checked: false }
}

/// Whether every digest of a release is among these words.
fn runs(release: &Release, words: &[String]) -> bool {
    let there = |digest: &str| words.iter().any(|word| word.ends_with(digest));
    !release.pin.images.is_empty() && release.pin.images.iter().all(|image| there(image.digest.as_str()))
}

/// What runs there really, as `live` of `rel status --live`: the images, the version that they are of, and whether that is
/// not what the ledger says. `None` where the environment cannot be asked.
pub fn live(place: &DeploymentContext<'_>, state: &EnvironmentState) -> Result<Option<Value>> {
    let Some(running) = &state.running else { return Ok(None) };
    let values = Values::new(&running.release, &place.environment, &place.package, None);
    let questions = deploy::live_commands(&place.rules, &values)?;
    if questions.is_empty() {
        return Ok(None);
    }
    let environment = CommandEnvironment::allowlisted(
        &|name| place.context.variable(name),
        &place.rules.pass_env,
        &place.urls,
    );
    let repo = place.context.repo()?;
    let commit = place.config_commit.map_or_else(|| repo.head().map(|head| head.commit), Ok)?;
    let workspace = Workspace::prepare(repo, place.rules.tree, commit, place.context.folder())?;
    let words = deploy::query_live(&place.rules, &questions, &workspace, &environment, &values);
    workspace.remove()?;
    let words = words?;
    let known = std::iter::once(&running.release).chain(state.healthy.iter().map(|healthy| &healthy.release));
    let found = known.into_iter().find(|release| runs(release, &words));
    let drift = !runs(&running.release, &words);
    Ok(Some(json!({
        "images": words,
        "version": found.and_then(|release| release.version.as_ref()),
        "drift": drift,
    })))
}
