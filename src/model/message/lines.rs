//! The lines of a message with their numbers, and what is said about a place in it. Leans on nothing.

use std::fmt;

/// What git puts above the text that it cuts off, behind a comment character (git-commit(1), `--cleanup=scissors`).
pub const SCISSORS: &str = "------------------------ >8 ------------------------";

/// What looks meant but does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The line, counted from 1.
    pub line: usize,
    /// The character, counted from 1.
    pub column: usize,
    /// What is wrong, as a sentence without a full stop.
    pub text: String,
    /// The line itself, short enough for a sentence.
    pub quote: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`", self.text, self.quote)
    }
}

/// A trailer and where its value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// The line, counted from 1.
    pub line: usize,
    /// The character at which the value begins, counted from 1.
    pub column: usize,
    /// The value.
    pub value: String,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Its number in the message, counted from 1.
    pub number: usize,
    /// Its text, without the line break.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    /// The character at which the end `rest` of this line begins, counted from 1.
    pub(super) fn column(self, rest: &str) -> usize {
        let before = self.text.len().saturating_sub(rest.len());
        self.text.get(..before).map_or(0, |before| before.chars().count()) + 1
    }

    /// Says something about the place at which the end `rest` of this line begins.
    pub(super) fn notice(self, rest: &str, text: impl Into<String>) -> Notice {
        Notice { line: self.number, column: self.column(rest), text: text.into(), quote: excerpt(self.text) }
    }

    /// Nothing stands here.
    pub(super) fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }

    /// The value of a trailer at the start of the line, its key without regard to case.
    pub(super) fn trailer(self, key: &str) -> Option<&'a str> {
        let (name, value) = self.text.split_once(':')?;
        let value = value.trim();
        (name.trim_end().eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
    }
}

/// The lines that count: nothing after a scissors line, no blank ones at either end, CRLF as LF (V26).
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = text
        .trim_start_matches('\u{feff}')
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .take_while(|line| !is_scissors(line))
        .enumerate()
        .map(|(index, text)| Line { number: index + 1, text })
        .skip_while(|line| line.is_blank())
        .collect();
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(0, |last| last + 1);
    lines.truncate(end);
    lines
}

/// The values of `Release-As`, in order: on any line but the first.
pub(super) fn release_as(lines: &[Line<'_>]) -> Vec<Trailer> {
    let behind_header = lines.iter().skip(1);
    let values = behind_header.filter_map(|line| {
        let value = line.trailer("release-as")?;
        let column = line.column(line.text.split_once(':')?.1.trim_start());
        Some(Trailer { line: line.number, column, value: value.to_owned() })
    });
    values.collect()
}

/// The first paragraph behind the subject.
pub(super) fn paragraph<'a, 'b>(lines: &'a [Line<'b>]) -> &'a [Line<'b>] {
    let Some(start) = lines.iter().skip(1).position(|line| !line.is_blank()).map(|at| at + 1) else {
        return &[];
    };
    let rest = lines.get(start..).unwrap_or_default();
    let end = rest.iter().position(|line| line.is_blank()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Behind any comment character.
fn is_scissors(line: &str) -> bool {
    let mut rest = line.chars();
    rest.next();
    rest.as_str().trim_start() == SCISSORS
}

/// A line, short enough for a sentence.
fn excerpt(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
