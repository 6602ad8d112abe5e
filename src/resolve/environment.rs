//! Environments by their exact names.

use crate::config::{Config, EnvironmentRules};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::suggest;

/// Returns the rules of an environment for a package.
///
/// # Errors
///
/// 2 if no environment has exactly that name.
pub fn environment_rules(ledger: &Ledger<'_>, environment: &str, package: &str) -> Result<EnvironmentRules> {
    let config = ledger.config();
    let rules = config.environments.get(environment, package);
    rules.cloned().ok_or_else(|| no_such_environment(config, environment))
}

/// Whether an environment has exactly that name.
pub(super) fn is_environment(config: &Config, typed: &str) -> bool {
    config.environments.names().any(|name| name == typed)
}

/// The error for a name that no environment has.
pub(super) fn no_such_environment(config: &Config, typed: &str) -> Error {
    let error = Error::usage(format!("there is no environment {typed}"));
    let names: Vec<&str> = config.environments.names().collect();
    if names.is_empty() {
        return error.cause("release.toml on the default branch names none").hint(format!(
            "add to release.toml, and merge it into the default branch:\n  [environment.{typed}]"
        ));
    }
    let error = error.cause(format!("release.toml names {}", names.join(", ")));
    match suggest(typed, names) {
        Some(name) => error.hint(format!("did you mean {name}?")),
        None => error,
    }
}
