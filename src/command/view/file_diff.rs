//! The coloured unified diff of a file.

use crate::error::Result;
use crate::git::unified;
use crate::ui::{Role, Text};

/// Returns the lines of the diff; `before` is `None` for a new file.
pub(in crate::command) fn lines(path: &str, before: Option<&str>, after: &str) -> Result<Vec<Text>> {
    let role = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Role::Heading,
        [b'@', ..] => Role::Name,
        [b'+', ..] => Role::Good,
        [b'-', ..] => Role::Bad,
        _ => Role::Plain,
    };
    Ok(unified(path, before, after)?.lines().map(|line| Text::new().with(role(line), line)).collect())
}
