//! A place in a text as people see it: the line, a caret under the character, what would be right. Leans on `text`.

use super::text::{Role, Text};
use crate::model::clean_line;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A fault at a place.
#[derive(Clone, Copy, Debug)]
pub struct Snippet<'a> {
    /// What is wrong.
    pub what: &'a str,
    /// The file, or whatever else the line stands in.
    pub source: &'a str,
    /// The number of the line, counted from 1.
    pub number: usize,
    /// The character, counted from 1.
    pub column: usize,
    /// The line itself.
    pub line: &'a str,
    /// What would be right.
    pub help: Option<&'a str>,
}

impl Snippet<'_> {
    /// The drawing, its line cut to `width` columns around the caret.
    pub fn lines(&self, width: usize) -> Vec<Text> {
        let number = self.number.to_string();
        let gutter = " ".repeat(number.len());
        let edge = |text: &str| Text::new().with(Role::Faint, format!("{gutter} |{text}"));
        let (line, before) = self.cut(width.saturating_sub(number.len() + 3));
        let mut lines = vec![
            Text::new().with(Role::Bad, "error: ").plain(clean_line(self.what)),
            Text::new().with(
                Role::Faint,
                format!("{gutter}--> {}:{number}:{}", clean_line(self.source), self.column),
            ),
            edge(""),
            Text::new().with(Role::Faint, format!("{number} | ")).plain(line),
            edge(&" ".repeat(before + 1)).with(Role::Bad, "^"),
        ];
        if let Some(help) = self.help {
            lines.push(edge(""));
            let equals = Text::new().with(Role::Faint, format!("{gutter} = "));
            lines.push(equals.with(Role::Name, "help: ").plain(clean_line(help)));
        }
        lines
    }

    /// The part of the line that fits into `room` columns, and how many of them stand before the caret.
    fn cut(&self, room: usize) -> (String, usize) {
        let at = self.line.char_indices().nth(self.column.saturating_sub(1));
        let (before, behind) = self.line.split_at(at.map_or(self.line.len(), |(at, _)| at));
        let (mut before, behind) = (clean_line(before), clean_line(behind));
        if before.width() >= room {
            // The caret then stands in the middle.
            let kept = fitting(before.chars().rev(), room / 2);
            let start = before.char_indices().nth_back(kept.saturating_sub(1)).map_or(0, |(at, _)| at);
            before = format!("…{}", &before[start..]);
        }
        let used = before.width();
        if used + behind.width() <= room {
            return (before + &behind, used);
        }
        let kept = fitting(behind.chars(), room.saturating_sub(used + 1));
        (before + &behind.chars().take(kept).collect::<String>() + "…", used)
    }
}

/// How many characters fit into `room` columns.
fn fitting(characters: impl Iterator<Item = char>, room: usize) -> usize {
    let mut used = 0;
    let fits = characters.take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    fits.count()
}

#[cfg(test)]
mod tests {
    use super::Snippet;

    fn drawn(line: &str, column: usize, width: usize) -> Vec<String> {
        let snippet = Snippet { what: "no", source: "file", number: 12, column, line, help: Some("yes") };
        snippet.lines(width).iter().map(|text| text.words()).collect()
    }

    #[test]
    fn the_caret_stands_under_its_character() {
        assert_eq!(
            drawn("feat(日本):x", 10, 80),
            [
                "error: no",
                "  --> file:12:10",
                "   |",
                "12 | feat(日本):x",
                "   |            ^",
                "   |",
                "   = help: yes"
            ]
        );
        assert_eq!(drawn("a\u{1b}[1m\tb", 7, 80)[3..5], ["12 | a[1m b", "   |      ^"]);
        assert_eq!(drawn("feat:", 6, 80)[3..5], ["12 | feat:", "   |      ^"]);
        assert_eq!(drawn("", 9, 80)[3..5], ["12 | ", "   | ^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_its_caret() {
        let long = "0123456789".repeat(10_000);
        assert_eq!(drawn(&long, 3, 20)[3..5], ["12 | 01234567890123…", "   |   ^"]);
        assert_eq!(drawn(&long, 50_001, 20)[3..5], ["12 | …3456789012345…", "   |         ^"]);
        assert_eq!(drawn(&long, 100_001, 20)[3..5], ["12 | …3456789", "   |         ^"]);
    }
}
