//! Makes text from outside harmless before it reaches a terminal, a log or a file. Everything that `ui` prints and
//! everything that is recorded passes through here.

use super::redactor::redact_urls;
use super::secret_shapes::redact_shapes;
use std::borrow::Cow;

/// Removes what could forge or hide text: control characters (C0, C1, DEL) but line breaks, bidirectional
/// overrides and zero-width characters; a tab becomes a space, and secrets inside URLs and tokens of well-known shapes become
/// `***`.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = match redact_urls(text) {
        Cow::Borrowed(text) => redact_shapes(text),
        Cow::Owned(text) => Cow::Owned(redact_shapes(&text).into_owned()),
    };
    if !text.chars().any(|c| c != '\n' && (is_hostile(c) || c == '\t')) {
        return text;
    }
    Cow::Owned(
        text.chars()
            .map(|c| if c == '\t' { ' ' } else { c })
            .filter(|c| *c == '\n' || !is_hostile(*c))
            .collect(),
    )
}

/// Returns the cleaned text on one line.
pub fn clean_line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// Whether a character can deceive terminals, editors or reviewers and is not needed in text (Unicode TR36; "Trojan Source").
fn is_hostile(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_line};

    #[test]
    fn hostile_characters_are_removed_and_text_is_kept() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\r\n"), "[31mred[0m\n");
        assert_eq!(clean("a\u{202e}b\u{200b}c\u{feff}d\u{9b}e"), "abcde");
        assert_eq!(clean_line("naïve\tcafé\n日本"), "naïve café 日本");
    }

    #[test]
    fn secrets_in_urls_are_redacted() {
        assert_eq!(
            clean("fatal: 'https://me:p@ss@host/x' and ssh://git@h"),
            "fatal: 'https://***@host/x' and ssh://***@h"
        );
        assert_eq!(clean("mail a@b.example at https://host/a@b"), "mail a@b.example at https://host/a@b");
    }
}
