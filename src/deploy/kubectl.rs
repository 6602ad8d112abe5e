//! The deployer named `kubectl`: the commands that a user would otherwise write in release.toml.

use super::template::Values;
use crate::config::{CommandLine, Kubectl};
use crate::error::{Error, Kind, Result};
use std::time::Duration;

/// Returns the commands that set the images of a workload, by digest, and wait until they run.
pub(super) fn commands(deployer: &Kubectl, values: &Values, timeout: Duration) -> Result<Vec<CommandLine>> {
    let containers = containers(deployer, values).map(|(container, image)| Ok((container, image?)));
    set_images(deployer, values, containers.collect::<Result<_>>()?, timeout)
}

/// Returns the same commands, without the containers whose image the release does not have: for each, a sentence goes to
/// `skipped`.
pub(super) fn possible_commands(
    deployer: &Kubectl,
    values: &Values,
    timeout: Duration,
    skipped: &mut Vec<String>,
) -> Result<Vec<CommandLine>> {
    let mut possible = Vec::new();
    for (container, image) in containers(deployer, values) {
        match image {
            Ok(image) => possible.push((container, image)),
            Err(error) if error.kind == Kind::Missing => {
                skipped.push(format!("{}, so container {container} is left as it is", error.message));
            }
            Err(error) => return Err(error),
        }
    }
    set_images(deployer, values, possible, timeout)
}

/// Returns the containers of a workload, each with the image that it gets.
fn containers(deployer: &Kubectl, values: &Values) -> impl Iterator<Item = (String, Result<String>)> {
    let named = deployer.containers.iter().map(|(container, image)| (container.clone(), image.clone()));
    let images = values.images.iter().map(|image| (image.name.clone(), image.name.clone()));
    let all: Vec<(String, String)> =
        if deployer.containers.is_empty() { images.collect() } else { named.collect() };
    all.into_iter().map(|(container, image)| (container, values.fill(&format!("{{image.{image}}}"))))
}

fn set_images(
    deployer: &Kubectl,
    values: &Values,
    containers: Vec<(String, String)>,
    timeout: Duration,
) -> Result<Vec<CommandLine>> {
    if containers.is_empty() {
        return Err(Error::missing(format!("{} has no image to set in {}", values.tag, deployer.workload))
            .hint("add an [[image]] to release.toml"));
    }
    let mut set = kubectl(deployer);
    set.extend(["set".to_owned(), "image".to_owned(), deployer.workload.clone()]);
    set.extend(containers.into_iter().map(|(container, image)| format!("{container}={image}")));
    let mut wait = kubectl(deployer);
    wait.extend(["rollout".to_owned(), "status".to_owned(), deployer.workload.clone()]);
    wait.push(format!("--timeout={}s", timeout.as_secs()));
    Ok(vec![set, wait])
}

/// Returns the command that prints the images of the workload.
pub(super) fn live(deployer: &Kubectl) -> CommandLine {
    let mut get = kubectl(deployer);
    get.extend(["get".to_owned(), deployer.workload.clone(), "-o".to_owned()]);
    get.push("jsonpath={.spec.template.spec.containers[*].image}".to_owned());
    get
}

fn kubectl(deployer: &Kubectl) -> CommandLine {
    let mut words = vec!["kubectl".to_owned()];
    words.extend(deployer.context.iter().map(|context| format!("--context={context}")));
    words.extend(deployer.namespace.iter().map(|namespace| format!("--namespace={namespace}")));
    words
}
