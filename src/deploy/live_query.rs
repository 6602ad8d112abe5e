//! Asks the platform what really runs: with the `live` commands, or as the named deployer does it.

use super::kubectl;
use super::template::Values;
use super::workspace::Workspace;
use crate::config::{CommandLine, Deployer, EnvironmentRules};
use crate::error::{Error, Result};
use crate::process::{CommandEnvironment, CommandSpec, Observer, ProcessEnd, Stop};

/// Returns the commands that print what runs; none where the environment has none.
pub fn live_commands(rules: &EnvironmentRules, values: &Values) -> Result<Vec<CommandLine>> {
    match (&rules.live[..], &rules.deployer) {
        ([], Deployer::Kubectl(deployer)) => Ok(vec![kubectl::live(deployer)]),
        (live, _) => values.fill_all(live),
    }
}

/// Runs these commands, and returns every word that they printed.
///
/// # Errors
///
/// Exit code 6: a command failed.
pub fn query_live(
    rules: &EnvironmentRules,
    commands: &[CommandLine],
    workspace: &Workspace<'_>,
    environment: &CommandEnvironment,
    values: &Values,
) -> Result<Vec<String>> {
    let variables = values.variables().into_iter().chain([("REL_ACTION".to_owned(), "live".to_owned())]);
    let environment = variables.fold(environment.clone(), |all, (name, value)| all.with(name, value));
    let mut found = PrintedWords::default();
    for words in commands {
        let Some((program, arguments)) = words.split_first() else { continue };
        let spec =
            CommandSpec::new(program, environment.clone()).arguments(arguments).folder(workspace.folder());
        let supervised = spec.supervise(rules.timeout, &Stop::default(), &mut found)?;
        if supervised.end != ProcessEnd::Success {
            let error = Error::unreachable(format!("cannot find out what runs in {}", rules.name));
            let error = error.cause(format!("`{program}` failed"));
            let tail = supervised.tail.into_iter();
            return Err(tail.fold(error, |error, line| error.cause(format!("| {line}"))));
        }
    }
    Ok(found.0)
}

#[derive(Default)]
struct PrintedWords(Vec<String>);

impl Observer for PrintedWords {
    fn on_line(&mut self, line: &str) {
        self.0.extend(line.split_whitespace().map(str::to_owned));
    }
}
