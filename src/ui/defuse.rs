//! What a CI runner would take for a command is broken before it is printed. Leans on nothing.

use std::borrow::Cow;

/// Breaks what a CI runner would take for a command: GitHub reads a line that begins with `::` after any white space,
/// and `##[` anywhere in it.
pub(super) fn defuse(line: &str) -> Cow<'_, str> {
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
    use super::defuse;

    #[test]
    fn no_line_is_a_ci_command() {
        assert_eq!(defuse("::add-mask::x"), ": :add-mask::x");
        assert_eq!(defuse("  ##[group]x"), "  # #[group]x");
        assert_eq!(defuse("## heading"), "# # heading");
        assert_eq!(defuse("a ##[error]b"), "a # #[error]b");
        assert_eq!(defuse("std::env"), "std::env");
    }
}
