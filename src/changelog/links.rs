//! The link definitions that Keep a Changelog has at the end of a file: a release gets one, and that of `[Unreleased]` is
//! moved to start from its tag.

use super::document::{ChangelogDocument, HeadingKind, heading_kind, version_in};
use super::insert::{ReleaseSection, TextEdit, insertion, version_of_package};
use crate::model::Version;

/// Returns the edits; none where the file has no such links. Only the newest release moves that of `[Unreleased]`.
pub(super) fn edits(
    document: &ChangelogDocument<'_>,
    release: &ReleaseSection<'_>,
    newest: bool,
) -> Vec<TextEdit> {
    let ReleaseSection { title, tag, page, .. } = release;
    // A template may render the link of its section.
    let rendered = release.section.lines().any(|line| line.starts_with(&format!("[{title}]:")));
    let unreleased = document
        .definitions
        .iter()
        .find(|definition| heading_kind(definition.label, 1) == HeadingKind::Unreleased);
    if let Some(definition) = unreleased.filter(|_| newest) {
        let Some((head, previous)) = split(definition.url) else {
            let line = page.map(|page| format!("[{title}]: {page}"));
            let line = line.filter(|_| !rendered);
            return line.map(|line| below(document, definition.end, &line)).into_iter().collect();
        };
        let tail = &definition.url[head.len() + previous.len()..];
        let url = format!("{head}{tag}{tail}");
        // The link so far shows the commits of the release: the same link, up to the tag.
        let line = format!("[{title}]: {head}{previous}{}", tail.replacen("HEAD", tag, 1));
        let place = document.text[definition.at..definition.end].rfind(definition.url).unwrap_or(0);
        let moved = TextEdit { at: definition.at + place, remove: definition.url.len(), insert: url };
        let line = (!rendered).then(|| below(document, definition.end, &line));
        return std::iter::once(moved).chain(line).collect();
    }
    let ours = version_in(title).and_then(Version::parse);
    let lower = |label: &str| {
        version_of_package(heading_kind(label, 1), title).is_some_and(|other| Some(other) < ours)
    };
    let first = document.definitions.iter().find(|definition| lower(definition.label));
    match (first, page) {
        (Some(first), Some(page)) if !rendered => vec![insertion(first.at, format!("[{title}]: {page}\n"))],
        _ => Vec::new(),
    }
}

/// Inserts a line below the one that ends at `end`.
fn below(document: &ChangelogDocument<'_>, end: usize, line: &str) -> TextEdit {
    let ends = document.text[..end].ends_with('\n');
    insertion(end, if ends { format!("{line}\n") } else { format!("\n{line}") })
}

/// Splits `https://…/compare/v1.3.0...HEAD` into what is before the release, and the release.
fn split(url: &str) -> Option<(&str, &str)> {
    let dots = url.rfind("...HEAD").or_else(|| url.rfind("..HEAD"))?;
    let start = url[..dots].rfind(['/', '=']).map_or(0, |at| at + 1);
    (start < dots).then(|| (&url[..start], &url[start..dots]))
}
