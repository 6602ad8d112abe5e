//! Files that repeat the version: from what the work tree holds to the edits that a release makes, as data. Pure: what is
//! read comes through `FileSource`, nothing is written. Every edit replaces the bytes of a version and no other. Leans on
//! `model` and `error`.

mod cargo;
mod chart;
mod desk;
mod document;
mod held;
mod npm;
mod pattern;
mod pep440;
mod python;
mod step;
#[cfg(test)]
mod tests;

pub use step::VersionChange;

use crate::error::{Error, Result};
use crate::model::VersionFile;
use desk::Desk;

/// What this room may see of the work tree. Paths begin at the top of the repository and are written with `/`.
#[derive(Clone, Copy)]
pub struct FileSource<'a> {
    /// The text of a file; `None` where there is no such file.
    pub read: &'a dyn Fn(&str) -> Result<Option<String>>,
    /// The tracked paths at or under a path, as `git ls-files -- path` has them; all of them for an empty one.
    pub tracked: &'a dyn Fn(&str) -> Vec<String>,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The file.
    pub path: String,
    /// Its whole text now.
    pub before: String,
    /// Its whole text then.
    pub after: String,
    /// Where the two differ, from the top of the file to its end.
    pub replacements: Vec<Replacement>,
}

/// One version that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The line, from 1.
    pub line: usize,
    /// What stands there: `package.version`, `dependencies.core`, a pattern.
    pub label: String,
    /// What it says now.
    pub from: String,
    /// What it says then.
    pub to: String,
}

/// Finds what a step from one version to the next changes in the files that repeat it, in the order of their paths.
/// What already holds the next version is left as it is, so that a release can be run again.
///
/// # Errors
///
/// Exit code 4 with every fault at once: a file that is missing, cannot be understood or holds another version. And
/// whatever the reader says.
pub fn edits(files: &[VersionFile], tree: &FileSource<'_>, step: &VersionChange) -> Result<Vec<FileEdit>> {
    let mut desk = Desk::new(tree);
    for file in files {
        if let Err(fault) = edit(&mut desk, file, step) {
            desk.fault(fault);
        }
    }
    desk.finish()
}

fn edit(desk: &mut Desk<'_>, file: &VersionFile, step: &VersionChange) -> Result<()> {
    let path = file.path.as_str();
    if let Some(pattern) = &file.pattern {
        return pattern::edit(desk, step, path, pattern, file.matches);
    }
    match path.rsplit('/').next().unwrap_or_default() {
        "Cargo.toml" => cargo::edit(desk, step, path),
        "package.json" => npm::edit(desk, step, path),
        "pyproject.toml" => python::edit(desk, step, path),
        "Chart.yaml" => chart::edit(desk, step, path),
        _ => Err(Error::defect(format!("{path} is not known by name and has no pattern"))),
    }
}
