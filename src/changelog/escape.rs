//! Escapes text from outside, so that it is plain text in Markdown.

use crate::model::{clean, clean_line};

/// Escapes a text for use within one line of notes. `number` returns the URL for `#12` or `!12`; other numbers, and names that
/// begin with `@`, become code, so that no forge links them or notifies somebody.
pub(super) fn line(text: &str, number: &dyn Fn(char, &str) -> Option<String>) -> String {
    let text = clean_line(text);
    let text = text.trim();
    // The number that a forge appends to a squash is its own: where no URL is known, it stays as it is.
    let (text, own) = squash_number(text)
        .filter(|(_, digits)| number('#', digits).is_none())
        .map_or((text, ""), |(head, _)| text.split_at(head.len()));
    escape_start(&(inline(text, number) + own))
}

/// Splits `subject (#12)` into `subject ` and `12`.
fn squash_number(text: &str) -> Option<(&str, &str)> {
    let (head, digits) = text.strip_suffix(')')?.rsplit_once("(#")?;
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (number && head.ends_with(' ')).then_some((head, digits))
}

/// Escapes a text of several lines; lists stay lists.
pub(super) fn lines(text: &str) -> String {
    let one = |line: &str| {
        let start = line.len() - line.trim_start().len();
        let escaped = inline(&line[start..], &|_, _| None);
        let heading = escaped.starts_with(['#', '~', '>', '=']);
        format!("{}{}{escaped}", &line[..start.min(3)], if heading { "\\" } else { "" })
    };
    clean(text).lines().map(one).collect::<Vec<_>>().join("\n")
}

/// Sanitizes rendered notes: no control characters, and no line that a CI runner, git or `rel` itself would interpret. No line
/// begins with `Rel-`, which is a trailer of a tag, and none with `-----BEGIN `, where git expects a signature.
pub fn sanitize(notes: &str) -> String {
    let one = |line: &str| {
        let line = line.trim_end().replace("##[", "##\\[");
        let (space, text) = line.split_at(line.len() - line.trim_start().len());
        if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("rel-")) {
            format!("{space}{}\\{}", &text[..3], &text[3..])
        } else if text.starts_with("::") || text.starts_with("-----BEGIN ") {
            format!("{space}\\{text}")
        } else {
            line
        }
    };
    clean(notes).lines().map(one).collect::<Vec<_>>().join("\n")
}

/// Escapes Markdown and HTML inside a line; code between backticks stays as it is.
fn inline(text: &str, number: &dyn Fn(char, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    let mut before = ' ';
    let mut word = text;
    while let Some(c) = rest.chars().next() {
        if before.is_whitespace() {
            word = rest;
        }
        // Code inside an address would break it, and forges link nothing there.
        let address = word[..word.len() - rest.len()].contains("://");
        let after = &rest[c.len_utf8()..];
        let next = after.chars().next().unwrap_or(' ');
        let mut length = c.len_utf8();
        match c {
            '`' => match code(rest) {
                Some(span) => {
                    out.push_str(span);
                    length = span.len();
                }
                None => out.push_str("\\`"),
            },
            '<' => out.push_str("&lt;"),
            '&' if is_entity(after) => out.push_str("&amp;"),
            '\\' if next.is_ascii_punctuation() => out.push_str("\\\\"),
            '[' | '*' => out.extend(['\\', c]),
            '_' if !(before.is_alphanumeric() && next.is_alphanumeric()) => out.push_str("\\_"),
            '@' | '#' | '!' | 'G' | 'g' if !address => match reference(rest, before) {
                Some(found) => {
                    let own = !before.is_alphanumeric() && !matches!(before, '/' | '&' | '#' | '-' | '_');
                    let url =
                        own.then(|| number(c, &found[1..])).filter(|_| matches!(c, '#' | '!')).flatten();
                    match url {
                        Some(url) => out.push_str(&format!("[{found}]({url})")),
                        None => out.push_str(&format!("`{found}`")),
                    }
                    length = found.len();
                }
                None => out.push(c),
            },
            _ => out.push(c),
        }
        before = rest[..length].chars().next_back().unwrap_or(c);
        rest = &rest[length..];
    }
    out
}

/// Returns what forges link or notify of at the start of a text: `@name`, `@group/name`, `#12`, `!12`, `GH-12`. `before` is the
/// character before it.
fn reference(text: &str, before: char) -> Option<&str> {
    let number = |start: &str| {
        let rest = text.get(start.len()..).filter(|_| text[..start.len()].eq_ignore_ascii_case(start))?;
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let ends = !rest[digits..].starts_with(|c: char| c.is_alphanumeric());
        (digits > 0 && ends).then(|| &text[..start.len() + digits])
    };
    match text.chars().next()? {
        '@' if !before.is_alphanumeric() => {
            let part = |c: char| c.is_alphanumeric() || "-_./".contains(c);
            let name = text[1..].find(|c| !part(c)).unwrap_or(text.len() - 1);
            let name = text[..=name].trim_end_matches(['.', '/', '-']);
            (name.len() > 1).then_some(name)
        }
        '#' if before != '&' => number("#"),
        '!' if !before.is_alphanumeric() => number("!"),
        'G' | 'g' if !before.is_alphanumeric() => number("GH-"),
        _ => None,
    }
}

/// Returns the code span at the start of a text; it is closed by as many backticks as open it.
fn code(text: &str) -> Option<&str> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let (fence, rest) = text.split_at(ticks);
    let close = rest.find(fence)?;
    let whole = ticks + close + ticks;
    // Three or more at the start of a line open a block of code.
    (ticks < 3 && close > 0 && !rest[close + ticks..].starts_with('`')).then(|| &text[..whole])
}

