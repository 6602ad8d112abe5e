//! `package.json` and the locks beside it: the version at the top, in a lock also that of its root package; never one
//! that is nested deeper. Leans on `desk` and serde_json.

use super::desk::Desk;
use super::held::{Held, line};
use super::step::VersionChange;
use crate::error::{Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// The locks of npm, which repeat the version of what they lock.
const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

/// What is read of either file; serde says where a key stands that is there twice.
#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    packages: Option<&'a RawValue>,
}

/// One of the packages of a lock.
#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

/// Edits a `package.json` and its locks.
pub(super) fn edit(desk: &mut Desk<'_>, step: &VersionChange, path: &str) -> Result<()> {
    let text = desk.open(path)?;
    let top: Top<'_> = parse(path, &text, &text)?;
    let Some(version) = held(&text, top.version) else {
        return Err(Error::refused(format!("{path} has no version at its top"))
            .hint(format!("add \"version\": \"{}\" to {path}", step.sample())));
    };
    desk.require(step, path, &version, "version");
    let folder = path.strip_suffix("package.json").unwrap_or_default();
    for lock in LOCKS {
        edit_lock(desk, step, &format!("{folder}{lock}"))?;
    }
    Ok(())
}

fn edit_lock(desk: &mut Desk<'_>, step: &VersionChange, path: &str) -> Result<()> {
    let Some(text) = desk.beside(path)? else { return Ok(()) };
    let top: Top<'_> = parse(path, &text, &text)?;
    if let Some(version) = held(&text, top.version) {
        desk.require(step, path, &version, "version");
    }
    let Some(packages) = top.packages else { return Ok(()) };
    let packages: HashMap<Cow<'_, str>, &RawValue> = parse(path, &text, packages.get())?;
    let Some(root) = packages.get("") else { return Ok(()) };
    let root: Package<'_> = parse(path, &text, root.get())?;
    if let Some(version) = held(&text, root.version) {
        desk.require(step, path, &version, "packages[\"\"].version");
    }
    Ok(())
}

/// Reads a part of a file.
fn parse<'a, T: Deserialize<'a>>(path: &str, text: &'a str, part: &'a str) -> Result<T> {
    // Editors on Windows write a byte order mark, which npm takes too.
    let part = part.strip_prefix('\u{feff}').unwrap_or(part);
    serde_json::from_str(part).map_err(|error| {
        let line = line(text, offset(text, part)) + error.line().saturating_sub(1);
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        Error::refused(format!("{path}:{line} cannot be read: {why}"))
            .hint(format!("mend {path}: rel changes no file that it cannot read"))
    })
}

/// The string that a value is; what is no string is shown as it is written.
fn held(text: &str, value: Option<&RawValue>) -> Option<Held> {
    let token = value?.get();
    let value = serde_json::from_str(token).unwrap_or_else(|_| token.to_owned());
    Some(Held::in_token(token, offset(text, token), &value))
}

/// Where a part of a text begins: serde_json borrows raw values from the text that it reads.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}
