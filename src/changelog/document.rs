//! The structure of a changelog: headings, the versions that they name, link definitions. Code blocks, comments and front
//! matter contain no headings.

use crate::model::Version;

/// A changelog with its headings and link definitions.
#[derive(Debug)]
pub(super) struct ChangelogDocument<'a> {
    pub text: &'a str,
    /// LF or CRLF.
    pub newline: &'static str,
    pub headings: Vec<Heading<'a>>,
    pub definitions: Vec<LinkDefinition<'a>>,
}

/// A heading, in ATX (`# Title`) or setext (underlined) form.
#[derive(Clone, Debug)]
pub(super) struct Heading<'a> {
    /// Where its section begins: at an anchor (`<a name="1.2.0"></a>`) right above it, else at the heading.
    pub start: usize,
    /// The first byte after the lines of the heading.
    pub end: usize,
    pub level: usize,
    pub title: &'a str,
    pub kind: HeadingKind<'a>,
}

/// What a heading stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadingKind<'a> {
    Unreleased,
    /// A version or a tag, as it is written.
    Release(&'a str),
    Other,
}

/// `[1.2.0]: https://…`
#[derive(Clone, Debug)]
pub(super) struct LinkDefinition<'a> {
    pub at: usize,
    pub end: usize,
    pub label: &'a str,
    pub url: &'a str,
}

/// A line with its byte range; `text` is without the line break.
#[derive(Clone, Copy)]
struct TextLine<'a> {
    at: usize,
    end: usize,
    text: &'a str,
}

impl<'a> ChangelogDocument<'a> {
    /// Parses a text.
    pub(super) fn parse(text: &'a str) -> ChangelogDocument<'a> {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut document = ChangelogDocument { text, newline, headings: Vec::new(), definitions: Vec::new() };
        let mut fence: Option<&str> = None;
        let mut comment = false;
        let mut above: Option<TextLine<'a>> = None;
        for line in body(text) {
            let trimmed = line.text.trim();
            if comment {
                comment = !trimmed.contains("-->");
                above = None;
                continue;
            }
            if let Some(open) = fence {
                if trimmed.starts_with(open) && trimmed.chars().all(|c| open.starts_with(c)) {
                    fence = None;
                }
                above = None;
                continue;
            }
            let indented = line.text.starts_with("    ") || line.text.starts_with('\t');
            if let Some(open) = ["```", "~~~"].into_iter().find(|open| !indented && trimmed.starts_with(open))
            {
                fence = Some(open);
            } else if trimmed.rfind("<!--").is_some_and(|at| !trimmed[at..].contains("-->")) {
                comment = true;
            } else if !indented {
                document.line(line, above);
            }
            above = (!trimmed.is_empty() && !indented && fence.is_none()).then_some(line);
        }
        document
    }

    fn line(&mut self, line: TextLine<'a>, above: Option<TextLine<'a>>) {
        let text = line.text.trim_start_matches('\u{feff}').trim();
        let underline = |c: char| !text.is_empty() && text.chars().all(|found| found == c);
        if let Some((level, title)) = atx(text) {
            self.push(line.at, line.end, level, title);
        } else if let Some(above) = above.filter(|above| is_paragraph(above.text))
            && (underline('=') || underline('-'))
        {
            self.push(above.at, line.end, if underline('=') { 1 } else { 2 }, above.text.trim());
        } else if let Some((label, url)) = definition(text) {
            self.definitions.push(LinkDefinition { at: line.at, end: line.end, label, url });
        }
    }

    fn push(&mut self, at: usize, end: usize, level: usize, title: &'a str) {
        let before = self.text[..at].trim_end();
        let anchor = before.rfind('\n').map_or(0, |place| place + 1);
        let is_anchor = before[anchor..].trim_start().starts_with("<a ") && before.ends_with("</a>");
        let start = if is_anchor { anchor } else { at };
        self.headings.push(Heading { start, end, level, title, kind: heading_kind(title, level) });
    }

    /// Returns where the section of a heading ends: at the next heading that is not deeper, or at the link definitions.
    pub(super) fn section_end(&self, heading: &Heading<'_>) -> usize {
        let ends = |other: &&Heading<'_>| {
            other.start >= heading.end && (other.level <= heading.level || other.kind != HeadingKind::Other)
        };
        let next = self.headings.iter().find(ends).map_or(self.text.len(), |next| next.start);
        next.min(self.link_definitions().filter(|links| *links >= heading.end).unwrap_or(next))
    }

    /// Returns where the link definitions at the end of the file begin; `None` where it does not end with any.
    pub(super) fn link_definitions(&self) -> Option<usize> {
        let mut start = None;
        let mut end = self.text.len();
        for definition in self.definitions.iter().rev() {
            let mut between = self.text[definition.end..end].lines();
            if !between.all(is_blank_or_comment) {
                break;
            }
            end = definition.at;
            start = Some(end);
        }
        start
    }

    /// Returns whether versions are linked by definitions.
    pub(super) fn keeps_links(&self) -> bool {
        self.definitions.iter().any(|definition| heading_kind(definition.label, 1) != HeadingKind::Other)
    }
}

/// Returns whether a line is blank or a comment.
pub(super) fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("<!--") && line.ends_with("-->")
}

/// Splits a section into its heading, with everything above it, and the text below it.
pub fn split_section(section: &str) -> (&str, &str) {
    let mut end = 0;
    for line in section.split_inclusive('\n') {
        end += line.len();
        if line.starts_with('#') {
            let (heading, body) = section.split_at(end);
            return (heading.trim_end(), body.trim_matches('\n'));
        }
    }
    ("", section)
}

