//! The packages of the configuration that the ledger's verbs follow.

use crate::error::{Error, Result};
use crate::git_history::{Package, packages_of};
use crate::ledger::Ledger;

/// Returns the named package, or all packages.
///
/// # Errors
///
/// 2 if no package has that name.
pub fn packages(ledger: &Ledger<'_>, named: Option<&str>) -> Result<Vec<Package>> {
    packages_of(ledger.context(), ledger.config(), named)
}

/// Returns the named package, or the only one.
///
/// # Errors
///
/// 2 if there are several packages and none is named, or if no package has that name.
pub fn package(ledger: &Ledger<'_>, named: Option<&str>) -> Result<Package> {
    let mut packages = packages(ledger, named)?;
    if packages.len() > 1 {
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        return Err(Error::usage("there are several packages, and none was named")
            .cause(format!("release.toml defines {}", names.join(", ")))
            .hint(format!("--package {}", names.first().unwrap_or(&"NAME"))));
    }
    packages.pop().ok_or_else(|| Error::defect("a repository without a package"))
}

/// Returns the name of the named package; `None` if none was named, which means all of them.
///
/// # Errors
///
/// 2 if no package has that name.
pub fn optional_package(ledger: &Ledger<'_>, named: Option<&str>) -> Result<Option<String>> {
    named.map(|named| package(ledger, Some(named)).map(|package| package.name)).transpose()
}

/// Returns the name of the named package, or of the only one. At a terminal it asks which of several is meant, and lists
/// the one that changed last in the environment first.
///
/// # Errors
///
/// 2 if there are several packages, none is named and there is no terminal.
pub fn choose_package(ledger: &Ledger<'_>, named: Option<&str>, environment: &str) -> Result<String> {
    let ui = ledger.context().ui();
    let mut names: Vec<String> = packages(ledger, named)?.into_iter().map(|package| package.name).collect();
    if names.len() < 2 || !ui.is_interactive() {
        return package(ledger, named).map(|package| package.name);
    }
    let newest = |name: &String| {
        let state = ledger.snapshot().environment(name, environment).ok().flatten();
        std::cmp::Reverse(state.map(|state| state.newest.at))
    };
    names.sort_by_key(newest);
    let chosen = ui.choose(&format!("Which package of {environment}?"), &names)?;
    names.into_iter().nth(chosen).ok_or_else(|| Error::defect("a choice that was not offered"))
}
