//! Parses the first line of a conventional commit: `type(scope)!: subject` (conventionalcommits.org 1.0; V21).

use crate::model::BumpTable;

/// A parsed header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type, in lower case.
    pub kind: String,
    /// The scope as written; `None` if there is none or it is empty.
    pub scope: Option<String>,
    /// `!` before the colon.
    pub breaking: bool,
    /// What follows the colon.
    pub subject: String,
}

/// Why a line is not a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    /// The character at which parsing fails, counted from 1.
    pub column: usize,
    /// What is wrong there, without a full stop.
    pub what: &'static str,
    /// The corrected line, if it is known.
    pub fixed: Option<String>,
}

impl Header {
    /// Parses a line without a line break and leading space.
    ///
    /// # Errors
    ///
    /// Says at which character parsing fails and, if possible, what would be right.
    pub fn parse(line: &str) -> Result<Header, HeaderFault> {
        Header::parse_only(line).map_err(|fault| match fault.fixed {
            Some(_) => fault,
            None => HeaderFault { fixed: corrected(line), ..fault },
        })
    }

    /// Parses a line like `parse`, without looking for a correction.
    pub(super) fn parse_only(line: &str) -> Result<Header, HeaderFault> {
        let fault = |rest: &str, what: &'static str| HeaderFault {
            column: line[..line.len() - rest.len()].chars().count() + 1,
            what,
            fixed: None,
        };
        let end = line.find(|c: char| !is_type_character(c)).unwrap_or(line.len());
        let (kind, rest) = line.split_at(end);
        if !kind.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(fault(line, "a header begins with a type: `feat: …`, `fix(scope): …`"));
        }
        let (scope, rest) = match rest.strip_prefix('(') {
            None => (None, rest),
            Some(inside) => split_scope(inside)
                .ok_or_else(|| fault(rest, "the scope has no closing parenthesis before a colon"))?,
        };
        let (breaking, rest) = match rest.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let Some(subject) = rest.strip_prefix(':') else {
            let what = if rest.trim_start().starts_with([':', '(', '!']) {
                "only `(scope)` and `!`, in this order and without spaces, may come between type and colon"
            } else {
                "a colon and a space must follow the type: `feat: …`, `fix(scope)!: …`"
            };
            return Err(fault(rest, what));
        };
        if subject.trim().is_empty() {
            return Err(fault(subject, "the subject after the colon is missing"));
        }
        if !subject.starts_with(' ') {
            let mut fault = fault(subject, "a space must follow the colon");
            let before = &line[..line.len() - subject.len()];
            fault.fixed = Some(format!("{before} {}", subject.trim_start()));
            return Err(fault);
        }
        let scope = scope.map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned);
        Ok(Header { kind: kind.to_lowercase(), scope, breaking, subject: subject.trim().to_owned() })
    }
}

/// Whether a character may be part of a type: letters, digits, and the punctuation that teams use.
fn is_type_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+')
}

/// Splits the text after the opening parenthesis into scope and rest. The scope ends at the last `)` before the colon, which
/// is the first colon after the balanced `)` (V21).
fn split_scope(inside: &str) -> Option<(Option<&str>, &str)> {
    let mut depth = 1usize;
    let balanced = inside.char_indices().find_map(|(at, c)| {
        depth = match c {
            '(' => depth + 1,
            ')' => depth - 1,
            _ => depth,
        };
        (depth == 0).then_some(at)
    })?;
    let colon = balanced + inside[balanced..].find(':')?;
    let close = inside[..colon].rfind(')')?;
    Some((Some(&inside[..close]), &inside[close + 1..]))
}

/// Whether a line was probably meant as a header: a known type, perhaps with scope, `!` and spaces, and a colon.
pub fn is_probably_header(line: &str, table: &BumpTable) -> bool {
    LooseHeader::parse(line).is_some_and(|meant| table.knows(&meant.kind.to_lowercase()))
}

/// Returns the header that a line was probably meant as.
fn corrected(line: &str) -> Option<String> {
    let meant = LooseHeader::parse(line)?;
    let scope = meant.scope.map_or_else(String::new, |scope| format!("({})", scope.trim()));
    let breaking = if meant.breaking { "!" } else { "" };
    let corrected = format!("{}{scope}{breaking}: {}", meant.kind, meant.subject?);
    Header::parse_only(&corrected).is_ok().then_some(corrected)
}

