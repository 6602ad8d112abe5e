//! `pyproject.toml`: the versions of `[project]` (PEP 621) and `[tool.poetry]`, in the spelling of PEP 440.

use super::file_edits::FileEdits;
use super::pep440;
use super::toml_document::{TomlDocument, strings, table};
use super::version_change::{Match, VersionChange};
use crate::error::{Error, Result};
use crate::model::Version;

/// Edits a `pyproject.toml`.
pub(super) fn edit(edits: &mut FileEdits<'_>, change: &VersionChange, path: &str) -> Result<()> {
    let text = edits.read(path)?;
    let document = TomlDocument::parse(path, &text)?;
    let project = table(document.root(), "project");
    let poetry = table(document.root(), "tool").and_then(|tool| table(tool, "poetry"));
    let version = |parent: Option<_>| parent.and_then(|parent| document.string_at(parent, "version"));
    let versions = [("project.version", version(project)), ("tool.poetry.version", version(poetry))];
    if versions.iter().all(|(_, version)| version.is_none()) {
        let is_dynamic =
            project.is_some_and(|project| strings(project, "dynamic").any(|key| key == "version"));
        return Err(no_version(is_dynamic, path, change));
    }
    let Some(to) = pep440::print(&change.to) else {
        let message = format!("{path} cannot have {}: PEP 440 has no such prerelease", change.to);
        return Err(Error::refused(message).hint("use one of the channels alpha, beta, rc or dev"));
    };
    let change = normalized(change);
    for (label, version) in versions {
        let Some(version) = version else { continue };
        match change.match_version(pep440::parse(&version.value).as_ref()) {
            Match::Old => edits.replace(path, &version, to.as_str(), label),
            Match::New => {}
            Match::Other => edits.add_error(edits.mismatch(&change, path, &version)),
        }
    }
    Ok(())
}

/// Returns the version change with versions as `pep440::parse` returns them.
fn normalized(change: &VersionChange) -> VersionChange {
    let normalize =
        |version: &Version| pep440::parse(&version.to_string()).unwrap_or_else(|| version.clone());
    VersionChange { from: change.from.iter().map(normalize).collect(), to: normalize(&change.to) }
}

/// Returns the error for a file without a version.
fn no_version(is_dynamic: bool, path: &str, change: &VersionChange) -> Error {
    if is_dynamic {
        return Error::refused(format!("{path} has dynamic = [\"version\"]: the version is defined elsewhere"))
            .hint("point this [[file]] at the file that defines the version, with pattern = '__version__ = \"{version}\"' or similar; or remove it if the version comes from git");
    }
    Error::refused(format!("{path} has no version in [project] or [tool.poetry]"))
        .hint(format!("add version = \"{}\" to [project]", change.example()))
}
