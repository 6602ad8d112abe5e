//! What changes in a file, as git shows it. Leans on `git2`.

use crate::error::{Kind, Result, ResultExt};

/// The unified diff of a file, without the lines that only git reads; `before` is `None` for a new one.
pub fn unified(path: &str, before: Option<&str>, after: &str) -> Result<String> {
    let fault = || format!("the diff of {path} cannot be made");
    let old = before.unwrap_or_default().as_bytes();
    let patch = git2::Patch::from_buffers(old, None, after.as_bytes(), None, None);
    let buffer = patch.and_then(|mut patch| patch.to_buf()).context(Kind::Refused, fault())?;
    let text = String::from_utf8_lossy(&buffer).into_owned();
    let hunks = text.find("@@ ").map(|at| &text[at..]).unwrap_or_default();
    let from = if before.is_some() { path } else { "/dev/null" };
    Ok(format!("--- {from}\n+++ {path}\n{hunks}"))
}