/// A header as people write it: other characters before the type, spaces, and `!` and scope in any order.
struct LooseHeader<'a> {
    kind: &'a str,
    scope: Option<&'a str>,
    breaking: bool,
    /// `None` if the scope is not closed.
    subject: Option<&'a str>,
}

impl LooseHeader<'_> {
    fn parse(line: &str) -> Option<LooseHeader<'_>> {
        let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        let end = line.find(|c: char| !is_type_character(c)).unwrap_or(line.len());
        let (kind, mut rest) = line.split_at(end);
        let mut meant = LooseHeader { kind, scope: None, breaking: false, subject: None };
        loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix('!') {
                meant.breaking = true;
                rest = behind;
            } else if let Some(inside) = rest.strip_prefix('(') {
                let Some(close) = inside.find(')') else { return inside.contains(':').then_some(meant) };
                meant.scope = Some(&inside[..close]);
                rest = &inside[close + 1..];
            } else {
                meant.subject = Some(rest.strip_prefix([':', '：'])?.trim());
                return Some(meant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, is_probably_header};
    use crate::model::BumpTable;

    fn header(line: &str) -> Option<(String, Option<String>, bool, String)> {
        Header::parse(line).ok().map(|header| (header.kind, header.scope, header.breaking, header.subject))
    }

    #[test]
    fn v21_headers_are_parsed() {
        let some = |kind: &str, scope: Option<&str>, breaking, subject: &str| {
            Some((kind.to_owned(), scope.map(str::to_owned), breaking, subject.to_owned()))
        };
        assert_eq!(header("feat: x"), some("feat", None, false, "x"));
        assert_eq!(header("FEAT(Api)!: x"), some("feat", Some("Api"), true, "x"));
        assert_eq!(header("fix(): x"), some("fix", None, false, "x"));
        assert_eq!(header("fix(a(b)c): x: y"), some("fix", Some("a(b)c"), false, "x: y"));
        assert_eq!(header("fix(a:b): x"), some("fix", Some("a:b"), false, "x"));
        assert_eq!(header("fix(a)b): x"), some("fix", Some("a)b"), false, "x"));
        assert_eq!(header("fix:   wide"), some("fix", None, false, "wide"));
        for line in [
            "feat:x",
            "feat:",
            "feat: ",
            "feat",
            "feat (a): x",
            "feat!(a): x",
            "feat(a: x",
            "feat(a) : x",
            ": x",
            "#feat: x",
            "",
            "feat：x",
        ] {
            assert_eq!(header(line), None, "{line}");
        }
    }

    #[test]
    fn v21_lines_that_were_probably_meant_as_headers_are_found() {
        let table = BumpTable::default();
        for line in [
            "feat:x",
            "feat (a): x",
            "Fix : x",
            "✨ feat: x",
            "feat!(a): x",
            "[fix]: x",
            "feat(a: x",
            "feat：x",
        ] {
            assert_eq!(is_probably_header(line, &table), !line.starts_with('['), "{line}");
        }
        for line in ["fix the build: again", "note:x", "a fix: x", "fixes: x", "", "feat"] {
            assert!(!is_probably_header(line, &table), "{line}");
        }
    }

    #[test]
    fn an_error_names_the_column() {
        let fault = Header::parse("feat(ä):x").unwrap_err();
        assert_eq!((fault.column, fault.fixed.as_deref()), (9, Some("feat(ä): x")));
        assert_eq!(Header::parse("fix (a): x").unwrap_err().column, 4);
        assert_eq!(Header::parse("update things").unwrap_err().column, 7);
    }

    #[test]
    fn an_error_has_the_corrected_line() {
        for (line, right) in [
            ("feat:x", Some("feat: x")),
            ("fix(a)b):x", Some("fix(a)b): x")),
            ("feat (a): x", Some("feat(a): x")),
            ("Fix : x", Some("Fix: x")),
            ("✨ feat: x", Some("feat: x")),
            ("feat!(a): x", Some("feat(a)!: x")),
            ("feat( a ) ! : x", Some("feat(a)!: x")),
            ("feat：x", Some("feat: x")),
            ("feat(a: x", None),
            ("feat:", None),
            ("update things", None),
            ("12 : x", None),
            ("", None),
        ] {
            assert_eq!(Header::parse(line).unwrap_err().fixed.as_deref(), right, "{line}");
        }
    }
}
