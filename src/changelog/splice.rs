//! Puts one section into a changelog and touches no other byte: the edits are insertions, but for the `[Unreleased]` link
//! of the foot. Leans on `outline`.

use super::links;
use super::merge;
use super::outline::{Heading, Mark, Outline, is_beside, version_in};
use crate::model::Version;

/// A change of a text; an insertion where nothing is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The byte at which it happens.
    pub at: usize,
    /// How many bytes go.
    pub remove: usize,
    /// What comes.
    pub insert: String,
}

/// The edits that bring a section in, in the order of their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Splice {
    /// A heading names this release already; nothing is changed.
    Present,
    /// Nothing would find the section again: its template gives it no heading with the version, or a block of code or a
    /// comment above it is never closed.
    Lost,
    /// What to change.
    Edits(Vec<Edit>),
}

/// A changelog that is to take a release.
#[derive(Debug)]
pub struct Changelog<'a> {
    outline: Outline<'a>,
}

/// The release that it is to take.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    /// What its heading says: the version, in a repository with several packages the tag.
    pub title: &'a str,
    /// Its tag.
    pub tag: &'a str,
    /// The rendered section.
    pub section: &'a str,
    /// The page of the release, for files that keep their links at the foot.
    pub page: Option<&'a str>,
}

impl<'a> Changelog<'a> {
    /// Looks at a changelog.
    pub fn of(text: &'a str) -> Changelog<'a> {
        Changelog { outline: Outline::of(text) }
    }

    /// Whether the versions of its headings are linked at its foot.
    pub fn keeps_links(&self) -> bool {
        self.outline.keeps_links()
    }

    /// Brings in a release. `frame` is what a file without a word begins and ends with.
    pub fn take(&self, release: Release<'_>, frame: &(String, String)) -> Splice {
        if self.heading(release.title).is_some() {
            return Splice::Present;
        }
        let section = self.levelled(release.section);
        let mut edits = match self.later_than(release.title) {
            Some(place) => vec![place.map_or_else(|| self.at_foot(&section), |at| self.above(at, &section))],
            None => self.section(&section, frame),
        };
        edits.extend(links::edits(&self.outline, &release, self.later_than(release.title).is_none()));
        let newline = self.outline.newline;
        for edit in &mut edits {
            edit.insert = edit.insert.replace("\r\n", "\n").replace('\n', newline);
        }
        edits.sort_by_key(|edit| edit.at);
        match Changelog::of(&applied(self.outline.text, &edits)).heading(release.title) {
            Some(_) => Splice::Edits(edits),
            None => Splice::Lost,
        }
    }

    /// The section of a release as it stands, lines joined by LF; `None` where there is none.
    pub fn section_of(&self, title: &str) -> Option<String> {
        let heading = self.heading(title)?;
        let start = heading.start;
        let text = &self.outline.text[start..self.outline.section_end(heading)];
        let mut lines: Vec<&str> = text.lines().collect();
        // What rules sections off, or ends the file, belongs to none.
        while lines.last().is_some_and(|line| is_beside(line) || line.trim() == "- - -") {
            lines.pop();
        }
        Some(lines.join("\n"))
    }

    /// A section as this file would have it: versions at the level that the others have.
    pub fn levelled(&self, section: &str) -> String {
        let versions =
            self.outline.headings.iter().filter(|heading| matches!(heading.mark, Mark::Release(_)));
        let top = versions.map(|heading| heading.level).min();
        match section.strip_prefix("## ") {
            Some(rest) if top == Some(1) => format!("# {rest}"),
            _ => section.to_owned(),
        }
    }

    fn heading(&self, title: &str) -> Option<&Heading<'a>> {
        let version = Version::parse(title);
        self.outline.headings.iter().find(|heading| match heading.mark {
            Mark::Release(token) if version.is_some() => {
                version_in(token).and_then(Version::parse) == version && !token.contains(['/', '@'])
            }
            Mark::Release(token) => token == title,
            _ => false,
        })
    }

