//! The files in the tree of a tip: their paths, and how they are read and written.

use crate::error::{Error, Kind, Result};
use crate::model::CommitId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The format of the tree.
pub(super) const FORMAT_FILE: &str = "format";
/// The event that the commit records.
pub(super) const EVENT_FILE: &str = "event.json";
/// Holds and freezes of everything.
pub(super) const ALL_FILE: &str = "all.json";

/// The path of a file that an event changes, and its new text; `None` if the file is deleted.
pub type FileChange = (String, Option<String>);

/// The files of a tree.
pub trait Files {
    /// Returns the text of a file; `None` if it does not exist.
    fn read(&self, path: &str) -> Result<Option<String>>;
    /// Returns the names in a folder, sorted; none if it does not exist.
    fn list(&self, folder: &str) -> Result<Vec<String>>;
}

/// `state/<package>/<environment>.json`.
pub(super) fn state_file(package: &str, environment: &str) -> String {
    format!("state/{package}/{environment}.json")
}

/// `env/<environment>.json`; `all.json` for everything.
pub(super) fn global_file(environment: Option<&str>) -> String {
    environment.map_or_else(|| ALL_FILE.to_owned(), |environment| format!("env/{environment}.json"))
}

/// `bad/<package>/<build commit>.json`.
pub(super) fn bad_file(package: &str, commit: CommitId) -> String {
    format!("bad/{package}/{commit}.json")
}

/// `bad/<package>/newest.json`: the newest event that marked a build as bad, or removed such a mark.
pub(super) fn bad_chain_file(package: &str) -> String {
    format!("bad/{package}/newest.json")
}

/// The file with the newest event of a chain.
pub(super) fn chain_file(package: Option<&str>, environment: Option<&str>) -> String {
    match (package, environment) {
        (Some(package), Some(environment)) => state_file(package, environment),
        (Some(package), None) => bad_chain_file(package),
        (None, environment) => global_file(environment),
    }
}

/// Reads and parses a file of a tree; `None` if it does not exist.
///
/// # Errors
///
/// 5 if it cannot be parsed.
pub(super) fn read_json<T: DeserializeOwned>(files: &dyn Files, path: &str) -> Result<Option<T>> {
    let Some(text) = files.read(path)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Error::new(Kind::Conflict, format!("cannot parse {path} of the ledger"))
            .cause(error)
            .hint("rel ledger verify   # shows what else is wrong")
            .hint("update rel, if a newer version wrote it")
    })
}

/// Returns the text of a file: JSON with one value on each line, so that `git show` shows what changed.
pub(super) fn to_json(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| Error::defect("cannot write a file of the ledger as JSON").cause(error))
}
