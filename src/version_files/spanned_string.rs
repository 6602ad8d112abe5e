//! A string in a file, and its byte range.

use std::ops::Range;

/// A string in a file. The range excludes the quotes, so that a replacement keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SpannedString {
    /// The value, without escapes.
    pub(super) value: String,
    /// The byte range in the file.
    pub(super) range: Range<usize>,
}

impl SpannedString {
    /// Returns the string of a token with quotes that begins at byte `start` of the file.
    pub(super) fn in_token(token: &str, start: usize, value: &str) -> SpannedString {
        // A value that is not in the token as it is, is written with escapes; then the range is all between the quotes.
        let literal = token.find(value).map(|at| at..at + value.len());
        let inner = literal.unwrap_or_else(|| {
            let quote = |c: char| c == '"' || c == '\'';
            let before = token.len() - token.trim_start_matches(quote).len();
            before..token.trim_end_matches(quote).len().max(before)
        });
        SpannedString { value: value.to_owned(), range: start + inner.start..start + inner.end }
    }

    /// Returns a part of a text without quotes.
    pub(super) fn slice(text: &str, range: Range<usize>) -> SpannedString {
        SpannedString { value: text.get(range.clone()).unwrap_or_default().to_owned(), range }
    }
}

/// Returns the line number of a byte offset, from 1.
pub(super) fn line_number(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::SpannedString;

    #[test]
    fn the_range_excludes_quotes() {
        for (token, value, inner) in [
            ("\"1.0.0\"", "1.0.0", "1.0.0"),
            ("'1.0.0'", "1.0.0", "1.0.0"),
            ("\"\"\"\n1.0.0\"\"\"", "1.0.0", "1.0.0"),
            (r#""1\u002e0.0""#, "1.0.0", r"1\u002e0.0"),
            ("\"\"", "", ""),
        ] {
            let string = SpannedString::in_token(token, 0, value);
            assert_eq!(&token[string.range], inner, "{token}");
        }
    }
}
