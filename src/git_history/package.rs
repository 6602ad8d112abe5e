//! The packages of a repository and the formats of their tags.

use crate::config::{Config, PackageRule};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{TagFormat, Version, suggest};

/// A package that is released on its own.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The formats that its tags may have. A configured one comes first, and new tags get it.
    pub formats: Vec<TagFormat>,
    /// The format of new tags is configured, not taken from existing tags (V1).
    pub configured: bool,
    /// Its paths; `None` in a repository with one package.
    pub rule: Option<PackageRule>,
}

impl Package {
    /// Returns the version in the name of a tag of this package; `None` if it is not one.
    pub fn version_of(&self, tag: &str) -> Option<Version> {
        self.formats.iter().find_map(|format| format.read(tag))
    }

    fn new(name: &str, config: &Config, rule: Option<&PackageRule>) -> Result<Self> {
        let format = |template: &str| {
            TagFormat::parse(template, name)
                .map_err(|fault| Error::usage(format!("tag format {template}: {fault}")))
        };
        let mut formats: Vec<TagFormat> = match (&config.version.tag, rule) {
            (Some(template), _) => vec![format(template)?],
            (None, Some(_)) => vec![format("{package}-v{version}")?],
            (None, None) => vec![TagFormat::new("v", ""), TagFormat::new("", "")],
        };
        for template in &config.version.legacy_tags {
            let format = format(template)?;
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        let configured = config.version.tag.is_some() || rule.is_some();
        Ok(Package { name: name.to_owned(), formats, configured, rule: rule.cloned() })
    }
}

/// Returns the package with a name, or without a name all packages in the order of `release.toml`.
///
/// # Errors
///
/// No package has that name (2, V28).
pub fn packages(context: &Context, named: Option<&str>) -> Result<Vec<Package>> {
    packages_of(context, context.config()?, named)
}

/// Returns the same by a configuration other than that of the work tree.
pub fn packages_of(context: &Context, config: &Config, named: Option<&str>) -> Result<Vec<Package>> {
    if config.packages.is_empty() {
        let name = match &config.name {
            Some(name) => name.clone(),
            None => context.repo()?.name(),
        };
        return match named {
            Some(named) if named != name => Err(unknown(named, &[&name], "this repository has one package")),
            _ => Ok(vec![Package::new(&name, config, None)?]),
        };
    }
    let names: Vec<&str> = config.packages.iter().map(|rule| rule.name.as_str()).collect();
    if let Some(named) = named.filter(|named| !names.contains(named)) {
        return Err(unknown(named, &names, "release.toml has these packages"));
    }
    let chosen = config.packages.iter().filter(|rule| named.is_none_or(|named| rule.name == named));
    chosen.map(|rule| Package::new(&rule.name, config, Some(rule))).collect()
}

fn unknown(named: &str, names: &[&str], what: &str) -> Error {
    let error =
        Error::usage(format!("no package is named {named}")).cause(format!("{what}: {}", names.join(", ")));
    match suggest(named, names.iter().copied()) {
        Some(name) => error.hint(format!("--package {name}")),
        None => error,
    }
}
