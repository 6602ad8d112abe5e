//! Whether the programs that commands name can be started where the commands run. It is found out before the first event: a
//! rollback that cannot start its program must not set a hold and a bad mark.

use super::command_tree::{CommandTree, is_executable};
use super::deployment_context::DeploymentContext;
use crate::deploy::Stage;
use crate::error::Error;
use crate::model::{EventKind, Release};
use std::path::Path;

/// Returns an error for each program of these stages that cannot be started. An earlier command may create a program, so one
/// that is not first is only missing where the tree of the configuration has it: then it was added after the release.
pub(super) fn missing_programs(
    deployment: &DeploymentContext<'_>,
    release: &Release,
    stages: &[Stage],
    tree: Option<CommandTree>,
    kind: &EventKind,
) -> Vec<Error> {
    let mut errors: Vec<Error> = Vec::new();
    let commands = stages.iter().flat_map(|stage| &stage.commands).filter_map(|command| command.first());
    for (place, program) in commands.enumerate() {
        let error = match (program.contains('/'), tree) {
            (false, _) => not_on_path(deployment, program),
            (true, _) if Path::new(program).is_absolute() => {
                (place == 0).then(|| not_at_path(deployment, program)).flatten()
            }
            (true, None) => None,
            (true, Some(tree)) => {
                let program = Program { name: program, is_first: place == 0 };
                program.not_in_tree(deployment, release, tree, kind)
            }
        };
        errors.extend(error.filter(|error| !errors.contains(error)));
    }
    errors
}

fn not_on_path(deployment: &DeploymentContext<'_>, program: &str) -> Option<Error> {
    let path = deployment.context.variable("PATH").unwrap_or_default();
    let exists = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let message = format!("{program} is not on PATH; commands of {} need it", deployment.environment);
    (!exists).then(|| Error::refused(message).hint(format!("install {program} on this machine")))
}

fn not_at_path(deployment: &DeploymentContext<'_>, program: &str) -> Option<Error> {
    let environment = &deployment.environment;
    let message = match is_executable(Path::new(program)) {
        Some(true) => return None,
        Some(false) => format!("{program} is not executable; commands of {environment} need it"),
        None => format!("{program} does not exist; commands of {environment} need it"),
    };
    Some(Error::refused(message).hint(format!("install {program} on this machine")))
}

/// A program with a relative path.
struct Program<'p> {
    name: &'p str,
    /// Nothing runs before it, so nothing can create it.
    is_first: bool,
}

impl Program<'_> {
    fn not_in_tree(
        &self,
        deployment: &DeploymentContext<'_>,
        release: &Release,
        tree: CommandTree,
        kind: &EventKind,
    ) -> Option<Error> {
        let (name, environment, label) = (self.name, &deployment.environment, release.label());
        let found = tree.can_start(deployment, name);
        let in_config = tree.only_config_has(deployment, name);
        let what = match found {
            Some(true) => return None,
            None if !self.is_first && !in_config => return None,
            Some(false) => "is not executable in",
            None => "does not exist in",
        };
        let error = Error::refused(format!("{name} {what} {}", tree.name(&label)))
            .cause(format!("commands of {environment} run there, and {name} is one of them"));
        Some(match (kind, in_config) {
            (EventKind::Rollback, true) => error.hint(format!(
                "rel rollback {environment} {label} --tree config{}   # runs the commands of the configuration",
                deployment.package_flag
            )),
            (_, true) => error.hint(format!(
                "to run commands in the tree of the configuration: set [environment.{environment}] tree = \"config\""
            )),
            (_, false) => error.hint(format!("add {name} to the repository, as an executable file")),
        })
    }
}
