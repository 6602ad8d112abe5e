//! Faults as people see them: the line, a caret, what would be right. Leans on `fault` and the crate annotate-snippets.

use super::fault::Fault;
use crate::error::Error;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use std::fmt::Write;

/// Faults that are shown; the rest is counted.
const SHOWN: usize = 30;

/// One error with all faults of a file, in the order in which they stand. `width` is the columns of the screen.
pub(super) fn error(file: &str, text: &str, width: usize, mut faults: Vec<Fault>) -> Error {
    faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
    let count = faults.len();
    let message = format!("{file} has {count} fault{}", if count == 1 { "" } else { "s" });
    let lines = Lines::new(text);
    let renderer = Renderer::plain().term_width(width);
    let mut error = Error::usage(&message);
    let mut rendered = String::new();
    for fault in faults.iter().take(SHOWN) {
        let place = lines.place(fault.span.start);
        let (line, column) = (place.number, place.column());
        error.causes.push(format!("line {line}, column {column}: {}; {}", fault.message, fault.help));
        rendered.push_str(&drawn(&renderer, file, &place, fault, width));
        rendered.push_str("\n\n");
    }
    if count > SHOWN {
        let rest = format!("… and {} more", count - SHOWN);
        rendered.push_str(&rest);
        rendered.push('\n');
        error.causes.push(rest);
    }
    // Writing into a string cannot fail.
    let _ = write!(rendered, "error: {message}");
    error.rendered(rendered)
}

/// Bytes of a line that are drawn before and from the place of a fault. A screen shows fewer; a line of a megabyte would
/// take the renderer long.
const BEFORE: usize = 600;
const BEHIND: usize = 1200;

/// One fault, drawn.
fn drawn(renderer: &Renderer, file: &str, place: &Place<'_>, fault: &Fault, width: usize) -> String {
    let start = whole(place.line, place.offset.saturating_sub(BEFORE));
    let line = place.line.get(start..whole(place.line, place.offset + BEHIND)).unwrap_or_default();
    let from = place.offset - start;
    let to = whole(line, from.saturating_add(fault.span.len())).max(from);
    let snippet =
        Snippet::source(line).line_start(place.number).annotation(AnnotationKind::Primary.span(from..to));
    let title = Level::ERROR.primary_title(wrapped(&fault.message, width, "error: ".len()));
    // The renderer counts columns in the piece that it is given.
    let place = match start {
        0 => title.element(snippet.path(file)),
        _ => {
            title.element(Origin::path(file).line(place.number).char_column(place.column())).element(snippet)
        }
    };
    let report = [place.element(Level::HELP.message(wrapped(&fault.help, width, "   = help: ".len())))];
    renderer.render(&report)
}

/// The last place up to `byte` at which a character begins or the text ends.
fn whole(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}

/// Breaks a text at spaces so that its lines fit beside an indent.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines
}

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A place in a text.
struct Place<'a> {
    number: usize,
    line: &'a str,
    offset: usize,
}

impl Place<'_> {
    /// The column, counted in characters from 1.
    fn column(&self) -> usize {
        self.line.get(..self.offset).map_or(0, |before| before.chars().count()) + 1
    }
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub(super) fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        Lines { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The number of the line, from 0, in which a byte stands.
    pub(super) fn index(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    fn place(&self, byte: usize) -> Place<'a> {
        let index = self.index(byte);
        let start = self.starts.get(index).copied().unwrap_or(0);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Place { number: index + 1, line, offset: whole(line, byte.saturating_sub(start)) }
    }
}
