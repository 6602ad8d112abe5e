//! Splits output into lines without secrets, whatever the pieces are in which it arrives.

use crate::model::{RedactionStream, Redactor};

/// Longer lines are split, in bytes.
const MAX_LINE: usize = 4096;

/// One output of a program, being split into lines.
pub(super) struct RedactedLines {
    stream: RedactionStream,
    /// The beginning of a line, redacted.
    line: Vec<u8>,
}

impl RedactedLines {
    pub(super) fn new(redactor: &Redactor) -> Self {
        RedactedLines { stream: redactor.stream(), line: Vec::new() }
    }

    /// Takes the next piece of output, and emits the lines that are complete.
    pub(super) fn push(&mut self, piece: &[u8], emit: &mut dyn FnMut(&str)) {
        let mut lines = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = lines.next() {
            self.stream.push(part, &mut self.line);
            if lines.peek().is_some() {
                self.end_line(emit);
            } else {
                self.split_long_line(emit);
            }
        }
    }

    /// Emits the last line where it has no line break.
    pub(super) fn finish(&mut self, emit: &mut dyn FnMut(&str)) {
        self.stream.finish(&mut self.line);
        if !self.line.is_empty() {
            self.end_line(emit);
        }
    }

    fn end_line(&mut self, emit: &mut dyn FnMut(&str)) {
        self.stream.finish(&mut self.line);
        self.split_long_line(emit);
        let line = std::mem::take(&mut self.line);
        emit(String::from_utf8_lossy(&line).trim_end_matches('\r'));
    }

    /// Emits parts of a line that is too long. It is split behind white space or a quotation mark where there is one, so
    /// that words and URLs stay whole; else between two characters.
    fn split_long_line(&mut self, emit: &mut dyn FnMut(&str)) {
        while self.line.len() > MAX_LINE {
            let start = &self.line[..MAX_LINE];
            let gap = start.iter().rposition(|byte| b" \t\"'".contains(byte)).map(|at| at + 1);
            let character = || (MAX_LINE - 3..=MAX_LINE).rev().find(|at| self.line[*at] & 0xc0 != 0x80);
            let end = gap.or_else(character).unwrap_or(MAX_LINE);
            emit(&String::from_utf8_lossy(&self.line[..end]));
            self.line.drain(..end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINE, RedactedLines};
    use crate::model::Redactor;

    /// Splits a text that arrives in pieces of `size` bytes.
    fn lines(text: &str, size: usize) -> Vec<String> {
        let redactor = Redactor::new(["sesame-open".to_owned()]);
        let (mut lines, mut seen) = (RedactedLines::new(&redactor), Vec::new());
        for piece in text.as_bytes().chunks(size) {
            lines.push(piece, &mut |line| seen.push(line.to_owned()));
        }
        lines.finish(&mut |line| seen.push(line.to_owned()));
        seen
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        for size in 1..20 {
            assert_eq!(lines("a sesame-open\r\n\nü sesame\n-open", size), ["a ***", "", "ü sesame", "-open"]);
        }
    }

    #[test]
    fn a_secret_across_the_limit_of_a_line_is_hidden() {
        for before in MAX_LINE - 20..MAX_LINE + 5 {
            let text = format!("{}sesame-open{}\n", "x".repeat(before), "y".repeat(MAX_LINE));
            for size in [1, 1000, MAX_LINE, 3 * MAX_LINE] {
                let seen = lines(&text, size);
                assert_eq!(seen.concat(), format!("{}***{}", "x".repeat(before), "y".repeat(MAX_LINE)));
                assert!(seen.iter().all(|line| line.len() <= MAX_LINE));
            }
        }
    }

    #[test]
    fn a_long_line_is_split_between_words_else_between_characters() {
        let words = "https://ada:password@host.example ".repeat(300);
        for line in lines(&words, 1000) {
            assert!(line.starts_with("https://ada") && line.ends_with("example "), "{line}");
        }
        let characters = format!("x{}", "ü".repeat(MAX_LINE));
        assert_eq!(lines(&characters, 100).concat(), characters);
    }
}
