//! The unified diff of a text.

use crate::error::{Kind, Result, ResultExt};

/// Returns the unified diff of a file; `before` is `None` for a new one. The lines that only git reads are left out, and so is
/// the text after the line numbers of a hunk, which for most files is not the name of a function.
pub fn unified(path: &str, before: Option<&str>, after: &str) -> Result<String> {
    let old = before.unwrap_or_default().as_bytes();
    let patch = git2::Patch::from_buffers(old, None, after.as_bytes(), None, None);
    let buffer = patch
        .and_then(|mut patch| patch.to_buf())
        .context(Kind::Refused, format!("the diff of {path} cannot be computed"))?;
    let text = String::from_utf8_lossy(&buffer).into_owned();
    let hunks = text.find("@@ ").map(|at| &text[at..]).unwrap_or_default();
    let from = if before.is_some() { path } else { "/dev/null" };
    let mut diff = format!("--- {from}\n+++ {path}\n");
    for line in hunks.lines() {
        let end = line
            .strip_prefix("@@ ")
            .and_then(|rest| rest.find(" @@"))
            .map(|at| "@@ ".len() + at + " @@".len());
        diff.push_str(end.map_or(line, |end| &line[..end]));
        diff.push('\n');
    }
    Ok(diff)
}
