//! Keeps CI systems from taking printed lines for commands.

use std::borrow::Cow;

/// Escapes what a CI system would take for a command. GitHub recognizes a line that begins with `::` after any white
/// space, and `##[` anywhere in a line.
pub(super) fn escape_ci_commands(line: &str) -> Cow<'_, str> {
    let start = line.len() - line.trim_start().len();
    let begins = line[start..].starts_with("::") || line[start..].starts_with("##");
    if !begins && !line.contains("##[") {
        return Cow::Borrowed(line);
    }
    let line = line.replace("##[", "# #[");
    let (space, text) = line.split_at(start);
    let Some(first) =
        text.chars().next().filter(|_| begins && (text.starts_with("::") || text.starts_with("##")))
    else {
        return Cow::Owned(line);
    };
    Cow::Owned(format!("{space}{first} {}", &text[1..]))
}

#[cfg(test)]
mod tests {
    use super::escape_ci_commands;

    #[test]
    fn no_printed_line_is_a_ci_command() {
        assert_eq!(escape_ci_commands("::add-mask::x"), ": :add-mask::x");
        assert_eq!(escape_ci_commands("  ##[group]x"), "  # #[group]x");
        assert_eq!(escape_ci_commands("## heading"), "# # heading");
        assert_eq!(escape_ci_commands("a ##[error]b"), "a # #[error]b");
        assert_eq!(escape_ci_commands("std::env"), "std::env");
    }
}
