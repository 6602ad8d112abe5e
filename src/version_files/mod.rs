//! Files that repeat the version: from their content to the edits that a release makes, as data. Pure: files are read through
//! `FileSource`, and nothing is written. An edit replaces the bytes of versions and nothing else.

mod cargo;
mod chart;
mod file_edits;
mod npm;
mod pep440;
mod pyproject;
mod spanned_string;
#[cfg(test)]
mod tests;
mod text_pattern;
mod toml_document;
mod version_change;

pub use version_change::VersionChange;

use crate::error::{Error, Result};
use crate::model::VersionFile;
use file_edits::FileEdits;

/// Access to the files of the work tree. Paths are relative to the top of the repository, with `/`.
#[derive(Clone, Copy)]
pub struct FileSource<'a> {
    /// Returns the text of a file; `None` if it does not exist.
    pub read: &'a dyn Fn(&str) -> Result<Option<String>>,
    /// Returns the tracked paths at or below a path, like `git ls-files -- path`; all for an empty path.
    pub tracked: &'a dyn Fn(&str) -> Vec<String>,
}

/// What changes in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The path of the file.
    pub path: String,
    /// Its text now.
    pub before: String,
    /// Its text after the edit.
    pub after: String,
    /// The differences, from top to bottom.
    pub replacements: Vec<Replacement>,
}

/// One version that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The line, from 1.
    pub line: usize,
    /// What it is: `package.version`, `dependencies.core`, a pattern.
    pub label: String,
    /// The text before.
    pub from: String,
    /// The text after.
    pub to: String,
}

/// Returns the edits that a version change makes in the files that repeat the version, in the order of their paths. Files
/// that have the new version already are left as they are, so that a release can be repeated.
///
/// # Errors
///
/// Exit code 4 with all problems at once: a file does not exist, cannot be parsed or has another version. Errors of the
/// reader are returned as they are.
pub fn edits(
    files: &[VersionFile],
    source: &FileSource<'_>,
    change: &VersionChange,
) -> Result<Vec<FileEdit>> {
    let mut edits = FileEdits::new(source);
    for file in files {
        if let Err(error) = edit(&mut edits, file, change) {
            edits.add_error(error);
        }
    }
    edits.finish()
}

fn edit(edits: &mut FileEdits<'_>, file: &VersionFile, change: &VersionChange) -> Result<()> {
    let path = file.path.as_str();
    if let Some(pattern) = &file.pattern {
        return text_pattern::edit(edits, change, path, pattern, file.matches);
    }
    match path.rsplit('/').next().unwrap_or_default() {
        "Cargo.toml" => cargo::edit(edits, change, path),
        "package.json" => npm::edit(edits, change, path),
        "pyproject.toml" => pyproject::edit(edits, change, path),
        "Chart.yaml" => chart::edit(edits, change, path),
        _ => Err(Error::defect(format!("{path} is not a known version file and has no pattern"))),
    }
}
