//! `rel` with the configuration that suits a history: what `rel init` would write there. Until `rel replay` proposes
//! it, the three laws below 1.0 are tried here; everything that is asked of this file goes through `best`.

use super::cases::Case;
use super::support::Failure;
use super::support::histories::{History, cache};
use super::support::shell::ask;
use super::support::tools::{Tool, version_in};
use super::{Column, progress};
use std::fs;

/// The head of its column.
pub(crate) const HEADING: &str = "rel, best `zero`";

/// What is tried, the default first: it stays where nothing is better.
const LAWS: [&str; 3] = ["minor", "major", "cargo"];

/// The answers with the best configuration, and the line that makes it.
pub(crate) fn best(rel: &Tool, history: &History, cases: &[Case]) -> Result<(Column, String), Failure> {
    let mut best: Option<(Column, String)> = None;
    for law in LAWS {
        let line = format!("zero = \"{law}\"");
        let file = cache().join("release.toml");
        fs::write(&file, format!("[version]\n{line}\n"))?;
        let mut said = Vec::new();
        for case in cases {
            progress(&format!("rel with {line}: {} at {}", history.name, case.tag));
            let answer = ask(rel.next(&case.folder, history.prefix)?.arg("--config").arg(&file))?;
            said.push(version_in(&answer.stdout, history.prefix).filter(|_| answer.ok));
        }
        let column = Column { said };
        let right = column.right(cases);
        if best.as_ref().is_none_or(|(best, _)| best.right(cases) < right) {
            best = Some((column, line));
        }
    }
    Ok(best.unwrap_or_else(|| (Column { said: Vec::new() }, String::new())))
}
