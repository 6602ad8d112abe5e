//! `Cargo.lock`: the packages of the workspace are those without a source. Leans on `document`.

use super::Moved;
use crate::error::Result;
use crate::version_files::desk::Desk;
use crate::version_files::document::{Document, items};
use crate::version_files::step::{Verdict, VersionChange};

/// Edits the lock of a workspace, where git keeps it.
pub(super) fn edit(desk: &mut Desk<'_>, step: &VersionChange, path: &str, moved: &Moved) -> Result<()> {
    let Some(text) = desk.beside(path)? else { return Ok(()) };
    let document = Document::parse(path, &text)?;
    for package in items(document.top(), "package").filter_map(|package| package.get_ref().as_table()) {
        let (Some(name), Some(version)) = (document.held(package, "name"), document.held(package, "version"))
        else {
            continue;
        };
        if !package.contains_key("source") && moved.values().any(|moved| *moved == name.value) {
            match step.judge_text(&version.value) {
                Verdict::Moves => {
                    desk.replace(path, &version, step.to.to_string(), format!("package {}", name.value));
                }
                Verdict::Already => {}
                Verdict::Other => {
                    let place = desk.place(path, version.range.start);
                    let hint = "the lock is stale: run cargo update --workspace and commit it";
                    let mut fault = step.elsewhere(&place, &version.value);
                    fault.hints = vec![hint.to_owned()];
                    desk.fault(fault);
                }
            }
        }
        // Where two packages of one name are locked, those who need one say which, as `core 1.3.0`.
        for needed in items(package, "dependencies").filter_map(|item| document.string(item)) {
            let Some((needs, number)) = needed.value.split_once(' ') else { continue };
            let own = moved.values().any(|moved| moved == needs);
            if own && step.judge_text(number) == Verdict::Moves {
                let what = format!("dependencies of {}", name.value);
                desk.replace(path, &needed, format!("{needs} {}", step.to), what);
            }
        }
    }
    Ok(())
}
