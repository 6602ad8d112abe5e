//! The lines of a message with their numbers, and notices about a place in it.

use std::fmt;

/// The line above the text that git cuts off, after a comment character (git-commit(1), `--cleanup=scissors`).
pub const SCISSORS: &str = "------------------------ >8 ------------------------";

/// A place in a message that was probably meant to count, but does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The line, counted from 1.
    pub line: usize,
    /// The character, counted from 1.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub text: String,
    /// The line itself, shortened.
    pub quote: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`", self.text, self.quote)
    }
}

/// A trailer and the place of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// The line, counted from 1.
    pub line: usize,
    /// The character at which the value begins, counted from 1.
    pub column: usize,
    /// The value.
    pub value: String,
}

/// One line of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageLine<'a> {
    /// Its number in the message, counted from 1.
    pub number: usize,
    /// Its text, without the line break.
    pub text: &'a str,
}

impl<'a> MessageLine<'a> {
    /// Returns the character at which `rest`, the end of this line, begins, counted from 1.
    pub(super) fn column(self, rest: &str) -> usize {
        let before = self.text.len().saturating_sub(rest.len());
        self.text.get(..before).map_or(0, |before| before.chars().count()) + 1
    }

    /// Returns a notice about the place at which `rest`, the end of this line, begins.
    pub(super) fn notice(self, rest: &str, text: impl Into<String>) -> Notice {
        Notice { line: self.number, column: self.column(rest), text: text.into(), quote: excerpt(self.text) }
    }

    /// Whether the line has only white space.
    pub(super) fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }

    /// Returns the value of a trailer; its key is not case-sensitive.
    pub(super) fn trailer(self, key: &str) -> Option<&'a str> {
        let (name, value) = self.text.split_once(':')?;
        let value = value.trim();
        (name.trim_end().eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
    }
}

/// Splits a message into the lines that count: none after a scissors line, no blank lines at either end, CRLF as LF (V26).
pub(super) fn lines(text: &str) -> Vec<MessageLine<'_>> {
    let mut lines: Vec<MessageLine<'_>> = text
        .trim_start_matches('\u{feff}')
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .take_while(|line| !is_scissors(line))
        .enumerate()
        .map(|(index, text)| MessageLine { number: index + 1, text })
        .skip_while(|line| line.is_blank())
        .collect();
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(0, |last| last + 1);
    lines.truncate(end);
    lines
}

/// Returns the `Release-As` trailers in order, from any line but the first.
pub(super) fn release_as(lines: &[MessageLine<'_>]) -> Vec<Trailer> {
    let below_header = lines.iter().skip(1);
    let values = below_header.filter_map(|line| {
        let value = line.trailer("release-as")?;
        let column = line.column(line.text.split_once(':')?.1.trim_start());
        Some(Trailer { line: line.number, column, value: value.to_owned() })
    });
    values.collect()
}

/// Returns the first paragraph below the subject.
pub(super) fn paragraph<'a, 'b>(lines: &'a [MessageLine<'b>]) -> &'a [MessageLine<'b>] {
    let Some(start) = lines.iter().skip(1).position(|line| !line.is_blank()).map(|at| at + 1) else {
        return &[];
    };
    let rest = lines.get(start..).unwrap_or_default();
    let end = rest.iter().position(|line| line.is_blank()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Whether a line is a scissors line, with any comment character.
fn is_scissors(line: &str) -> bool {
    let mut rest = line.chars();
    rest.next();
    rest.as_str().trim_start() == SCISSORS
}

/// Shortens a line to 60 characters.
fn excerpt(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
