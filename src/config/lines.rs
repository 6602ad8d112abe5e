//! The lines of a text, and where a byte is in them.

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A place in a text.
pub(super) struct Place<'a> {
    /// The number of the line, from 1.
    pub(super) number: usize,
    /// The line, without its end.
    pub(super) line: &'a str,
    /// The byte within the line.
    pub(super) offset: usize,
}

impl Place<'_> {
    /// Returns the column, counted in characters from 1.
    pub(super) fn column(&self) -> usize {
        self.line.get(..self.offset).map_or(0, |before| before.chars().count()) + 1
    }
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub(super) fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        Lines { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// Returns the index of the line that contains a byte, from 0.
    pub(super) fn index(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// Returns the place of a byte.
    pub(super) fn place(&self, byte: usize) -> Place<'a> {
        let index = self.index(byte);
        let start = self.starts.get(index).copied().unwrap_or(0);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Place { number: index + 1, line, offset: char_boundary(line, byte.saturating_sub(start)) }
    }
}

/// Returns the last byte up to `byte` at which a character begins or the text ends.
pub(super) fn char_boundary(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}
