//! The changelog as a file: notes are inserted as a section, or compared with the section that is there.

use super::notes::Notes;
use crate::changelog::{Changelog, Insertion, ReleaseSection, WorkTreeFile, apply_edits, split_section};
use crate::context::Context;
use crate::error::{Error, Result};

/// How notes change a changelog; nothing is written yet.
#[derive(Debug)]
pub struct ChangelogUpdate {
    /// The text of the file; `None` where it does not exist.
    pub before: Option<String>,
    /// The text with the new section; `None` where the file already has a section of this release.
    pub after: Option<String>,
    /// The section, as the notes render it for this file.
    pub section: String,
}

impl ChangelogUpdate {
    /// Renders notes for a changelog and inserts them. `edited` is the text below the heading where a person edited it.
    ///
    /// # Errors
    ///
    /// The template fails (2). The section would not be found again in the file (4).
    pub fn new(
        notes: &Notes<'_>,
        name: &str,
        before: Option<String>,
        edited: Option<&str>,
    ) -> Result<ChangelogUpdate> {
        let text = before.as_deref().unwrap_or_default();
        let changelog = Changelog::parse(text);
        let rendered = notes.render(!changelog.keeps_links(), None)?;
        let rendered = match edited {
            Some(edited) => format!("{}\n\n{edited}", split_section(&rendered).0),
            None => rendered,
        };
        let section = changelog.with_heading_level(rendered.trim_end());
        let (title, tag) = (notes.title.as_str(), notes.tag.as_ref().map_or("", |tag| tag.as_str()));
        let page = notes.page();
        let release = ReleaseSection { title, tag, section: &section, page: page.as_deref() };
        let after = match changelog.insert(release, &notes.frame()?) {
            Insertion::AlreadyPresent => None,
            Insertion::Edits(edits) => Some(apply_edits(text, &edits)),
            Insertion::NotFound => return Err(not_found(title, name)),
        };
        Ok(ChangelogUpdate { before, after, section })
    }
}

fn not_found(title: &str, name: &str) -> Error {
    Error::refused(format!("section {title} cannot be inserted into {name}: it would not be found again"))
        .cause(
            "a code block or a comment is never closed, or the template renders no heading with the version",
        )
        .hint("use a heading such as `## [1.4.0]`; in a template, `## {{ version }}`")
}

/// Finds the changelog in the work tree.
pub fn open_changelog(context: &Context) -> Result<WorkTreeFile> {
    let top = context.repo()?.work_tree().ok_or_else(|| {
        Error::refused("a bare repository has no work tree, so it has no changelog file")
            .hint("leave out --write, --check and --dry-run to print the notes")
    })?;
    WorkTreeFile::find(&top, &context.config()?.changelog.path)
}

/// Compares the section in a changelog with the notes, and returns the section that the notes render. The day in the heading
/// is taken from the file, because the section was written on another day.
///
/// # Errors
///
/// The file has no such section, or another text (4).
pub fn check_section(notes: &Notes<'_>, file: &WorkTreeFile) -> Result<String> {
    let text = file.read()?.unwrap_or_default();
    let (changelog, name, title) = (Changelog::parse(&text), file.name(), &notes.title);
    let Some(found) = changelog.section(title) else {
        return Err(
            Error::refused(format!("{name} has no section {title}")).hint("`rel changelog --write` adds it")
        );
    };
    let day = found.lines().next().and_then(day_in);
    let section = changelog.with_heading_level(&notes.render(!changelog.keeps_links(), day)?);
    // A template may begin with a horizontal rule; what is between two sections belongs to neither.
    let rule = |line: &&str| line.chars().all(|c| c == '-' || c.is_whitespace());
    let (mut actual, mut expected) = (found.lines(), section.trim_end().lines().skip_while(rule));
    loop {
        match (actual.next(), expected.next()) {
            (None, None) => return Ok(section),
            (actual, expected) if actual.map(str::trim_end) == expected.map(str::trim_end) => {}
            (actual, expected) => return Err(different(title, name, actual, expected)),
        }
    }
}

fn different(title: &str, name: &str, actual: Option<&str>, expected: Option<&str>) -> Error {
    let quote =
        |line: Option<&str>| line.map_or_else(|| "nothing more".to_owned(), |line| format!("`{line}`"));
    Error::refused(format!("section {title} of {name} differs from the generated notes"))
        .cause(format!("in the file: {}", quote(actual)))
        .cause(format!("generated: {}", quote(expected)))
        .hint("manual edits are fine; only --check compares the file with the generated notes")
}

/// Finds a day such as `2026-11-20` in a heading.
fn day_in(heading: &str) -> Option<&str> {
    let is_day = |text: &&str| {
        text.bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    (0..heading.len()).filter_map(|at| heading.get(at..at + 10)).find(is_day)
}
