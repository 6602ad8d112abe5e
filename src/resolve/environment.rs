//! Environments by their exact names.

use crate::config::{Accept, Config, EnvironmentRules};
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

/// Returns whether at least one environment accepts bare commits, so that a commit can name a release.
pub fn environment_accepts_commits(ledger: &Ledger<'_>) -> bool {
    let environments = &ledger.config().environments;
    let accepts = |name| environments.get(name, "").is_some_and(|rules| rules.accept == Accept::Any);
    environments.names().any(accepts)
}

/// Returns the names of all environments in the order in which releases go through them: after the environment that they
/// are promoted from, else development before production.
pub fn environments_in_order(config: &Config) -> Vec<String> {
    // The check of the configuration refuses cycles; this only keeps the loop finite.
    const MAX_DEPTH: usize = 100;
    let environments = &config.environments;
    let depth = |name: &str| {
        let from = |name: &String| environments.get(name, "").and_then(|rules| rules.from.clone());
        std::iter::successors(from(&name.to_owned()), from).take(MAX_DEPTH).count()
    };
    let rank = |name: &str| ["dev", "test", "stag", "prod"].iter().position(|word| name.starts_with(word));
    let mut names: Vec<String> = environments.names().map(str::to_owned).collect();
    names.sort_by_key(|name| (depth(name), rank(name).unwrap_or(2), name.clone()));
    names
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
        return error.cause("release.toml on the default branch defines none").hint(format!(
            "add to release.toml, and merge it into the default branch:\n  [environment.{typed}]"
        ));
    }
    let error = error.cause(format!("release.toml defines {}", names.join(", ")));
    match suggest(typed, names) {
        Some(name) => error.hint(format!("did you mean {name}?")),
        None => error,
    }
}
