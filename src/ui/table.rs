//! Tables that fit the terminal: every column as wide as it needs, the last one wrapped. Written here because the crates
//! that we found either cannot measure coloured cells or depend on a terminal driver.

use super::text::{Role, Text};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Rows of cells with an optional heading.
#[derive(Debug)]
pub struct Table {
    indent: usize,
    clipped: bool,
    gap: usize,
    rows: Vec<Vec<Text>>,
}

/// The spaces between two columns.
const GAP: usize = 2;
/// The least width of the last column.
const MIN_LAST_COLUMN: usize = 20;

impl Table {
    /// Creates a table whose lines begin with `indent` spaces.
    pub fn new(indent: usize) -> Self {
        Table { indent, clipped: false, gap: GAP, rows: Vec::new() }
    }

    /// Cuts the last column at the edge of the terminal instead of wrapping it.
    #[must_use]
    pub fn clipped(self) -> Self {
        Table { clipped: true, ..self }
    }

    /// Puts only one space between columns: for bullets and their text.
    #[must_use]
    pub fn tight(self) -> Self {
        Table { gap: 1, ..self }
    }

    /// Adds the line of column names.
    pub fn heading(&mut self, cells: &[&str]) {
        self.rows.push(cells.iter().map(|cell| Text::new().with(Role::Heading, cell)).collect());
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Text>) {
        self.rows.push(cells);
    }

    /// Returns the lines, none wider than `width` if the columns before the last leave room for that.
    pub fn lines(&self, width: usize) -> Vec<Text> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (cell, slot) in row.iter().zip(widths.iter_mut()) {
                *slot = (*slot).max(cell.unstyled().width());
            }
        }
        let before: usize = widths.iter().rev().skip(1).map(|width| width + self.gap).sum();
        let last = width.saturating_sub(self.indent + before).max(MIN_LAST_COLUMN);
        let mut lines = Vec::new();
        for row in &self.rows {
            let mut line = Text::new().plain(" ".repeat(self.indent));
            let Some((tail, heads)) = row.split_last() else { continue };
            let heads_are_all = row.len() < columns;
            for (cell, width) in heads.iter().zip(&widths) {
                let pad = width.saturating_sub(cell.unstyled().width()) + self.gap;
                line = line.then(cell.clone()).plain(" ".repeat(pad));
            }
            if heads_are_all {
                lines.push(line.then(tail.clone()));
                continue;
            }
            let parts = if self.clipped { vec![clip(tail, last)] } else { wrap(tail, last) };
            for (index, part) in parts.into_iter().enumerate() {
                let start = if index == 0 {
                    std::mem::take(&mut line)
                } else {
                    Text::new().plain(" ".repeat(self.indent + before))
                };
                lines.push(start.then(part));
            }
        }
        lines
    }
}

/// Returns the beginning of a text, in at most `width` columns.
fn clip(text: &Text, width: usize) -> Text {
    if text.unstyled().width() <= width {
        return text.clone();
    }
    let (mut cut, mut used) = (Text::new(), 1);
    for (role, piece) in text.pieces() {
        let fits = piece.chars().take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        });
        cut = cut.with(*role, fits.collect::<String>());
        if used > width {
            return cut.with(*role, "…");
        }
    }
    cut
}

/// Breaks a text at spaces into parts of at most `width` columns. A longer word gets a part of its own.
pub(super) fn wrap(text: &Text, width: usize) -> Vec<Text> {
    let mut parts = vec![Text::new()];
    let mut used = 0;
    for (role, piece) in text.pieces() {
        for word in piece.split_inclusive(' ') {
            let needed = word.trim_end().width();
            if used > 0 && used + needed > width {
                parts.push(Text::new());
                used = 0;
            }
            if let Some(part) = parts.last_mut() {
                *part = std::mem::take(part).with(*role, word);
            }
            used += word.width();
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn the_last_column_wraps_and_the_others_are_aligned() {
        let mut table = Table::new(2);
        table.heading(&["a", "text"]);
        table.row(vec!["日本".into(), "one two three four five six seven".into()]);
        let lines: Vec<_> =
            table.lines(28).iter().map(|line| line.unstyled().trim_end().to_owned()).collect();
        assert_eq!(lines, ["  a     text", "  日本  one two three four", "        five six seven"]);
    }

    #[test]
    fn a_clipped_column_ends_at_the_edge_of_the_terminal() {
        let mut table = Table::new(0).clipped();
        table.row(vec!["a".into(), "日本語 is wide, and this does not fit".into()]);
        assert_eq!(table.lines(25)[0].unstyled(), "a  日本語 is wide, and t…");
    }
}
