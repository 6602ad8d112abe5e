//! `--format github`: `key=value` lines for the steps that follow. Leans on `context`.

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use std::io::Write;

/// Appends lines to `$GITHUB_OUTPUT`, or prints them without it. Whoever calls sees to it that no value holds a line
/// break, so that no line can forge another.
pub(super) fn output(context: &Context, lines: &[(&str, String)]) -> Result<()> {
    let text: String = lines.iter().flat_map(|(key, value)| [*key, "=", value.as_str(), "\n"]).collect();
    let Some(file) = context.variable("GITHUB_OUTPUT") else {
        context.ui().data(text.trim_end());
        return Ok(());
    };
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(&file);
    let appended = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    appended.map_err(|error| {
        Error::new(Kind::Refused, "$GITHUB_OUTPUT cannot be written")
            .cause(error)
            .hint("unset it to have the lines on stdout")
    })
}