/// Returns whether a text continues an HTML entity after its `&`: `lt;`, `#60;`, `#x3c;`.
fn is_entity(text: &str) -> bool {
    let name = text.trim_start_matches('#');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    end > 0 && name[end..].starts_with(';')
}

/// Escapes what would begin a block: headings, lists, quotes, fences.
fn escape_start(text: &str) -> String {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 && text[digits..].starts_with(['.', ')']) && text[digits + 1..].starts_with([' ', '\t']) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    let block = text.starts_with(['#', '>', '-', '+', '=', '~', '|', ':']);
    if block { format!("\\{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{line, lines, sanitize};

    fn plain(text: &str) -> String {
        line(text, &|_, _| None)
    }

    #[test]
    fn text_from_outside_stays_text() {
        for (text, escaped) in [
            ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
            ("[x](javascript:alert(1))", "\\[x](javascript:alert(1))"),
            ("![x](http://e.example/p.png)", "!\\[x](http://e.example/p.png)"),
            ("use `Vec<u8>` and `a|b`", "use `Vec<u8>` and `a|b`"),
            ("one ` backtick", "one \\` backtick"),
            ("```sh", "\\`\\`\\`sh"),
            ("# heading", "\\# heading"),
            ("- [ ] task", "\\- \\[ ] task"),
            ("1. list", "1\\. list"),
            ("1.5 times", "1.5 times"),
            ("> quote", "\\> quote"),
            ("::add-mask::x", "\\::add-mask::x"),
            ("~~~", "\\~~~"),
            ("a & b &lt; c &#60;", "a & b &amp;lt; c &amp;#60;"),
            ("snake_case and _this_ *that*", "snake_case and \\_this\\_ \\*that\\*"),
            ("C:\\*", "C:\\\\\\*"),
            ("\u{1b}[31mred\u{202e}", "\\[31mred"),
            ("a\r\n# b", "a # b"),
        ] {
            assert_eq!(plain(text), escaped, "{text}");
        }
    }

    #[test]
    fn numbers_become_links() {
        let link = |text: &str| line(text, &|sign, digits| (sign == '#').then(|| format!("u/{digits}")));
        assert_eq!(link("x (#12), #3 and #4a"), "x ([#12](u/12)), [#3](u/3) and #4a");
        assert_eq!(link("#7 first"), "[#7](u/7) first");
        assert_eq!(link("`#12` a#12 !5"), "`#12` a`#12` `!5`");
    }

    #[test]
    fn no_name_is_notified_and_no_other_number_is_linked() {
        for (text, escaped) in [
            ("thanks @ada, @acme/ops. and (@bob)", "thanks `@ada`, `@acme/ops`. and (`@bob`)"),
            ("bump @types/node from 1.0", "bump `@types/node` from 1.0"),
            ("cc/@ada ada@acme.example a @ b @", "cc/`@ada` ada@acme.example a @ b @"),
            ("see #12, GH-2, gh-3 and acme/shop#4", "see `#12`, `GH-2`, `gh-3` and acme/shop`#4`"),
            ("(#12) #12a GHX-1 wow! !", "(`#12`) #12a GHX-1 wow! !"),
            ("carts for #3 (#12)", "carts for `#3` (#12)"),
            ("at https://e.example/@ada/x#12 @ada", "at https://e.example/@ada/x#12 `@ada`"),
            ("`@ada` stays", "`@ada` stays"),
            ("@ünï and @日本", "`@ünï` and `@日本`"),
        ] {
            assert_eq!(plain(text), escaped, "{text}");
        }
        assert_eq!(lines("- thanks @ada\n  for #12"), "- thanks `@ada`\n  for `#12`");
    }

    #[test]
    fn no_line_of_notes_is_a_ci_command_or_a_trailer() {
        assert_eq!(
            sanitize("a\nRel-Image: x\n  rel-build: y\nRelease"),
            "a\nRel\\-Image: x\n  rel\\-build: y\nRelease"
        );
        assert_eq!(
            sanitize("::set-output::x\n##[error]y\n## [1.0.0]"),
            "\\::set-output::x\n##\\[error]y\n## [1.0.0]"
        );
        assert_eq!(lines("# a\n- b <i>\n    code"), "\\# a\n- b &lt;i>\n   code");
    }
}
