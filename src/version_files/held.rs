//! A string of a file, and the bytes that say it. Leans on nothing.

use std::ops::Range;

/// A string and its bytes, quotes left out, so that what replaces them keeps the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// What it says.
    pub(super) value: String,
    /// Where it stands, in bytes of the file.
    pub(super) range: Range<usize>,
}

impl Held {
    /// A string whose token, quotes included, stands at `start` of a file.
    pub(super) fn in_token(token: &str, start: usize, value: &str) -> Held {
        // Where the value is not found as it is, it is written with escapes: then all between the quotes is its own.
        let plain = token.find(value).map(|at| at..at + value.len());
        let inner = plain.unwrap_or_else(|| {
            let quote = |c: char| c == '"' || c == '\'';
            let before = token.len() - token.trim_start_matches(quote).len();
            before..token.trim_end_matches(quote).len().max(before)
        });
        Held { value: value.to_owned(), range: start + inner.start..start + inner.end }
    }

    /// A part of a text that has no quotes.
    pub(super) fn part(text: &str, range: Range<usize>) -> Held {
        Held { value: text.get(range.clone()).unwrap_or_default().to_owned(), range }
    }
}

/// The line of a byte, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::Held;

    #[test]
    fn quotes_stay_outside() {
        for (token, value, inner) in [
            ("\"1.0.0\"", "1.0.0", "1.0.0"),
            ("'1.0.0'", "1.0.0", "1.0.0"),
            ("\"\"\"\n1.0.0\"\"\"", "1.0.0", "1.0.0"),
            (r#""1\u002e0.0""#, "1.0.0", r"1\u002e0.0"),
            ("\"\"", "", ""),
        ] {
            let held = Held::in_token(token, 0, value);
            assert_eq!(&token[held.range], inner, "{token}");
        }
    }
}
