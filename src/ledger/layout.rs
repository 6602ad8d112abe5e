//! Where what stands in the tip's tree, and how it is read and written. Leans on `model`.

use crate::error::{Error, Kind, Result};
use crate::model::CommitId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Says which format the tree is in.
pub(super) const FORMAT_FILE: &str = "format";
/// What the commit records.
pub(super) const EVENT_FILE: &str = "event.json";
/// What holds for everything.
pub(super) const ALL_FILE: &str = "all.json";

/// What an event changes in one file of the tree; without a text the file goes away.
pub type FileChange = (String, Option<String>);

/// The files of a tree.
pub trait Files {
    /// The text of a file; `None` where there is none.
    fn read(&self, path: &str) -> Result<Option<String>>;
    /// The names of what lies in a folder, in order; none where it is not there.
    fn list(&self, folder: &str) -> Result<Vec<String>>;
}

/// `state/<package>/<environment>.json`.
pub(super) fn state(package: &str, environment: &str) -> String {
    format!("state/{package}/{environment}.json")
}

/// `env/<environment>.json`; for everything `all.json`.
pub(super) fn whole(environment: Option<&str>) -> String {
    environment.map_or_else(|| ALL_FILE.to_owned(), |environment| format!("env/{environment}.json"))
}

/// `bad/<package>/<build commit>.json`.
pub(super) fn bad(package: &str, commit: CommitId) -> String {
    format!("bad/{package}/{commit}.json")
}

/// The newest event of the chain in which a package's builds become bad and good.
pub(super) fn bad_chain(package: &str) -> String {
    format!("bad/{package}/newest.json")
}

/// The file that holds the newest event of a chain.
pub(super) fn chain(package: Option<&str>, environment: Option<&str>) -> String {
    match (package, environment) {
        (Some(package), Some(environment)) => state(package, environment),
        (Some(package), None) => bad_chain(package),
        (None, environment) => whole(environment),
    }
}

/// Reads a file of a tree.
pub(super) fn read<T: DeserializeOwned>(files: &dyn Files, path: &str) -> Result<Option<T>> {
    let Some(text) = files.read(path)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Error::new(Kind::Conflict, format!("{path} of the ledger cannot be read"))
            .cause(error)
            .hint("`rel ledger verify` says what else is wrong; a newer rel may have written it")
    })
}

/// The text of a file: JSON for people, one value a line, so that `git show` shows what changed.
pub(super) fn write(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| Error::defect("an entry of the ledger cannot be written").cause(error))
}