    /// Where a release of the past belongs: above the first lower version, at the foot where there is none. `None` for the
    /// newest.
    fn later_than(&self, title: &str) -> Option<Option<usize>> {
        let ours = version_in(title).and_then(Version::parse)?;
        let version = |heading: &&Heading<'a>| of_package(heading.mark, title);
        let all = || self.outline.headings.iter();
        all().find(|heading| version(heading).is_some_and(|other| other > ours))?;
        let lower = all().find(|heading| version(heading).is_some_and(|other| other < ours));
        Some(lower.map(|heading| heading.start))
    }

    /// Above the section that begins at `at`.
    fn above(&self, at: usize, section: &str) -> Edit {
        let before = &self.outline.text[..at];
        let gap = if ends_with_blank(before) { "" } else { "\n" };
        // Cocogitto rules its sections off.
        let rule = if before.trim_end().ends_with("- - -") { "\n- - -\n" } else { "" };
        insertion(at, format!("{gap}{section}\n{rule}\n"))
    }

    /// Below everything but the links at the foot.
    fn at_foot(&self, section: &str) -> Edit {
        let text = self.outline.text;
        match self.outline.foot() {
            Some(foot) => {
                let gap = if ends_with_blank(&text[..foot]) { "" } else { "\n" };
                insertion(foot, format!("{gap}{section}\n\n"))
            }
            None => at_end(text, section),
        }
    }

    fn section(&self, section: &str, frame: &(String, String)) -> Vec<Edit> {
        let Outline { text, headings, .. } = &self.outline;
        let unreleased = headings.iter().find(|heading| heading.mark == Mark::Unreleased);
        if let Some(heading) = unreleased {
            let end = self.outline.section_end(heading);
            return merge::edits(&self.outline, heading.end..end, section);
        }
        if let Some(first) = headings.iter().find(|heading| matches!(heading.mark, Mark::Release(_))) {
            return vec![self.above(first.start, section)];
        }
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            let (header, footer) = frame;
            let parts = [header.as_str(), section, footer.as_str()];
            let whole: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            return vec![insertion(text.len(), format!("{}\n", whole.join("\n\n")))];
        }
        vec![self.at_foot(section)]
    }
}

/// The version of a heading or a label, where it is one of the package that a title names; a title that is a version
/// alone means any.
pub(super) fn of_package(mark: Mark<'_>, title: &str) -> Option<Version> {
    let Mark::Release(token) = mark else { return None };
    let split = |word: &str| -> Option<(String, Version)> {
        let version = version_in(word)?;
        let name = word.strip_suffix(version)?.trim_end_matches(['v', 'V']);
        Some((name.to_owned(), Version::parse(version)?))
    };
    let ((package, _), (other, version)) = (split(title)?, split(token)?);
    (package.is_empty() || package == other).then_some(version)
}

/// The text with its edits made.
pub fn applied(text: &str, edits: &[Edit]) -> String {
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

pub(super) fn insertion(at: usize, insert: String) -> Edit {
    Edit { at, remove: 0, insert }
}

/// Behind everything; a file without a last line break stays one.
pub(super) fn at_end(text: &str, section: &str) -> Edit {
    let insert = match (text.ends_with('\n'), ends_with_blank(text)) {
        (true, true) => format!("{section}\n"),
        (true, false) => format!("\n{section}\n"),
        (false, _) => format!("\n\n{section}"),
    };
    insertion(text.len(), insert)
}

/// The last line is blank, or there is none.
pub(super) fn ends_with_blank(text: &str) -> bool {
    let Some(rest) = text.strip_suffix('\n') else { return text.is_empty() };
    rest.trim_end_matches(['\r', ' ', '\t']).is_empty()
        || rest.trim_end_matches(['\r', ' ', '\t']).ends_with('\n')
}
