//! The parser's side of a fault: what is no TOML at all, in the words of this house. Leans on `fault` and the crate toml,
//! which bounds nesting itself.

use super::fault::{Fault, quoted};
use toml::Spanned;
use toml::de::{DeTable, Error};

/// What a file says, as far as it can be read.
pub(super) struct Parsed<'a> {
    /// The tree; repaired where the text is broken.
    pub(super) tree: Spanned<DeTable<'a>>,
    /// What is no TOML: whatever else is said of the same line is a consequence.
    pub(super) broken: Vec<Fault>,
    /// Keys that stand twice: their lines are sound otherwise.
    pub(super) doubled: Vec<Fault>,
    /// Where the parser gave up on what follows, and what would have let it go on.
    stops: Vec<(usize, &'static str)>,
}

/// Errors behind which the parser loses what follows: all of it, or all up to the next header.
const STOPS: [(&str, &str); 4] = [
    ("key with no value", ""),
    ("unclosed table", "]"),
    ("unclosed array table, expected `]]`", "]]"),
    ("unclosed array table, expected `]`", "]"),
];

/// A text in which the parser does not give up where it gave up before. Lines keep their numbers.
pub(super) struct Mended {
    /// The text: lines without a value are blanked, headers are closed.
    pub(super) text: String,
    /// Where brackets were put in, in bytes of the mended text.
    put_in: Vec<usize>,
}

impl Mended {
    /// A fault of the mended text in the place that it has in the text itself.
    pub(super) fn back(&self, mut fault: Fault) -> Fault {
        let back = |byte: usize| byte - self.put_in.partition_point(|place| *place < byte);
        fault.span = back(fault.span.start)..back(fault.span.end);
        fault
    }
}

impl Parsed<'_> {
    /// The text mended, so that the parser sees what stands behind. `None` where it gave up nowhere.
    pub(super) fn mended(&self, text: &str) -> Option<Mended> {
        let mut mended = Mended { text: String::with_capacity(text.len() + 64), put_in: Vec::new() };
        let mut done = 0;
        for (stop, missing) in &self.stops {
            // A blanked line may have held the next stop too.
            let Some(before) = text.get(done..*stop) else { continue };
            if missing.is_empty() {
                let kept = before.rfind('\n').map_or(0, |end| end + 1);
                let line = text.get(done + kept..)?.split('\n').next()?.len();
                mended.text.push_str(before.get(..kept)?);
                mended.text.extend(std::iter::repeat_n(' ', line));
                done += kept + line;
            } else {
                mended.text.push_str(before);
                mended.put_in.extend(mended.text.len()..mended.text.len() + missing.len());
                mended.text.push_str(missing);
                done = *stop;
            }
        }
        mended.text.push_str(text.get(done..)?);
        (!self.stops.is_empty()).then_some(mended)
    }
}

/// Reads a text, however broken it is.
pub(super) fn parse(text: &str) -> Parsed<'_> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let (doubled, broken): (Vec<_>, Vec<_>) =
        errors.iter().partition(|error| error.message() == "duplicate key");
    let mut stops: Vec<_> = broken
        .iter()
        .filter_map(|error| {
            let (_, missing) = STOPS.iter().find(|(message, _)| error.message().starts_with(message))?;
            Some((error.span()?.start, *missing))
        })
        .collect();
    stops.sort_unstable();
    Parsed {
        tree,
        stops,
        broken: broken.into_iter().map(|error| broken_fault(text, error)).collect(),
        doubled: doubled.into_iter().map(|error| doubled_fault(text, error)).collect(),
    }
}

fn doubled_fault(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or_default();
    let key = text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
    Fault::new(span, format!("{} stands twice", quoted(key)), "keep one of the two")
}

fn broken_fault(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or_default();
    let (message, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
    let word = text.get(span.clone()).unwrap_or_default();
    // A bare word is taken for an unfinished `nan`, `true` or date by its first letter.
    let bare = word.starts_with(|c: char| c.is_ascii_alphabetic()) && message.starts_with("invalid ");
    let (message, help) = match (message, expected) {
        _ if bare && word != "True" && word != "False" => {
            ("a string stands in quotes".to_owned(), format!("write \"{}\"", quoted(word).trim_matches('`')))
        }
        _ if bare => {
            ("true and false are written small".to_owned(), format!("write {}", word.to_lowercase()))
        }
        ("string values must be quoted", _) if word.is_empty() => {
            ("there is no value".to_owned(), "write a value behind the `=`, or remove the line".to_owned())
        }
        ("string values must be quoted", _) => (
            "a string stands in quotes".to_owned(),
            "write \"…\", or '…' for text with backslashes".to_owned(),
        ),
        ("key with no value", _) => (
            "a key without a value".to_owned(),
            "a line is `key = value`, `[table]` or `# comment`".to_owned(),
        ),
        ("cannot recurse further; max recursion depth met" | "recursion limit", _) => {
            ("nested too deeply".to_owned(), "no key of this file nests deeper than six levels".to_owned())
        }
        ("unclosed table" | "unclosed array table", expected) => {
            ("a header without its end".to_owned(), format!("write {} at its end", expected.replace('`', "")))
        }
        (message, "" | "nothing") => (message.to_owned(), "remove it".to_owned()),
        (message, expected) => (message.to_owned(), format!("expected {expected}")),
    };
    Fault::new(span, message, help)
}
