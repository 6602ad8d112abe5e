//! `--format github`: `key=value` lines for the next steps of a workflow.

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use std::io::Write;

/// Appends lines to the file `$GITHUB_OUTPUT`, or prints them on stdout if it is not set. Values must not contain line breaks,
/// so that a value cannot add a line.
pub(in crate::command) fn output(context: &Context, lines: &[(&str, String)]) -> Result<()> {
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
            .hint("unset it to print the lines on stdout")
    })
}
