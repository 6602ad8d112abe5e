//! `pyproject.toml`: the version of PEP 621 and that of poetry, in the spelling of PEP 440. Leans on `desk`, `document` and
//! `pep440`.

use super::desk::Desk;
use super::document::{Document, table, texts};
use super::pep440;
use super::step::{Verdict, VersionChange};
use crate::error::{Error, Result};
use crate::model::Version;

/// Edits a `pyproject.toml`.
pub(super) fn edit(desk: &mut Desk<'_>, step: &VersionChange, path: &str) -> Result<()> {
    let text = desk.open(path)?;
    let document = Document::parse(path, &text)?;
    let project = table(document.top(), "project");
    let poetry = table(document.top(), "tool").and_then(|tool| table(tool, "poetry"));
    let of = |parent: Option<_>| parent.and_then(|parent| document.held(parent, "version"));
    let places = [("project.version", of(project)), ("tool.poetry.version", of(poetry))];
    if places.iter().all(|(_, held)| held.is_none()) {
        return Err(none(
            project.is_some_and(|project| texts(project, "dynamic").any(|key| key == "version")),
            path,
            step,
        ));
    }
    let Some(to) = pep440::spell(&step.to) else {
        let message = format!("{path} cannot hold {}: Python knows no such prerelease", step.to);
        return Err(Error::refused(message).hint("PEP 440 knows the channels alpha, beta, rc and dev"));
    };
    let step = python(step);
    for (what, held) in places {
        let Some(held) = held else { continue };
        match step.judge(pep440::read(&held.value).as_ref()) {
            Verdict::Moves => desk.replace(path, &held, to.as_str(), what),
            Verdict::Already => {}
            Verdict::Other => desk.fault(step.elsewhere(&desk.place(path, held.range.start), &held.value)),
        }
    }
    Ok(())
}

/// The step with versions as `pep440::read` gives them.
fn python(step: &VersionChange) -> VersionChange {
    let same = |version: &Version| pep440::read(&version.to_string()).unwrap_or_else(|| version.clone());
    VersionChange { from: step.from.iter().map(same).collect(), to: same(&step.to) }
}

/// The fault of a file without a version.
fn none(dynamic: bool, path: &str, step: &VersionChange) -> Error {
    if dynamic {
        return Error::refused(format!("{path} says dynamic = [\"version\"]: the version stands elsewhere"))
            .hint("name that file, with a pattern as in: pattern = '__version__ = \"{version}\"'; or remove this [[file]], where the version comes from git");
    }
    Error::refused(format!("{path} has no version in [project] or [tool.poetry]"))
        .hint(format!("add version = \"{}\" to [project]", step.sample()))
}
