//! The text that stands under `Unreleased` moves into the release, by way of what is inserted around it: the release's
//! heading above it, new entries below those of the same group. Leans on `outline` and `splice`.

use super::change::BREAKING;
use super::outline::{Outline, atx};
use super::splice::{Edit, at_end, insertion};
use std::ops::Range;

/// A group of the rendered section: its heading, and the lines below it.
struct Group<'a> {
    heading: &'a str,
    lines: Vec<&'a str>,
}

/// The edits; `body` is what stands under `Unreleased`.
pub(super) fn edits(outline: &Outline<'_>, body: Range<usize>, section: &str) -> Vec<Edit> {
    let text = outline.text;
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
        // Whoever wrote a line by hand that would be rendered just so wants it once.
        let new = |line: &&str| line.trim().is_empty() || !written.contains(line.trim());
        let entries: Vec<&str> = group.lines.iter().copied().filter(new).collect();
        let entries = entries.join("\n").trim().to_owned();
        if entries.is_empty() {
            continue;
        }
        let title = atx(group.heading).map_or("", |(_, title)| title);
        let there = outline
            .headings
            .iter()
            .find(|heading| body.contains(&heading.start) && heading.title.eq_ignore_ascii_case(title));
        match there {
            Some(there) => {
                let end = outline.section_end(there).min(body.end);
                if text[there.end..end].trim().is_empty() && text[..there.end].ends_with('\n') {
                    // A heading that waits for its first entry.
                    let space = gap(&text[there.end..]);
                    edits.push(insertion(there.end, format!("\n{entries}\n{space}")));
                    continue;
                }
                let last = there.end + text[there.end..end].trim_end().len();
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

/// The heading of a section with what follows it at once, and its groups.
fn split(section: &str) -> (String, Vec<Group<'_>>) {
    let mut heading = String::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (number, line) in section.lines().enumerate() {
        if number > 0 && line.starts_with("##") && atx(line).is_some() {
            groups.push(Group { heading: line, lines: Vec::new() });
        } else if let Some(group) = groups.last_mut() {
            group.lines.push(line);
        } else {
            heading.push_str(line);
            heading.push('\n');
        }
    }
    (heading, groups)
}

/// A blank line, where none follows.
fn gap(behind: &str) -> &'static str {
    if behind.starts_with('\n') || behind.starts_with("\r\n") { "" } else { "\n" }
}

/// Below the line that ends at or behind `at`.
fn below_line(text: &str, at: usize, lines: &str) -> Edit {
    match text[at..].find('\n') {
        Some(end) => insertion(at + end + 1, format!("{lines}\n")),
        None => insertion(text.len(), format!("\n{lines}")),
    }
}
