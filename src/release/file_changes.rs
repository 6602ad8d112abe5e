//! The files of a release commit as they will be; several packages may change the same file.

use super::changelog_file::ChangelogUpdate;
use super::notes::Notes;
use super::plan::PlannedFile;
use super::session::Session;
use crate::changelog::{Changelog, sanitize, split_section};
use crate::error::Result;
use crate::git_history::{Package, ReleaseContext};
use crate::model::{Version, VersionFile};
use crate::version::VersionDecision;
use crate::version_files::{self, FileEdit, FileSource, VersionChange};
use std::collections::BTreeMap;

/// The changes so far, by path.
pub(super) struct FileChanges<'a, 'c> {
    session: &'a Session<'c>,
    release_context: &'a ReleaseContext<'c>,
    files: BTreeMap<String, PlannedFile>,
}

/// The notes of a release below their heading.
#[derive(Default)]
pub(super) struct NotesText {
    /// The part that can be edited.
    pub editable: String,
    /// All of them: with what people wrote under `Unreleased`.
    pub full: String,
}

impl<'a, 'c> FileChanges<'a, 'c> {
    /// Begins without changes.
    pub(super) fn new(session: &'a Session<'c>) -> Result<Self> {
        Ok(FileChanges { session, release_context: session.release_context()?, files: BTreeMap::new() })
    }

    /// Returns the changed files in the order of their paths.
    pub(super) fn into_files(self) -> Vec<PlannedFile> {
        self.files.into_values().collect()
    }

    /// Reads a file as it is after the changes so far: from HEAD and not from the work tree, because HEAD is released.
    fn read(&self, path: &str) -> Result<Option<String>> {
        match self.files.get(path) {
            Some(file) => Ok(Some(file.after.clone())),
            None => self.session.repo.file_at(self.release_context.head(), path),
        }
    }

    fn put(&mut self, path: &str, before: Option<String>, after: String, summary: String) {
        match self.files.get_mut(path) {
            Some(file) => {
                file.after = after;
                file.summary = format!("{}; {summary}", file.summary);
            }
            None => {
                let file = PlannedFile { path: path.to_owned(), before, after, summary };
                self.files.insert(path.to_owned(), file);
            }
        }
    }

    /// Updates the version in the `[[file]]`s of a package.
    pub(super) fn update_versions(
        &mut self,
        package: &Package,
        decision: &VersionDecision,
        version: &Version,
    ) -> Result<()> {
        let (repo, head) = (self.session.repo, self.release_context.head());
        let config = self.session.context.config()?;
        let owned = config.files.iter().filter(|file| self.release_context.owns(package, &file.path));
        let files: Vec<VersionFile> = owned.cloned().collect();
        if files.is_empty() {
            return Ok(());
        }
        // Between a prerelease and its final version, a file may contain either.
        let reachable = decision.rejected.iter().filter(|rejected| !rejected.unreachable);
        let prereleases = reachable.map(|rejected| &rejected.tag).filter(|tag| !tag.version.is_final());
        let from = decision.base.iter().chain(prereleases).map(|tag| tag.version.clone()).collect();
        let edits = {
            let read = |path: &str| self.read(path);
            let tracked = |under: &str| repo.tracked(head, under);
            version_files::edits(
                &files,
                &FileSource { read: &read, tracked: &tracked },
                &VersionChange { from, to: version.clone() },
            )?
        };
        for edit in edits {
            let summary = summary(&edit);
            self.put(&edit.path, Some(edit.before), edit.after, summary);
        }
        Ok(())
    }

    /// Inserts notes into the changelog. A section that exists there stays as it is, and is what the release says.
    pub(super) fn insert_notes(&mut self, notes: &Notes<'_>, edited: Option<&str>) -> Result<NotesText> {
        let path = self.session.context.config()?.changelog.path.clone();
        let ChangelogUpdate { before, after, section } =
            ChangelogUpdate::new(notes, &path, self.read(&path)?, edited)?;
        let text = after.as_ref().or(before.as_ref()).map_or("", String::as_str);
        let in_file = Changelog::parse(text).section(&notes.title).unwrap_or_default();
        let in_file = sanitize(split_section(&in_file).1);
        let Some(after) = after else {
            let full = edited.map_or(in_file, str::to_owned);
            return Ok(NotesText { editable: full.clone(), full });
        };
        self.put(&path, before, after, format!("add section {}", notes.title));
        let editable = edited.unwrap_or_else(|| split_section(&section).1).to_owned();
        Ok(NotesText { editable, full: in_file })
    }
}

/// `package.version 1.3.0 → 1.4.0, and 2 more places`
fn summary(edit: &FileEdit) -> String {
    let first =
        edit.replacements.first().map(|first| format!("{} {} → {}", first.label, first.from, first.to));
    let more = match edit.replacements.len() {
        0 | 1 => String::new(),
        2 => ", and 1 more place".to_owned(),
        all => format!(", and {} more places", all - 1),
    };
    format!("{}{more}", first.unwrap_or_default())
}
