//! Asks the platform what really runs: the `live` commands, or the named deployer's own. Leans on `process`.

use super::ground::{Ground, Surroundings};
use super::kubectl;
use super::process::{self, End, Task};
use super::stop::Stop;
use super::template::Values;
use crate::config::{Deployer, EnvironmentRules, Words};
use crate::error::{Error, Result};

/// The commands that ask; empty where none are known.
pub fn questions(rules: &EnvironmentRules, values: &Values) -> Result<Vec<Words>> {
    match (&rules.live[..], &rules.deployer) {
        ([], Deployer::Kubectl(deployer)) => Ok(vec![kubectl::live(deployer)]),
        (live, _) => values.fill_all(live),
    }
}

/// What runs: every word that the commands printed.
pub fn ask(
    rules: &EnvironmentRules,
    questions: &[Words],
    ground: &Ground<'_>,
    surroundings: &Surroundings,
    values: &Values,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut variables = surroundings.variables.clone();
    variables.extend(values.variables());
    variables.push(("REL_ACTION".to_owned(), "live".to_owned()));
    for words in questions {
        let task = Task {
            words,
            folder: ground.folder(),
            variables: &variables,
            timeout: rules.timeout,
            mask: &surroundings.mask,
        };
        let mut said = Vec::new();
        let mut told = |line: &str| said.extend(line.split_whitespace().map(str::to_owned));
        let ended = process::run(&task, &Stop::default(), &mut told, &mut || {})?;
        if ended.end != End::Done {
            let program = words.first().map_or("", String::as_str);
            let error = Error::unreachable(format!("{} cannot be asked what runs there", rules.name));
            let error = error.cause(format!("`{program}` did not answer"));
            return Err(ended.tail.into_iter().fold(error, |error, line| error.cause(format!("| {line}"))));
        }
        found.append(&mut said);
    }
    Ok(found)
}
