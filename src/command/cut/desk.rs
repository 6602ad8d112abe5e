//! What the files of a release commit will hold: several packages may write into one. Leans on `manifest` and
//! `changelog`.

use crate::changelog::{Changelog, tame};
use crate::command::changelog::file::{Planned, split};
use crate::command::changelog::wanted::Notes;
use crate::context::Context;
use crate::error::Result;
use crate::git_history::{Package, ReleaseContext};
use crate::model::{Version, VersionFile};
use crate::plan::Change;
use crate::version::VersionDecision;
use crate::version_files::{self, FileEdit, FileSource, VersionChange};
use std::collections::BTreeMap;

/// The files so far, by path.
pub(super) struct Desk<'w> {
    context: &'w Context,
    changes: BTreeMap<String, Change>,
}

impl<'w> Desk<'w> {
    /// Nothing is changed yet.
    pub(super) fn new(context: &'w Context) -> Self {
        Desk { context, changes: BTreeMap::new() }
    }

    /// The changes in the order of their paths.
    pub(super) fn changes(self) -> Vec<Change> {
        self.changes.into_values().collect()
    }

    /// A file as it is after the changes so far; read from HEAD, not from the disk, because the release is made from
    /// that.
    fn read(&self, release_context: &ReleaseContext<'_>, path: &str) -> Result<Option<String>> {
        match self.changes.get(path) {
            Some(change) => Ok(Some(change.after.clone())),
            None => self.context.repo()?.file_at(release_context.head(), path),
        }
    }

    fn put(&mut self, path: &str, before: Option<String>, after: String, what: String) {
        match self.changes.get_mut(path) {
            Some(change) => {
                change.after = after;
                change.what = format!("{}; {what}", change.what);
            }
            None => drop(
                self.changes.insert(path.to_owned(), Change { path: path.to_owned(), before, after, what }),
            ),
        }
    }

    /// Moves the version in the files of a package that repeat it.
    pub(super) fn versions(
        &mut self,
        release_context: &ReleaseContext<'_>,
        package: &Package,
        decision: &VersionDecision,
        version: &Version,
    ) -> Result<()> {
        let (repo, config, head) = (self.context.repo()?, self.context.config()?, release_context.head());
        let owned = config.files.iter().filter(|file| release_context.owns(package, &file.path));
        let files: Vec<VersionFile> = owned.cloned().collect();
        if files.is_empty() {
            return Ok(());
        }
        // On the way from a prerelease to its final, a file may hold either.
        let reached = decision.rejected.iter().filter(|rejected| !rejected.unreachable);
        let reached = reached.map(|rejected| &rejected.tag).filter(|tag| !tag.version.is_final());
        let from = decision.base.iter().chain(reached).map(|tag| tag.version.clone()).collect();
        let edits = {
            let read = |path: &str| self.read(release_context, path);
            let tracked = |under: &str| repo.tracked(head, under);
            version_files::edits(
                &files,
                &FileSource { read: &read, tracked: &tracked },
                &VersionChange { from, to: version.clone() },
            )?
        };
        for edit in edits {
            let what = in_words(&edit);
            self.put(&edit.path, Some(edit.before), edit.after, what);
        }
        Ok(())
    }

    /// Brings notes into the changelog. `body` is what a person made of them.
    pub(super) fn changelog(
        &mut self,
        release_context: &ReleaseContext<'_>,
        notes: &Notes<'_>,
        body: Option<&str>,
    ) -> Result<Kept> {
        let path = self.context.config()?.changelog.path.clone();
        let planned = Planned::new(notes, &path, self.read(release_context, &path)?, body)?;
        let after = planned.after();
        let section = Changelog::of(&after).section_of(&notes.title).unwrap_or_default();
        let section = tame(split(&section).1);
        if planned.edits.is_empty() {
            return Ok(Kept::Before(section));
        }
        self.put(&path, planned.before, after, format!("the section {}", notes.title));
        Ok(Kept::Now(section))
    }
}

/// What a changelog says of a release, below the heading: with what people wrote under `Unreleased`.
pub(super) enum Kept {
    /// The section was there before, written or edited by hand: it stays as it is.
    Before(String),
    /// The section is brought in.
    Now(String),
}

/// `package.version 1.3.0 → 1.4.0, and 2 places more`
fn in_words(edit: &FileEdit) -> String {
    let first =
        edit.replacements.first().map(|first| format!("{} {} → {}", first.label, first.from, first.to));
    let more = match edit.replacements.len() {
        0 | 1 => String::new(),
        2 => ", and one place more".to_owned(),
        all => format!(", and {} places more", all - 1),
    };
    format!("{}{more}", first.unwrap_or_default())
}
