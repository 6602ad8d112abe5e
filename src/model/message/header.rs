//! The first line of a conventional commit: `type(scope)!: subject` (conventionalcommits.org 1.0, and V21).
//! Leans on `bump` for the known types.

use crate::model::BumpTable;

/// A header that parses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type, in lower case.
    pub kind: String,
    /// The scope as it was written; `None` where there is none or it is empty.
    pub scope: Option<String>,
    /// `!` before the colon.
    pub breaking: bool,
    /// What follows the colon.
    pub subject: String,
}

/// Why a line is no header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    /// The character at which it goes wrong, counted from 1.
    pub column: usize,
    /// What is wrong there, as a sentence without a full stop.
    pub what: &'static str,
    /// The line as it should be, where that can be told.
    pub fixed: Option<String>,
}

impl Header {
    /// Reads a line that has neither line break nor leading space.
    pub fn parse(line: &str) -> Result<Header, HeaderFault> {
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
                "nothing but `(scope)` and `!`, in this order and without spaces, stands between type and colon"
            } else {
                "a colon and a space follow the type: `feat: …`, `fix(scope)!: …`"
            };
            return Err(fault(rest, what));
        };
        if subject.trim().is_empty() {
            return Err(fault(subject, "a header says something behind its colon"));
        }
        if !subject.starts_with(' ') {
            let mut fault = fault(subject, "a space follows the colon");
            let before = &line[..line.len() - subject.len()];
            fault.fixed = Some(format!("{before} {}", subject.trim_start()));
            return Err(fault);
        }
        let scope = scope.map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned);
        Ok(Header { kind: kind.to_lowercase(), scope, breaking, subject: subject.trim().to_owned() })
    }
}

/// Letters, digits and what teams write inside a type.
fn is_type_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+')
}

/// Splits what follows the opening parenthesis: up to the last `)` before the colon, which is the first one after the
/// balanced `)` (V21).
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

/// Whether somebody meant a header here: a known type, perhaps with scope and `!`, perhaps with spaces, and a colon.
pub fn looks_meant(line: &str, table: &BumpTable) -> bool {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = line.find(|c: char| !is_type_character(c)).unwrap_or(line.len());
    let (kind, mut rest) = line.split_at(end);
    if !table.knows(&kind.to_lowercase()) {
        return false;
    }
    loop {
        rest = rest.trim_start();
        rest = match (rest.strip_prefix('!'), rest.strip_prefix('(')) {
            (Some(rest), _) => rest,
            (_, Some(inside)) => match inside.find(')') {
                Some(close) => &inside[close + 1..],
                None => return inside.contains(':'),
            },
            _ => return rest.starts_with([':', '：']),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, looks_meant};
    use crate::model::BumpTable;

    fn header(line: &str) -> Option<(String, Option<String>, bool, String)> {
        Header::parse(line).ok().map(|header| (header.kind, header.scope, header.breaking, header.subject))
    }

    #[test]
    fn v21_headers() {
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
    fn v21_meant_but_not_parsed() {
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
            assert_eq!(looks_meant(line, &table), !line.starts_with('['), "{line}");
        }
        for line in ["fix the build: again", "note:x", "a fix: x", "fixes: x", "", "feat"] {
            assert!(!looks_meant(line, &table), "{line}");
        }
    }

    #[test]
    fn a_fault_says_where() {
        let fault = Header::parse("feat(ä):x").unwrap_err();
        assert_eq!((fault.column, fault.fixed.as_deref()), (9, Some("feat(ä): x")));
        assert_eq!(Header::parse("fix (a): x").unwrap_err().column, 4);
        assert_eq!(Header::parse("update things").unwrap_err().column, 7);
    }
}
