//! Collects the edits of all files, and every problem on the way. Several `[[file]]` entries may change one file.

use super::spanned_string::{SpannedString, line_number};
use super::version_change::{Match, VersionChange};
use super::{FileEdit, FileSource, Replacement};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// The edits so far.
pub(super) struct FileEdits<'a> {
    source: &'a FileSource<'a>,
    files: BTreeMap<String, PendingFile>,
    errors: Vec<Error>,
}

/// A file that was read, and what is to be replaced in it.
struct PendingFile {
    text: Rc<str>,
    substitutions: Vec<Substitution>,
}

/// Bytes to replace.
struct Substitution {
    range: Range<usize>,
    to: String,
    label: String,
}

impl<'a> FileEdits<'a> {
    pub(super) fn new(source: &'a FileSource<'a>) -> Self {
        FileEdits { source, files: BTreeMap::new(), errors: Vec::new() }
    }

    /// Returns the text of a file; `None` if it does not exist.
    fn read_optional(&mut self, path: &str) -> Result<Option<Rc<str>>> {
        if let Some(file) = self.files.get(path) {
            return Ok(Some(Rc::clone(&file.text)));
        }
        let Some(text) = (self.source.read)(path)? else { return Ok(None) };
        let text: Rc<str> = text.into();
        let file = PendingFile { text: Rc::clone(&text), substitutions: Vec::new() };
        self.files.insert(path.to_owned(), file);
        Ok(Some(text))
    }

    /// Returns the text of a file that `release.toml` names.
    pub(super) fn read(&mut self, path: &str) -> Result<Rc<str>> {
        self.read_optional(path)?.ok_or_else(|| {
            Error::refused(format!("{path} does not exist, but is listed as a [[file]] in release.toml"))
                .hint(format!("restore {path}, or remove its [[file]] from release.toml"))
        })
    }

    /// Returns the text of a related file, such as a lockfile; `None` if git does not track it.
    pub(super) fn read_tracked(&mut self, path: &str) -> Result<Option<Rc<str>>> {
        if self.tracked(path).iter().any(|tracked| tracked == path) {
            self.read_optional(path)
        } else {
            Ok(None)
        }
    }

    /// Returns the tracked paths at or below a path.
    pub(super) fn tracked(&self, path: &str) -> Vec<String> {
        (self.source.tracked)(path)
    }

    /// Returns `path:line` of a byte offset.
    pub(super) fn location(&self, path: &str, offset: usize) -> String {
        let line = self.files.get(path).map_or(1, |file| line_number(&file.text, offset));
        format!("{path}:{line}")
    }

    /// Replaces a string.
    pub(super) fn replace(
        &mut self,
        path: &str,
        string: &SpannedString,
        to: impl Into<String>,
        label: impl Into<String>,
    ) {
        if let Some(file) = self.files.get_mut(path) {
            let (range, to, label) = (string.range.clone(), to.into(), label.into());
            file.substitutions.push(Substitution { range, to, label });
        }
    }

    /// Replaces a string that must be the old or the new version.
    pub(super) fn replace_version(
        &mut self,
        change: &VersionChange,
        path: &str,
        string: &SpannedString,
        label: &str,
    ) {
        match change.match_text(&string.value) {
            Match::Old => self.replace(path, string, change.to.to_string(), label),
            Match::New => {}
            Match::Other => self.add_error(self.mismatch(change, path, string)),
        }
    }

    /// Returns the error for a string that is neither the old nor the new version.
    pub(super) fn mismatch(&self, change: &VersionChange, path: &str, string: &SpannedString) -> Error {
        change.mismatch(&self.location(path, string.range.start), &string.value)
    }

    /// Remembers an error. The other files are still read, so that all errors are reported.
    pub(super) fn add_error(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// Returns the edits, or all errors.
    pub(super) fn finish(mut self) -> Result<Vec<FileEdit>> {
        let mut edits = Vec::new();
        for (path, file) in std::mem::take(&mut self.files) {
            match file.into_edit(&path) {
                Ok(edit) => edits.extend(edit),
                Err(error) => self.errors.push(error),
            }
        }
        Error::combine("", self.errors).map_or(Ok(edits), Err)
    }
}

impl PendingFile {
    /// Returns the edit; `None` if nothing changes.
    fn into_edit(mut self, path: &str) -> Result<Option<FileEdit>> {
        self.substitutions.sort_by_key(|substitution| (substitution.range.start, substitution.range.end));
        // Two entries may find the same version.
        self.substitutions.dedup_by(|later, earlier| later.range == earlier.range && later.to == earlier.to);
        let mut after = String::with_capacity(self.text.len());
        let mut replacements = Vec::new();
        let mut copied = 0;
        for Substitution { range, to, label } in self.substitutions {
            let line = line_number(&self.text, range.start);
            let (Some(between), Some(from)) =
                (self.text.get(copied..range.start), self.text.get(range.clone()))
            else {
                let message = format!("{path}:{line}: two [[file]] entries in release.toml overlap here");
                return Err(Error::refused(message).hint(format!("remove one of them for {path}")));
            };
            after.push_str(between);
            after.push_str(&to);
            copied = range.end;
            if from != to {
                replacements.push(Replacement { line, label, from: from.to_owned(), to });
            }
        }
        after.push_str(self.text.get(copied..).unwrap_or_default());
        let before = self.text.to_string();
        let edit = FileEdit { path: path.to_owned(), before, after, replacements };
        Ok((!edit.replacements.is_empty()).then_some(edit))
    }
}
