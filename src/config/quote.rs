//! How faults quote values of the file, and how they list or suggest known words.

use crate::model::suggest;

/// How many bytes of a value a message quotes at most, give or take a character.
const MAX_QUOTED: usize = 60;

/// How many known words are listed: a hostile file must not make the help long.
const MAX_LISTED: usize = 25;

/// Quotes a value of the file: on one line, shortened, with every character escaped that could mislead a reader.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for letter in text.chars() {
        if shown.len() > MAX_QUOTED {
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

/// Quotes a value like `quoted`, without the backticks: for a line that can be copied.
pub(super) fn escaped(text: &str) -> String {
    quoted(text).trim_matches('`').to_owned()
}

/// Suggests the nearest known word, or lists all of them. `what` is what the words name: `key`, `image`.
pub(super) fn suggestion<'a>(word: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match suggest(word, known.clone()) {
        Some(best) => format!("did you mean `{best}`?"),
        None => listed(what, known),
    }
}

/// Lists the known words: `known keys: a, b, c`.
pub(super) fn listed<'a>(what: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut known: Vec<_> = known.take(MAX_LISTED + 1).collect();
    if known.len() > MAX_LISTED {
        known.truncate(MAX_LISTED);
        known.push("…");
    }
    if known.is_empty() {
        format!("this file defines no {what}")
    } else {
        format!("known {what}s: {}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quoted_value_is_escaped_and_short() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}\nb é"), "`a\\u{1b}[31m\\u{202e}\\nb é`");
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), 63);
    }
}
