//! What notes are requested of: unreleased commits, one release, or a range.

use super::notes::Notes;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{Package, ReleaseContext};
use crate::model::Timestamp;
use crate::resolve::{in_one_package, version_tag};
use crate::version::{VersionDecision, VersionTag};

/// What notes are requested of.
#[derive(Debug)]
pub enum NotesSelection {
    /// The commits since the last release.
    Unreleased,
    /// One release.
    Release(VersionTag),
    /// The commits between two releases, or from one up to HEAD.
    Range(VersionTag, Option<VersionTag>),
}

/// The notes to write into a changelog, and the decision that they follow from.
pub struct FileNotes<'c> {
    /// The decision about the next version; `None` where a release was named.
    pub decision: Option<VersionDecision>,
    /// The notes; `None` where there is nothing to release.
    pub notes: Option<Notes<'c>>,
}

impl NotesSelection {
    /// Parses VERSION or A..B for the given packages. A tag names its package.
    ///
    /// # Errors
    ///
    /// No package has such a release (7), or several do (2).
    pub fn parse(
        release_context: &ReleaseContext<'_>,
        packages: Vec<Package>,
        text: Option<&str>,
    ) -> Result<Vec<(Package, NotesSelection)>> {
        let Some(text) = text else {
            return Ok(packages.into_iter().map(|package| (package, NotesSelection::Unreleased)).collect());
        };
        let found = in_one_package(&packages, text, |package| select(release_context, package, text))?;
        Ok(vec![found])
    }

    /// Gathers the notes.
    pub fn notes<'c>(
        &self,
        context: &'c Context,
        release_context: &ReleaseContext<'_>,
        package: &Package,
    ) -> Result<Notes<'c>> {
        let range = match self {
            NotesSelection::Unreleased => release_context.unreleased(package, None)?,
            NotesSelection::Release(tag) => release_context.released(package, tag)?,
            NotesSelection::Range(from, to) => {
                release_context.range(package, Some(from.clone()), to.clone())?
            }
        };
        let tag = range.release.clone();
        let released_at = tag.as_ref().map(|tag| released_at(context, tag)).transpose()?.flatten();
        Notes::new(context, package, tag.map(|tag| (tag.version, tag.name)), released_at, range)
    }

    /// Gathers the notes for the changelog file, where unreleased commits are notes of the next version. Without a next
    /// version, `last` selects the notes of the last release instead.
    ///
    /// # Errors
    ///
    /// A range up to HEAD has no version for its heading (2).
    pub fn for_file<'c>(
        &self,
        context: &'c Context,
        release_context: &ReleaseContext<'_>,
        package: &Package,
        last: bool,
    ) -> Result<FileNotes<'c>> {
        match self {
            NotesSelection::Range(_, None) => {
                return Err(Error::usage("a range that ends at HEAD has no version for its heading")
                    .hint("omit the range to write the section of the next version"));
            }
            NotesSelection::Unreleased => {}
            _ => {
                let notes = self.notes(context, release_context, package)?;
                return Ok(FileNotes { decision: None, notes: Some(notes) });
            }
        }
        let decision = release_context.decide(package, false)?;
        let released = match (&decision.next, &decision.current) {
            (Some(next), _) if next.already => {
                Some(version_tag(release_context, package, next.tag.as_str())?)
            }
            (None, Some(tag)) if last => Some(tag.clone()),
            _ => None,
        };
        let notes = match (released, &decision.next) {
            (Some(tag), _) => Some(NotesSelection::Release(tag).notes(context, release_context, package)?),
            (None, Some(next)) => Some(Notes::of_next(context, release_context, package, next)?),
            (None, None) => None,
        };
        Ok(FileNotes { decision: Some(decision), notes })
    }
}

fn select(release_context: &ReleaseContext<'_>, package: &Package, text: &str) -> Result<NotesSelection> {
    let Some((from, to)) = text.split_once("..") else {
        return version_tag(release_context, package, text).map(NotesSelection::Release);
    };
    let to = to.trim_start_matches('.');
    let to = (!matches!(to, "" | "HEAD")).then(|| version_tag(release_context, package, to)).transpose()?;
    Ok(NotesSelection::Range(version_tag(release_context, package, from)?, to))
}

/// Returns when a tag was created; for a lightweight tag, when its commit was.
fn released_at(context: &Context, tag: &VersionTag) -> Result<Option<Timestamp>> {
    let repo = context.repo()?;
    let seconds = match repo.tag_time(&tag.name) {
        Some(seconds) => seconds,
        None => repo.people(tag.commit)?.1.seconds,
    };
    Ok(Timestamp::from_seconds(seconds))
}
