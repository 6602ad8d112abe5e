//! The deployer named `kubectl`: the commands that a user would otherwise write in release.toml.

use super::template::Values;
use crate::config::{CommandLine, Kubectl};
use crate::error::{Error, Result};
use std::time::Duration;

/// Returns the commands that set the images of a workload, by digest, and wait until they run.
pub(super) fn commands(deployer: &Kubectl, values: &Values, timeout: Duration) -> Result<Vec<CommandLine>> {
    let containers: Vec<(String, String)> = if deployer.containers.is_empty() {
        values.images.iter().map(|image| (image.name.clone(), image.reference())).collect()
    } else {
        let one = |(container, image): (&String, &String)| {
            values.fill(&format!("{{image.{image}}}")).map(|reference| (container.clone(), reference))
        };
        deployer.containers.iter().map(one).collect::<Result<_>>()?
    };
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
