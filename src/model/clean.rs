//! Makes bytes from outside harmless before they reach a screen, a log or a file. Leans on nothing; `ui/` prints
//! through it, and what is written down goes through it too.

use std::borrow::Cow;

/// Variables that hold secrets of `rel` itself. No program that it starts gets to see them.
pub const SECRET_VARIABLES: [&str; 2] = ["REL_REGISTRY_USER", "REL_REGISTRY_PASSWORD"];

/// Removes what could forge or hide text: control characters (C0, C1, DEL) but line breaks, bidirectional
/// overrides and zero-width characters; a tab becomes a space, and secrets inside URLs become `***`.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = mask_userinfo(text);
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

/// `clean`, on one line.
pub fn clean_line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// Characters that no text needs and that terminals, editors or reviewers are fooled by (Unicode TR36; "Trojan Source").
fn is_hostile(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `https://user:secret@host` becomes `https://***@host`: git quotes URLs in its messages.
fn mask_userinfo(text: &str) -> Cow<'_, str> {
    if !text.contains("://") || !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        masked.push_str(head);
        let authority =
            tail.find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"').unwrap_or(tail.len());
        rest = match tail[..authority].rfind('@') {
            Some(end) => {
                masked.push_str("***");
                &tail[end..]
            }
            None => tail,
        };
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_line};

    #[test]
    fn hostile_characters_vanish_and_text_stays() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\r\n"), "[31mred[0m\n");
        assert_eq!(clean("a\u{202e}b\u{200b}c\u{feff}d\u{9b}e"), "abcde");
        assert_eq!(clean_line("naïve\tcafé\n日本"), "naïve café 日本");
    }

    #[test]
    fn secrets_in_urls_are_masked() {
        assert_eq!(
            clean("fatal: 'https://me:p@ss@host/x' and ssh://git@h"),
            "fatal: 'https://***@host/x' and ssh://***@h"
        );
        assert_eq!(clean("mail a@b.example at https://host/a@b"), "mail a@b.example at https://host/a@b");
    }
}
