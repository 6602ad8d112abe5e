//! One thing that is wrong in a file, and where. Leans on nothing.

use crate::model::suggest;
use std::ops::Range;

/// One thing that is wrong, with the place and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The bytes of the file that are wrong; may be empty, at the place where something lacks.
    pub(super) span: Range<usize>,
    /// What is wrong, in one line.
    pub(super) message: String,
    /// What would be right, in one line.
    pub(super) help: String,
}

impl Fault {
    /// A fault at a place.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Fault { span, message: message.into(), help: help.into() }
    }
}

/// What is wrong with a string, before its place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// What is wrong.
    pub(super) message: String,
    /// What would be right.
    pub(super) help: String,
}

impl Wrong {
    /// What is wrong and what would be right.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Wrong { message: message.into(), help: help.into() }
    }

    /// The same as a result.
    pub(super) fn err(message: impl Into<String>, help: impl Into<String>) -> Result<(), Self> {
        Err(Wrong::new(message, help))
    }
}

/// Bytes that an echoed value has at most, or a few more.
const SHOWN: usize = 60;

/// How many known words are listed: a hostile file must not make the help long.
const LISTED: usize = 25;

/// A value of the file as a message quotes it: on one line, short, every character that could fool a screen escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for letter in text.chars() {
        if shown.len() > SHOWN {
            shown.push('…');
            break;
        }
        if letter.is_control() || (!letter.is_ascii() && !letter.is_alphanumeric()) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown.push('`');
    shown
}

/// `did you mean` the nearest one, else the list of all.
pub(super) fn meant<'a>(word: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match suggest(word, known.clone()) {
        Some(best) => format!("did you mean `{best}`?"),
        None => listed(what, known),
    }
}

/// `known keys: a, b, c`.
pub(super) fn listed<'a>(what: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut known: Vec<_> = known.take(LISTED + 1).collect();
    if known.len() > LISTED {
        known.truncate(LISTED);
        known.push("…");
    }
    if known.is_empty() {
        format!("there is no {what}")
    } else {
        format!("known {what}s: {}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn an_echo_cannot_fool_a_screen() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}\nb é"), "`a\\u{1b}[31m\\u{202e}\\nb é`");
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), 63);
    }
}
