//! `package.json` and the lockfiles beside it: the top-level version, in a lockfile also that of the root package, but none
//! of a dependency.

use super::file_edits::FileEdits;
use super::spanned_string::{SpannedString, line_number};
use super::version_change::VersionChange;
use crate::error::{Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// The lockfiles of npm.
const LOCKFILES: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

/// The fields that are read of either file. serde reports a duplicate key with its line.
#[derive(Deserialize)]
struct NpmFile<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    packages: Option<&'a RawValue>,
}

/// One of the packages of a lockfile.
#[derive(Deserialize)]
struct LockedPackage<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

/// Edits a `package.json` and its lockfiles.
pub(super) fn edit(edits: &mut FileEdits<'_>, change: &VersionChange, path: &str) -> Result<()> {
    let text = edits.read(path)?;
    let file: NpmFile<'_> = parse(path, &text, &text)?;
    let Some(version) = string(&text, file.version) else {
        return Err(Error::refused(format!("{path} has no top-level version"))
            .hint(format!("add \"version\": \"{}\" to {path}", change.example())));
    };
    edits.replace_version(change, path, &version, "version");
    let folder = path.strip_suffix("package.json").unwrap_or_default();
    for lockfile in LOCKFILES {
        edit_lockfile(edits, change, &format!("{folder}{lockfile}"))?;
    }
    Ok(())
}

fn edit_lockfile(edits: &mut FileEdits<'_>, change: &VersionChange, path: &str) -> Result<()> {
    let Some(text) = edits.read_tracked(path)? else { return Ok(()) };
    let file: NpmFile<'_> = parse(path, &text, &text)?;
    if let Some(version) = string(&text, file.version) {
        edits.replace_version(change, path, &version, "version");
    }
    let Some(packages) = file.packages else { return Ok(()) };
    let packages: HashMap<Cow<'_, str>, &RawValue> = parse(path, &text, packages.get())?;
    let Some(root) = packages.get("") else { return Ok(()) };
    let root: LockedPackage<'_> = parse(path, &text, root.get())?;
    if let Some(version) = string(&text, root.version) {
        edits.replace_version(change, path, &version, "packages[\"\"].version");
    }
    Ok(())
}

/// Parses a part of a file.
fn parse<'a, T: Deserialize<'a>>(path: &str, text: &'a str, part: &'a str) -> Result<T> {
    // Editors on Windows write a byte order mark, which npm accepts.
    let part = part.strip_prefix('\u{feff}').unwrap_or(part);
    serde_json::from_str(part).map_err(|error| {
        let line = line_number(text, offset(text, part)) + error.line().saturating_sub(1);
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        Error::refused(format!("{path}:{line} is not valid: {why}")).hint(format!("fix the syntax of {path}"))
    })
}

/// Returns a value as a string; one that is not a string as it is written.
fn string(text: &str, value: Option<&RawValue>) -> Option<SpannedString> {
    let token = value?.get();
    let value = serde_json::from_str(token).unwrap_or_else(|_| token.to_owned());
    Some(SpannedString::in_token(token, offset(text, token), &value))
}

/// Returns the byte offset of a part of a text. serde_json borrows raw values from the text that it parses.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}
