//! Inserts one section into a changelog and changes nothing else: the edits are insertions, except for the `[Unreleased]`
//! link at the end of the file.

use super::document::{ChangelogDocument, Heading, HeadingKind, is_blank_or_comment, version_in};
use super::{links, merge};
use crate::model::Version;

/// A replacement of some bytes of a text; an insertion where `remove` is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// The byte offset.
    pub at: usize,
    /// How many bytes are removed.
    pub remove: usize,
    /// What is inserted.
    pub insert: String,
}

/// The result of inserting a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// A heading names this release already; nothing is changed.
    AlreadyPresent,
    /// The section would not be found again: the template renders no heading with the version, or a code block or a comment
    /// above it is never closed.
    NotFound,
    /// The edits in the order of their offsets.
    Edits(Vec<TextEdit>),
}

/// A changelog that a release is inserted into.
#[derive(Debug)]
pub struct Changelog<'a> {
    document: ChangelogDocument<'a>,
}

/// The release that is inserted.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseSection<'a> {
    /// What its heading says: the version, in a repository with several packages the tag.
    pub title: &'a str,
    /// Its tag.
    pub tag: &'a str,
    /// The rendered section.
    pub section: &'a str,
    /// The URL of its changes, for files with link definitions at their end.
    pub page: Option<&'a str>,
}

/// Where a section is inserted.
enum Position {
    /// Above everything older: it is the newest release.
    Top,
    /// Above the section that begins at this byte.
    Above(usize),
    /// Below all sections.
    Bottom,
}

impl<'a> Changelog<'a> {
    /// Parses a changelog.
    pub fn parse(text: &'a str) -> Changelog<'a> {
        Changelog { document: ChangelogDocument::parse(text) }
    }

    /// Returns whether the versions of its headings are linked by definitions at its end.
    pub fn keeps_links(&self) -> bool {
        self.document.keeps_links()
    }

    /// Returns the edits that insert a release. `frame` is what an empty file begins and ends with.
    pub fn insert(&self, release: ReleaseSection<'_>, frame: &(String, String)) -> Insertion {
        if self.heading(release.title).is_some() {
            return Insertion::AlreadyPresent;
        }
        let section = self.with_heading_level(release.section);
        let position = self.position(release.title);
        let mut edits = match position {
            Position::Top => self.at_top(&section, frame),
            Position::Above(at) => vec![self.above(at, &section)],
            Position::Bottom => vec![self.at_bottom(&section)],
        };
        edits.extend(links::edits(&self.document, &release, matches!(position, Position::Top)));
        let newline = self.document.newline;
        for edit in &mut edits {
            edit.insert = edit.insert.replace("\r\n", "\n").replace('\n', newline);
        }
        edits.sort_by_key(|edit| edit.at);
        match Changelog::parse(&apply_edits(self.document.text, &edits)).heading(release.title) {
            Some(_) => Insertion::Edits(edits),
            None => Insertion::NotFound,
        }
    }

    /// Returns the section of a release, lines joined by LF; `None` where there is none.
    pub fn section(&self, title: &str) -> Option<String> {
        let heading = self.heading(title)?;
        let start = heading.start;
        let text = &self.document.text[start..self.document.section_end(heading)];
        let mut lines: Vec<&str> = text.lines().collect();
        // A rule between sections, or comments at the end of the file, belong to no section.
        while lines.last().is_some_and(|line| is_blank_or_comment(line) || line.trim() == "- - -") {
            lines.pop();
        }
        Some(lines.join("\n"))
    }

    /// Returns a section with the heading level that the releases in this file have.
    pub fn with_heading_level(&self, section: &str) -> String {
        let releases =
            self.document.headings.iter().filter(|heading| matches!(heading.kind, HeadingKind::Release(_)));
        let top = releases.map(|heading| heading.level).min();
        match section.strip_prefix("## ") {
            Some(rest) if top == Some(1) => format!("# {rest}"),
            _ => section.to_owned(),
        }
    }

    fn heading(&self, title: &str) -> Option<&Heading<'a>> {
        let version = Version::parse(title);
        self.document.headings.iter().find(|heading| match heading.kind {
            HeadingKind::Release(token) if version.is_some() => {
                version_in(token).and_then(Version::parse) == version && !token.contains(['/', '@'])
            }
            HeadingKind::Release(token) => token == title,
            _ => false,
        })
    }

