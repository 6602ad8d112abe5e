//! Makes the text under `Unreleased` part of the release, by what is inserted around it: the heading of the release above
//! it, and new entries below those of the same group.

use super::document::{ChangelogDocument, atx};
use super::entries::BREAKING;
use super::insert::{TextEdit, at_end, insertion};
use std::ops::Range;

/// A group of the rendered section: its heading, and the lines below it.
struct SectionGroup<'a> {
    heading: &'a str,
    lines: Vec<&'a str>,
}

/// Returns the edits; `body` is the text under `Unreleased`.
pub(super) fn edits(document: &ChangelogDocument<'_>, body: Range<usize>, section: &str) -> Vec<TextEdit> {
    let text = document.text;
    let written = &text[body.clone()];
    if written.trim().is_empty() {
        return if body.end == text.len() {
            vec![at_end(text, section)]
        } else {
            vec![insertion(body.start, format!("\n{section}\n{}", gap(&text[body.start..])))]
        };
    }
    let (heading, groups) = split(section);
    let mut above = heading.trim_end().to_owned();
    let mut below = String::new();
    let mut edits = Vec::new();
    for group in groups {
        // A line that a person wrote with exactly the same text is not repeated.
        let new = |line: &&str| line.trim().is_empty() || !written.contains(line.trim());
        let entries: Vec<&str> = group.lines.iter().copied().filter(new).collect();
        let entries = entries.join("\n").trim().to_owned();
        if entries.is_empty() {
            continue;
        }
        let title = atx(group.heading).map_or("", |(_, title)| title);
        let existing = document
            .headings
            .iter()
            .find(|heading| body.contains(&heading.start) && heading.title.eq_ignore_ascii_case(title));
        match existing {
            Some(existing) => {
                let end = document.section_end(existing).min(body.end);
                if text[existing.end..end].trim().is_empty() && text[..existing.end].ends_with('\n') {
                    // A heading without entries.
                    let space = gap(&text[existing.end..]);
                    edits.push(insertion(existing.end, format!("\n{entries}\n{space}")));
                    continue;
                }
                let last = existing.end + text[existing.end..end].trim_end().len();
                edits.push(below_line(text, last, &entries));
            }
            None if title == BREAKING => above.push_str(&format!("\n\n{}\n\n{entries}", group.heading)),
            None => below.push_str(&format!("\n{}\n\n{entries}\n", group.heading)),
        }
    }
    edits.insert(0, insertion(body.start, format!("\n{above}\n{}", gap(written))));
    if !below.is_empty() {
        let last = body.start + written.trim_end().len();
        edits.push(below_line(text, last, below.trim_end_matches('\n')));
    }
    edits
}

/// Splits a section into its heading with the text directly below it, and its groups.
fn split(section: &str) -> (String, Vec<SectionGroup<'_>>) {
    let mut heading = String::new();
    let mut groups: Vec<SectionGroup<'_>> = Vec::new();
    for (number, line) in section.lines().enumerate() {
        if number > 0 && line.starts_with("##") && atx(line).is_some() {
            groups.push(SectionGroup { heading: line, lines: Vec::new() });
        } else if let Some(group) = groups.last_mut() {
            group.lines.push(line);
        } else {
            heading.push_str(line);
            heading.push('\n');
        }
    }
    (heading, groups)
}

/// Returns a line break where no blank line follows.
fn gap(after: &str) -> &'static str {
    if after.starts_with('\n') || after.starts_with("\r\n") { "" } else { "\n" }
}

/// Inserts below the line that ends at or after `at`.
fn below_line(text: &str, at: usize, lines: &str) -> TextEdit {
    match text[at..].find('\n') {
        Some(end) => insertion(at + end + 1, format!("{lines}\n")),
        None => insertion(text.len(), format!("\n{lines}")),
    }
}
