//! `Cargo.lock`: the packages of the workspace are those without a source.

use super::ChangedPackages;
use crate::error::Result;
use crate::version_files::file_edits::FileEdits;
use crate::version_files::toml_document::{TomlDocument, items};
use crate::version_files::version_change::{Match, VersionChange};

/// Edits the lockfile of a workspace if git tracks it.
pub(super) fn edit(
    edits: &mut FileEdits<'_>,
    change: &VersionChange,
    path: &str,
    changed: &ChangedPackages,
) -> Result<()> {
    let Some(text) = edits.read_tracked(path)? else { return Ok(()) };
    let document = TomlDocument::parse(path, &text)?;
    let is_changed = |name: &str| changed.values().any(|changed| changed == name);
    for package in items(document.root(), "package").filter_map(|package| package.get_ref().as_table()) {
        let (Some(name), Some(version)) =
            (document.string_at(package, "name"), document.string_at(package, "version"))
        else {
            continue;
        };
        if !package.contains_key("source") && is_changed(&name.value) {
            match change.match_text(&version.value) {
                Match::Old => {
                    let label = format!("package {}", name.value);
                    edits.replace(path, &version, change.to.to_string(), label);
                }
                Match::New => {}
                Match::Other => {
                    let mut error = edits.mismatch(change, path, &version);
                    error.hints = vec![
                        "the lockfile is out of date: run `cargo update --workspace` and commit the lockfile"
                            .to_owned(),
                    ];
                    edits.add_error(error);
                }
            }
        }
        // If two packages have the same name, dependencies name the version too: `core 1.3.0`.
        for dependency in items(package, "dependencies").filter_map(|item| document.string(item)) {
            let Some((needed, version)) = dependency.value.split_once(' ') else { continue };
            if is_changed(needed) && change.match_text(version) == Match::Old {
                let label = format!("dependencies of {}", name.value);
                edits.replace(path, &dependency, format!("{needed} {}", change.to), label);
            }
        }
    }
    Ok(())
}
