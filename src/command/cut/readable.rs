//! Notes as a screen shows them. Leans on nothing.

/// One line of Markdown without what only a browser needs: the targets of links, emphasis, escapes.
pub(super) fn readable(line: &str) -> String {
    let line = line.replace("&lt;", "<").replace("&amp;", "&");
    let mut out = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        let mut taken = c.len_utf8();
        match c {
            '\\' if behind.starts_with(|c: char| c.is_ascii_punctuation()) => {
                out.extend(behind.chars().next());
                taken += 1;
            }
            '*' if behind.starts_with('*') => taken += 1,
            '[' => match link(rest) {
                Some((text, length)) => {
                    out.push_str(&readable(text));
                    taken = length;
                }
                None => out.push(c),
            },
            _ => out.push(c),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// The text of `[text](target)` at the start, and how long all of it is.
fn link(rest: &str) -> Option<(&str, usize)> {
    let (text, behind) = rest.get(1..)?.split_once("](")?;
    let (target, _) = behind.split_once(')')?;
    (!text.contains(['[', ']'])).then_some((text, 1 + text.len() + 2 + target.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn links_emphasis_and_escapes_are_for_browsers() {
        for (line, shown) in [
            (
                "- **cart:** coupons ([#12](https://x/12)) ([abc](https://x/abc))",
                "- cart: coupons (#12) (abc)",
            ),
            ("- \\[x](y) &lt;b> \\*a\\*", "- [x](y) <b> *a*"),
            ("- Rel\\-Image: x", "- Rel-Image: x"),
            ("plain [a b", "plain [a b"),
        ] {
            assert_eq!(readable(line), shown);
        }
    }
}
