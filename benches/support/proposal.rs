//! Runs `rel` with the lines that `rel replay` proposes for a history.

use super::cases::Case;
use super::support::Failure;
use super::support::histories::{History, cache};
use super::support::shell::ask;
use super::support::tools::{Tool, version_in};
use super::{Column, progress};
use std::fs;

/// The heading of its column.
pub(crate) const HEADING: &str = "rel, as `replay` proposes";

/// Returns the answers with the configuration that `rel replay` proposes at the newest release, and its lines.
pub(crate) fn best(rel: &Tool, history: &History, cases: &[Case]) -> Result<(Column, String), Failure> {
    progress(&format!("rel replay: {}", history.name));
    let replayed = ask(std::process::Command::new(&rel.program).arg("-C").arg(&history.folder).args([
        "replay",
        "--offline",
        "--format",
        "json",
    ]))?;
    let json: serde_json::Value = serde_json::from_str(&replayed.stdout)?;
    let lines: Vec<&str> = json["proposal"]["version"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line.as_str())
        .collect();
    let file = cache().join("release.toml");
    fs::write(&file, format!("[version]\n{}\n", lines.join("\n")))?;
    let mut said = Vec::new();
    for case in cases {
        progress(&format!("rel with {}: {} at {}", lines.join(", "), history.name, case.tag));
        let answer = ask(rel.next(&case.folder, history.prefix)?.arg("--config").arg(&file))?;
        said.push(version_in(&answer.stdout, history.prefix).filter(|_| answer.ok));
    }
    Ok((Column { said }, lines.join(", ")))
}
