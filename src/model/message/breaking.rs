//! Reads `BREAKING CHANGE:` footers (conventionalcommits.org 1.0, points 8, 12, 15, 16; V23).

/// What a line says about a breaking change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaking<'a> {
    /// It is a footer.
    Yes,
    /// It was probably meant as a footer: why it is not one, and the rest of the line from there.
    Meant(&'static str, &'a str),
    /// It says nothing about one.
    No,
}

impl Breaking<'_> {
    /// Reads one line of a message.
    pub(super) fn read(line: &str) -> Breaking<'_> {
        let footer = ["BREAKING CHANGE", "BREAKING-CHANGE"].iter().find_map(|key| line.strip_prefix(key));
        let value = footer.and_then(|rest| rest.strip_prefix(": ").or_else(|| rest.strip_prefix(" #")));
        match (footer, value) {
            (_, Some(value)) if !value.trim().is_empty() => return Breaking::Yes,
            (Some(":" | ": " | " #"), _) | (_, Some(_)) => {
                return Breaking::Meant(
                    "BREAKING CHANGE needs a description on the same line",
                    &line[line.len()..],
                );
            }
            _ => {}
        }
        let bare = line.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, '*' | '-' | '_' | '#' | '>' | '`')
        });
        let Some(start) = bare.get(.."BREAKING CHANGE".len()) else { return Breaking::No };
        if !start.eq_ignore_ascii_case("BREAKING CHANGE") && !start.eq_ignore_ascii_case("BREAKING-CHANGE") {
            Breaking::No
        } else if start != "BREAKING CHANGE" && start != "BREAKING-CHANGE" {
            // Prose may begin like this too; only a colon shows that a footer was meant.
            let rest = &bare[start.len()..];
            let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest).trim_start_matches(['*', '_', '`']);
            if rest.starts_with(':') {
                Breaking::Meant("BREAKING CHANGE must be in capitals", bare)
            } else {
                Breaking::No
            }
        } else if bare.len() < line.len() {
            Breaking::Meant("BREAKING CHANGE must be at the start of its line, without markup", bare)
        } else {
            let rest = &bare[start.len()..];
            Breaking::Meant("a colon and a space must follow: `BREAKING CHANGE: what breaks`", rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Breaking;

    #[test]
    fn v23_footers() {
        for line in ["BREAKING CHANGE: x", "BREAKING-CHANGE: x", "BREAKING CHANGE #12", "BREAKING-CHANGE #x"]
        {
            assert_eq!(Breaking::read(line), Breaking::Yes, "{line}");
        }
        for line in [
            "BREAKING CHANGE:",
            "BREAKING CHANGE: ",
            "BREAKING CHANGE:x",
            "BREAKING CHANGE x",
            "  BREAKING CHANGE: x",
            "Breaking change: x",
            "**BREAKING CHANGE**: x",
            "BREAKING CHANGES: x",
            "BREAKING CHANGE",
            "breaking changes: x",
        ] {
            assert!(matches!(Breaking::read(line), Breaking::Meant(..)), "{line}");
        }
        for (line, rest) in [
            ("BREAKING CHANGE:", ""),
            ("BREAKING CHANGE x", " x"),
            ("  BREAKING CHANGE: x", "BREAKING CHANGE: x"),
            ("Breaking change: x", "Breaking change: x"),
        ] {
            assert!(matches!(Breaking::read(line), Breaking::Meant(_, at) if at == rest), "{line}");
        }
        for line in [
            "a BREAKING CHANGE: x",
            "breaking change in the wind",
            "breaking",
            "",
            "BREAKINGCHANGE: x",
            "brëaking change: ü",
        ] {
            assert_eq!(Breaking::read(line), Breaking::No, "{line}");
        }
    }
}
