//! All faults of a file as one error, each with its line.

use super::fault::Fault;
use super::lines::{Lines, char_boundary};
use crate::error::{Error, Snippet};

/// How many faults are shown; the rest are counted.
const MAX_SHOWN: usize = 30;

/// How many bytes of a line are kept before and from the place of a fault. A terminal shows fewer; a line of a megabyte
/// would be slow to render.
const MAX_BEFORE: usize = 600;
const MAX_AFTER: usize = 1200;

/// Makes one error of exit code 2 from all faults, in the order of the file.
pub(super) fn error(file: &str, text: &str, mut faults: Vec<Fault>) -> Error {
    faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
    let count = faults.len();
    let lines = Lines::new(text);
    let mut error = Error::usage(format!("{file} has {count} problem{}", if count == 1 { "" } else { "s" }));
    let mut snippets = Vec::new();
    for fault in faults.iter().take(MAX_SHOWN) {
        let snippet = snippet(file, &lines, fault);
        error.causes.push(format!(
            "line {}, column {}: {}; {}",
            snippet.line, snippet.column, fault.message, fault.help
        ));
        snippets.push(snippet);
    }
    if count > MAX_SHOWN {
        error.causes.push(format!("… and {} more", count - MAX_SHOWN));
    }
    error.snippets(snippets)
}

/// Cuts the part of the line around a fault.
fn snippet(file: &str, lines: &Lines<'_>, fault: &Fault) -> Snippet {
    let place = lines.place(fault.span.start);
    let start = char_boundary(place.line, place.offset.saturating_sub(MAX_BEFORE));
    let end = char_boundary(place.line, place.offset + MAX_AFTER);
    let text = place.line.get(start..end).unwrap_or_default();
    let from = place.offset - start;
    let to = char_boundary(text, from.saturating_add(fault.span.len())).max(from);
    Snippet {
        message: fault.message.clone(),
        source: file.to_owned(),
        line: place.number,
        column: place.column(),
        text: text.to_owned(),
        span: from..to,
        help: Some(fault.help.clone()),
    }
}