/// Returns the lines after the front matter.
fn body(text: &str) -> impl Iterator<Item = TextLine<'_>> {
    let mut at = 0;
    let all = text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        TextLine { at: start, end: at, text: line.trim_end_matches(['\n', '\r']) }
    });
    let lines: Vec<TextLine<'_>> = all.collect();
    let fence = lines.first().map(|line| line.text.trim_start_matches('\u{feff}').trim_end());
    let matter = fence.filter(|fence| matches!(*fence, "---" | "+++"));
    let close = matter.and_then(|fence| lines.iter().skip(1).position(|line| line.text.trim_end() == fence));
    lines.into_iter().skip(close.map_or(0, |close| close + 2))
}

/// Returns level and title of an ATX heading: `## Title`.
pub(super) fn atx(text: &str) -> Option<(usize, &str)> {
    let title = text.trim_start_matches('#');
    let level = text.len() - title.len();
    ((1..=6).contains(&level) && (title.is_empty() || title.starts_with([' ', '\t'])))
        .then(|| (level, title.trim().trim_end_matches('#').trim_end()))
}

/// Returns whether a line can be the text of a setext heading.
fn is_paragraph(line: &str) -> bool {
    let text = line.trim();
    !text.starts_with(['>', '|']) && !text.starts_with("- ") && !text.starts_with("* ") && atx(text).is_none()
}

fn definition(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("]:")?;
    let url = rest.split_whitespace().next()?;
    (!label.is_empty() && !label.contains(']')).then_some((label, url))
}

/// Returns what a heading or a label stands for: `[1.2.0](…) (date)`, `v1.2.0 / date`, `Version 1.2.0`, `Release shop 1.2.0`,
/// `[Unreleased]`, `api-v1.2.0`. Below the level of sections, a name before a version is that of another thing.
pub(super) fn heading_kind(title: &str, level: usize) -> HeadingKind<'_> {
    let mut words = title
        .split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ',' | '*' | '`'))
        .filter(|word| word.chars().any(char::is_alphanumeric));
    let Some(first) = words.next() else { return HeadingKind::Other };
    let first = first.trim_end_matches(':');
    if first.eq_ignore_ascii_case("unreleased") {
        return HeadingKind::Unreleased;
    }
    if version_in(first).is_some() {
        return HeadingKind::Release(first);
    }
    let names_one = ["version", "release", "v"].iter().any(|word| first.eq_ignore_ascii_case(word));
    let more = match (names_one, level) {
        (true, _) => 2,
        (false, ..3) => 1,
        _ => 0,
    };
    words.take(more).find(|word| version_in(word).is_some()).map_or(HeadingKind::Other, HeadingKind::Release)
}

/// Returns the version at the end of a word: `1.2.0`, `v1.2`, `api-v1.2.0`, `@acme/shop@1.2.0`.
pub(super) fn version_in(word: &str) -> Option<&str> {
    let word = word.trim_end_matches(':');
    let starts = word.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at);
    let fits = |at: &usize| {
        let before = word[..*at].strip_suffix(['v', 'V']).unwrap_or(&word[..*at]);
        (before.is_empty() || before.ends_with(['-', '/', '@', '_'])) && is_version(&word[*at..])
    };
    let mut found = starts.filter(fits);
    found.next().map(|at| &word[at..])
}

/// Returns whether a text is a semantic version, or a shorter one as in old changelogs: `1.2`.
fn is_version(text: &str) -> bool {
    let numbers =
        |text: &str| text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    Version::parse(text).is_some() || (2..=4).contains(&text.split('.').count()) && numbers(text)
}

#[cfg(test)]
mod tests {
    use super::{ChangelogDocument, HeadingKind, heading_kind};

    #[test]
    fn headings_that_name_a_version() {
        for (title, token) in [
            ("[1.2.0](https://x/compare/v1.1.0...v1.2.0) (2024-01-01)", "1.2.0"),
            ("v1.2.0 / 2024-01-01", "v1.2.0"),
            ("Version 1.2", "1.2"),
            ("[v1.2.0-rc.1] - 2024-01-01", "v1.2.0-rc.1"),
            ("🚀 1.2.0", "1.2.0"),
            ("@acme/shop@1.2.0", "@acme/shop@1.2.0"),
            ("**api-v1.2.0**", "api-v1.2.0"),
            ("Release shop 1.2.0 (2024-01-01)", "1.2.0"),
            ("`shop` - [1.2.0](https://x)", "1.2.0"),
        ] {
            assert_eq!(heading_kind(title, 2), HeadingKind::Release(token), "{title}");
        }
        for title in
            ["Added", "2024-01-01", "Upgrade to 2.0.0", "Changelog", "", "1st", "Bump serde to 1.0.1"]
        {
            assert_eq!(heading_kind(title, 2), HeadingKind::Other, "{title}");
        }
        assert_eq!(heading_kind("Rust 1.60", 3), HeadingKind::Other);
        assert_eq!(heading_kind("[Unreleased](https://x) - now", 2), HeadingKind::Unreleased);
    }

    #[test]
    fn code_comments_and_front_matter_contain_no_headings() {
        let text = "---\ntitle: x\n---\n# Changelog\n\n<!--\n## [9.9.9]\n-->\n```\n## 8.8.8\n```\n\n1.0.0 / 2020\n------------\n\nText\n\n- - -\n\n## 0.9.0 ##\n\n[1.0.0]: https://x\n";
        let document = ChangelogDocument::parse(text);
        let titles: Vec<_> = document.headings.iter().map(|heading| (heading.level, heading.title)).collect();
        assert_eq!(titles, [(1, "Changelog"), (2, "1.0.0 / 2020"), (2, "0.9.0")]);
        assert_eq!(document.link_definitions(), text.find("[1.0.0]"));
        assert!(document.keeps_links());
    }
}