    /// Returns where a release belongs: above the first lower version, or at the bottom where there is none.
    fn position(&self, title: &str) -> Position {
        let Some(ours) = version_in(title).and_then(Version::parse) else { return Position::Top };
        let version = |heading: &&Heading<'a>| version_of_package(heading.kind, title);
        let all = || self.document.headings.iter();
        if !all().any(|heading| version(&heading).is_some_and(|other| other > ours)) {
            return Position::Top;
        }
        let lower = all().find(|heading| version(heading).is_some_and(|other| other < ours));
        lower.map_or(Position::Bottom, |heading| Position::Above(heading.start))
    }

    /// Inserts above the section that begins at `at`.
    fn above(&self, at: usize, section: &str) -> TextEdit {
        let before = &self.document.text[..at];
        let gap = if ends_with_blank(before) { "" } else { "\n" };
        // Cocogitto separates sections with rules.
        let rule = if before.trim_end().ends_with("- - -") { "\n- - -\n" } else { "" };
        insertion(at, format!("{gap}{section}\n{rule}\n"))
    }

    /// Inserts below everything but the link definitions at the end.
    fn at_bottom(&self, section: &str) -> TextEdit {
        let text = self.document.text;
        match self.document.link_definitions() {
            Some(links) => {
                let gap = if ends_with_blank(&text[..links]) { "" } else { "\n" };
                insertion(links, format!("{gap}{section}\n\n"))
            }
            None => at_end(text, section),
        }
    }

    /// Inserts the newest release: below `Unreleased`, above the other releases, or into an empty file.
    fn at_top(&self, section: &str, frame: &(String, String)) -> Vec<TextEdit> {
        let ChangelogDocument { text, headings, .. } = &self.document;
        let unreleased = headings.iter().find(|heading| heading.kind == HeadingKind::Unreleased);
        if let Some(heading) = unreleased {
            let end = self.document.section_end(heading);
            return merge::edits(&self.document, heading.end..end, section);
        }
        if let Some(first) = headings.iter().find(|heading| matches!(heading.kind, HeadingKind::Release(_))) {
            return vec![self.above(first.start, section)];
        }
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            let (header, footer) = frame;
            let parts = [header.as_str(), section, footer.as_str()];
            let whole: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            return vec![insertion(text.len(), format!("{}\n", whole.join("\n\n")))];
        }
        vec![self.at_bottom(section)]
    }
}

/// Returns the version of a heading or a label if it belongs to the package that `title` names; a title that is only a
/// version stands for any package.
pub(super) fn version_of_package(kind: HeadingKind<'_>, title: &str) -> Option<Version> {
    let HeadingKind::Release(token) = kind else { return None };
    let split = |word: &str| -> Option<(String, Version)> {
        let version = version_in(word)?;
        let name = word.strip_suffix(version)?.trim_end_matches(['v', 'V']);
        Some((name.to_owned(), Version::parse(version)?))
    };
    let ((package, _), (other, version)) = (split(title)?, split(token)?);
    (package.is_empty() || package == other).then_some(version)
}

/// Applies edits, which must be in the order of their offsets.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> String {
    let mut out =
        String::with_capacity(text.len() + edits.iter().map(|edit| edit.insert.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.at]);
        out.push_str(&edit.insert);
        at = edit.at + edit.remove;
    }
    out.push_str(&text[at..]);
    out
}

pub(super) fn insertion(at: usize, insert: String) -> TextEdit {
    TextEdit { at, remove: 0, insert }
}

/// Appends a section; a file without a final line break still has none afterwards.
pub(super) fn at_end(text: &str, section: &str) -> TextEdit {
    let insert = match (text.ends_with('\n'), ends_with_blank(text)) {
        (true, true) => format!("{section}\n"),
        (true, false) => format!("\n{section}\n"),
        (false, _) => format!("\n\n{section}"),
    };
    insertion(text.len(), insert)
}

/// Returns whether the last line is blank, or there is none.
fn ends_with_blank(text: &str) -> bool {
    let Some(rest) = text.strip_suffix('\n') else { return text.is_empty() };
    rest.trim_end_matches(['\r', ' ', '\t']).is_empty()
        || rest.trim_end_matches(['\r', ' ', '\t']).ends_with('\n')
}
