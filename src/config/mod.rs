//! `release.toml`: parsed once into checked types, with every fault reported at once.
//!
//! `raw` has a type for every table and every format of a string; `reader` reads them from the parsed TOML (`syntax`) and
//! notes faults; `cross_checks` finds faults between parts of the file; `convert` fills in defaults.

mod convert;
mod cross_checks;
mod environments;
mod error;
mod fault;
mod formats;
mod lines;
mod parse;
mod quote;
mod raw;
mod reader;
mod rules;
mod schema;

mod syntax;
#[cfg(test)]
mod tests;

pub use crate::model::VersionFile;
pub use environments::{Accept, CommandLine, Deployer, EnvironmentRules, Kubectl, Lane, Tree};
pub use rules::{
    BranchRule, ChangelogRules, Config, CutRules, ImageRule, LedgerRules, PackageRule, RegistryRule,
    VersionRules,
};

use crate::error::{Error, Result};

/// The name of the file at the top of a repository.
pub const FILE: &str = "release.toml";

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Reads the text of `file`.
///
/// # Errors
///
/// Exit code 2 with every fault: the snippets show each in its line, the causes hold one line for each.
pub fn read(file: &str, text: &str) -> Result<Config> {
    if text.len() > MAX_BYTES {
        let message = format!("{file} has {} bytes; the limit is {MAX_BYTES}", text.len());
        return Err(Error::usage(message));
    }
    // A byte order mark does not belong to the text, and would shift every column.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    parse::parse(text).map(convert::config).map_err(|faults| error::error(file, text, faults))
}

/// Returns the JSON schema of `release.toml` (draft 2020-12), for people and for editors.
pub fn schema() -> String {
    format!("{:#}\n", schema::generate())
}

/// Returns whether a text can be the name of an environment or a package.
pub fn is_name(text: &str) -> bool {
    formats::name(text).is_ok()
}

/// Parses a duration as release.toml has them: `2h`, `1h30m`, `90s`. `None` for anything else.
pub fn parse_duration(text: &str) -> Option<std::time::Duration> {
    formats::parse_duration(text)
}
