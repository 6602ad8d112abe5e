//! Parses TOML, explains what is not TOML, and repairs broken lines so that the rest of the file is checked too. The
//! crate toml limits nesting.

use super::fault::Fault;
use super::quote::{escaped, quoted};
use toml::Spanned;
use toml::de::{DeTable, Error};

/// A file as far as it can be parsed.
pub(super) struct Parsed<'a> {
    /// The tree; the parser fills in what is missing where the text is broken.
    pub(super) tree: Spanned<DeTable<'a>>,
    /// What is not TOML. Other faults of the same line are consequences.
    pub(super) broken: Vec<Fault>,
    /// Keys that are defined twice; their lines are fine otherwise.
    pub(super) duplicates: Vec<Fault>,
    /// Where the parser gave up on what follows, and what is missing there.
    stops: Vec<(usize, &'static str)>,
}

/// Errors after which the parser loses what follows, all of it or all up to the next header; and what is missing.
const STOPS: [(&str, &str); 4] = [
    ("key with no value", ""),
    ("unclosed table", "]"),
    ("unclosed array table, expected `]]`", "]]"),
    ("unclosed array table, expected `]`", "]"),
];

/// A text repaired where the parser gave up. Lines keep their numbers.
pub(super) struct Recovered {
    /// The text: lines without a value are blanked, headers are closed.
    pub(super) text: String,
    /// Where brackets were inserted, in bytes of the repaired text.
    inserted: Vec<usize>,
}

impl Recovered {
    /// Moves a fault of the repaired text to its place in the original text.
    pub(super) fn in_original(&self, mut fault: Fault) -> Fault {
        let original = |byte: usize| byte - self.inserted.partition_point(|place| *place < byte);
        fault.span = original(fault.span.start)..original(fault.span.end);
        fault
    }
}

impl Parsed<'_> {
    /// Repairs the text, so that the parser sees what follows. `None` if it gave up nowhere.
    pub(super) fn recovered(&self, text: &str) -> Option<Recovered> {
        let mut recovered = Recovered { text: String::with_capacity(text.len() + 64), inserted: Vec::new() };
        let mut done = 0;
        for (stop, missing) in &self.stops {
            // A blanked line may have held the next stop too.
            let Some(before) = text.get(done..*stop) else { continue };
            if missing.is_empty() {
                let kept = before.rfind('\n').map_or(0, |end| end + 1);
                let line = text.get(done + kept..)?.split('\n').next()?.len();
                recovered.text.push_str(before.get(..kept)?);
                recovered.text.extend(std::iter::repeat_n(' ', line));
                done += kept + line;
            } else {
                recovered.text.push_str(before);
                recovered.inserted.extend(recovered.text.len()..recovered.text.len() + missing.len());
                recovered.text.push_str(missing);
                done = *stop;
            }
        }
        recovered.text.push_str(text.get(done..)?);
        (!self.stops.is_empty()).then_some(recovered)
    }
}

/// Parses a text, however broken it is.
pub(super) fn parse(text: &str) -> Parsed<'_> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let (duplicates, broken): (Vec<_>, Vec<_>) =
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
        duplicates: duplicates.into_iter().map(|error| duplicates_fault(text, error)).collect(),
    }
}

fn duplicates_fault(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or_default();
    let key = text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
    Fault::new(span, format!("{} is defined twice", quoted(key)), "keep one of the two")
}

fn broken_fault(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or_default();
    let (message, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
    let word = text.get(span.clone()).unwrap_or_default();
    // By its first letter, the parser takes a bare word for an unfinished `nan`, `true` or date.
    let bare = word.starts_with(|c: char| c.is_ascii_alphabetic()) && message.starts_with("invalid ");
    let (message, help) = match (message, expected) {
        _ if bare && word != "True" && word != "False" => {
            ("a string needs quotes".to_owned(), format!("write \"{}\"", escaped(word)))
        }
        _ if bare => ("true and false are lowercase".to_owned(), format!("write {}", word.to_lowercase())),
        ("string values must be quoted", _) if word.is_empty() => {
            ("the value is missing".to_owned(), "write a value after the `=`, or remove the line".to_owned())
        }
        ("string values must be quoted", _) => {
            ("a string needs quotes".to_owned(), "write \"…\", or '…' for text with backslashes".to_owned())
        }
        ("key with no value", _) => (
            "the key has no value".to_owned(),
            "a line is `key = value`, `[table]` or `# comment`".to_owned(),
        ),
        ("cannot recurse further; max recursion depth met" | "recursion limit", _) => {
            ("nested too deeply".to_owned(), "no key of this file nests deeper than six levels".to_owned())
        }
        ("unclosed table" | "unclosed array table", expected) => {
            ("the header is not closed".to_owned(), format!("write {} at its end", expected.replace('`', "")))
        }
        (message, "" | "nothing") => (message.to_owned(), "remove it".to_owned()),
        (message, expected) => (message.to_owned(), format!("expected {expected}")),
    };
    Fault::new(span, message, help)
}
