//! The links that Keep a Changelog has at the foot of a file: a release gets one, and `[Unreleased]` starts anew from it.
//! Leans on `outline`.

use super::outline::{Mark, Outline, mark, version_in};
use super::splice::{Edit, Release, insertion, of_package};
use crate::model::Version;

/// The edits; none where the file keeps no such links. Only the newest release moves that of `[Unreleased]`.
pub(super) fn edits(outline: &Outline<'_>, release: &Release<'_>, newest: bool) -> Vec<Edit> {
    let Release { title, tag, page, .. } = release;
    // A template may bring the link of its section along.
    let brought = release.section.lines().any(|line| line.starts_with(&format!("[{title}]:")));
    let unreleased =
        outline.definitions.iter().find(|definition| mark(definition.label, 1) == Mark::Unreleased);
    if let Some(definition) = unreleased.filter(|_| newest) {
        let Some((head, previous)) = split(definition.url) else {
            let line = page.map(|page| format!("[{title}]: {page}"));
            let line = line.filter(|_| !brought);
            return line.map(|line| below(outline, definition.end, &line)).into_iter().collect();
        };
        let tail = &definition.url[head.len() + previous.len()..];
        let url = format!("{head}{tag}{tail}");
        // What it linked until now is the release: the same link, to the tag.
        let line = format!("[{title}]: {head}{previous}{}", tail.replacen("HEAD", tag, 1));
        let place = outline.text[definition.at..definition.end].rfind(definition.url).unwrap_or(0);
        let moved = Edit { at: definition.at + place, remove: definition.url.len(), insert: url };
        let line = (!brought).then(|| below(outline, definition.end, &line));
        return std::iter::once(moved).chain(line).collect();
    }
    let ours = version_in(title).and_then(Version::parse);
    let lower = |label: &str| of_package(mark(label, 1), title).is_some_and(|other| Some(other) < ours);
    let first = outline.definitions.iter().find(|definition| lower(definition.label));
    match (first, page) {
        (Some(first), Some(page)) if !brought => vec![insertion(first.at, format!("[{title}]: {page}\n"))],
        _ => Vec::new(),
    }
}

/// A line below the one that ends at `end`.
fn below(outline: &Outline<'_>, end: usize, line: &str) -> Edit {
    let ends = outline.text[..end].ends_with('\n');
    insertion(end, if ends { format!("{line}\n") } else { format!("\n{line}") })
}

/// `https://…/compare/v1.3.0...HEAD`: what stands before the release, and the release.
fn split(url: &str) -> Option<(&str, &str)> {
    let dots = url.rfind("...HEAD").or_else(|| url.rfind("..HEAD"))?;
    let start = url[..dots].rfind(['/', '=']).map_or(0, |at| at + 1);
    (start < dots).then(|| (&url[..start], &url[start..dots]))
}
