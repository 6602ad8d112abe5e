//! Where the files lie open: what was read of each, what is to be replaced in it, and every fault on the way. Several
//! entries may change one file. Leans on `held` and `step`.

use super::held::{Held, line};
use super::step::{Verdict, VersionChange};
use super::{FileEdit, FileSource, Replacement};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// The open files.
pub(super) struct Desk<'a> {
    tree: &'a FileSource<'a>,
    sheets: BTreeMap<String, Sheet>,
    faults: Vec<Error>,
}

/// One open file.
struct Sheet {
    text: Rc<str>,
    changes: Vec<Change>,
}

/// Some bytes that are replaced.
struct Change {
    range: Range<usize>,
    to: String,
    what: String,
}

impl<'a> Desk<'a> {
    /// An empty desk.
    pub(super) fn new(tree: &'a FileSource<'a>) -> Self {
        Desk { tree, sheets: BTreeMap::new(), faults: Vec::new() }
    }

    /// The text of a file that may be missing.
    pub(super) fn look(&mut self, path: &str) -> Result<Option<Rc<str>>> {
        if let Some(sheet) = self.sheets.get(path) {
            return Ok(Some(Rc::clone(&sheet.text)));
        }
        let Some(text) = (self.tree.read)(path)? else { return Ok(None) };
        let text: Rc<str> = text.into();
        self.sheets.insert(path.to_owned(), Sheet { text: Rc::clone(&text), changes: Vec::new() });
        Ok(Some(text))
    }

    /// The text of a file that `release.toml` names.
    pub(super) fn open(&mut self, path: &str) -> Result<Rc<str>> {
        self.look(path)?.ok_or_else(|| {
            Error::refused(format!("{path} is not there, and release.toml says that it repeats the version"))
                .hint(format!("bring {path} back, or remove its [[file]] from release.toml"))
        })
    }

    /// The text of a file that nobody named; one that git does not keep stays as it is.
    pub(super) fn beside(&mut self, path: &str) -> Result<Option<Rc<str>>> {
        if self.tracked(path).iter().any(|tracked| tracked == path) { self.look(path) } else { Ok(None) }
    }

    /// The tracked paths at or under a path.
    pub(super) fn tracked(&self, path: &str) -> Vec<String> {
        (self.tree.tracked)(path)
    }

    /// `path:line` of a byte.
    pub(super) fn place(&self, path: &str, at: usize) -> String {
        let line = self.sheets.get(path).map_or(1, |sheet| line(&sheet.text, at));
        format!("{path}:{line}")
    }

    /// Replaces a string.
    pub(super) fn replace(
        &mut self,
        path: &str,
        held: &Held,
        to: impl Into<String>,
        what: impl Into<String>,
    ) {
        if let Some(sheet) = self.sheets.get_mut(path) {
            sheet.changes.push(Change { range: held.range.clone(), to: to.into(), what: what.into() });
        }
    }

    /// Moves a version that must be the old one, or the new one already.
    pub(super) fn require(&mut self, step: &VersionChange, path: &str, held: &Held, what: &str) {
        match step.judge_text(&held.value) {
            Verdict::Moves => self.replace(path, held, step.to.to_string(), what),
            Verdict::Already => {}
            Verdict::Other => self.fault(step.elsewhere(&self.place(path, held.range.start), &held.value)),
        }
    }

    /// Remembers what is wrong and lets the rest go on.
    pub(super) fn fault(&mut self, fault: Error) {
        self.faults.push(fault);
    }

    /// The edits, or all that is wrong.
    pub(super) fn finish(mut self) -> Result<Vec<FileEdit>> {
        let mut edits = Vec::new();
        for (path, sheet) in std::mem::take(&mut self.sheets) {
            match sheet.edit(&path) {
                Ok(edit) => edits.extend(edit),
                Err(fault) => self.faults.push(fault),
            }
        }
        Error::all(self.faults).map_or(Ok(edits), Err)
    }
}

impl Sheet {
    /// What becomes of the file; `None` where nothing does.
    fn edit(mut self, path: &str) -> Result<Option<FileEdit>> {
        self.changes.sort_by_key(|change| (change.range.start, change.range.end));
        // Two entries may find the same version.
        self.changes.dedup_by(|later, earlier| later.range == earlier.range && later.to == earlier.to);
        let mut after = String::with_capacity(self.text.len());
        let mut replacements = Vec::new();
        let mut done = 0;
        for Change { range, to, what } in self.changes {
            let line = line(&self.text, range.start);
            let (Some(between), Some(from)) =
                (self.text.get(done..range.start), self.text.get(range.clone()))
            else {
                let message = format!("{path}:{line}: two entries of release.toml want to write here");
                return Err(
                    Error::refused(message).hint(format!("keep one [[file]] for this place of {path}"))
                );
            };
            after.push_str(between);
            after.push_str(&to);
            done = range.end;
            if from != to {
                replacements.push(Replacement { line, label: what, from: from.to_owned(), to });
            }
        }
        after.push_str(self.text.get(done..).unwrap_or_default());
        let before = self.text.to_string();
        Ok((!replacements.is_empty()).then(|| FileEdit {
            path: path.to_owned(),
            before,
            after,
            replacements,
        }))
    }
}
