//! Markdown as a terminal shows it.

/// Removes what only a browser needs from a line: link targets, emphasis, escapes.
pub(super) fn strip_markdown(line: &str) -> String {
    let line = line.replace("&lt;", "<").replace("&amp;", "&");
    let mut out = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let mut length = c.len_utf8();
        match c {
            '\\' if after.starts_with(|c: char| c.is_ascii_punctuation()) => {
                out.extend(after.chars().next());
                length += 1;
            }
            '*' if after.starts_with('*') => length += 1,
            '[' => match link(rest) {
                Some((text, link_length)) => {
                    out.push_str(&strip_markdown(text));
                    length = link_length;
                }
                None => out.push(c),
            },
            _ => out.push(c),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// Returns the text of a `[text](target)` at the start, and the length of the whole link in bytes.
fn link(rest: &str) -> Option<(&str, usize)> {
    let (text, after) = rest.get(1..)?.split_once("](")?;
    let (target, _) = after.split_once(')')?;
    (!text.contains(['[', ']'])).then_some((text, 1 + text.len() + 2 + target.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::strip_markdown;

    #[test]
    fn link_targets_emphasis_and_escapes_are_removed() {
        for (line, shown) in [
            (
                "- **cart:** coupons ([#12](https://x/12)) ([abc](https://x/abc))",
                "- cart: coupons (#12) (abc)",
            ),
            ("- \\[x](y) &lt;b> \\*a\\*", "- [x](y) <b> *a*"),
            ("- Rel\\-Image: x", "- Rel-Image: x"),
            ("plain [a b", "plain [a b"),
        ] {
            assert_eq!(strip_markdown(line), shown);
        }
    }
}
