//! `Cargo.toml`: the versions of a package or of a whole workspace, what its own packages require of each other, and the
//! lock. Leans on `desk` and `document`.

mod lock;
mod manifest;
mod requirement;
mod workspace;

use super::desk::Desk;
use super::held::Held;
use super::step::{Verdict, VersionChange};
use crate::error::{Error, Result};
use crate::model::Version;
use manifest::{Manifest, Own};
use std::collections::BTreeMap;
use workspace::Workspace;

/// The packages that bear the new version, by folder, with their names.
type Moved = BTreeMap<String, String>;

/// A version that a manifest says itself.
struct Place<'a> {
    manifest: &'a Manifest,
    held: &'a Held,
    what: &'static str,
}

/// Edits a `Cargo.toml` and whatever repeats its version. Where it is that of a workspace, every member that bears the
/// same version moves with it.
pub(super) fn edit(desk: &mut Desk<'_>, step: &VersionChange, path: &str) -> Result<()> {
    let workspace = Workspace::around(desk, path)?;
    let Some(named) = workspace.named() else { return Ok(()) };
    let primary = primary(named);
    let mut places: Vec<_> =
        primary.iter().map(|(held, what)| Place { manifest: named, held, what }).collect();
    let step = narrowed(step, &places);
    let others = workspace.manifests().filter(|manifest| named.workspace.is_some() && manifest.path != path);
    let others = others.flat_map(|manifest| {
        let own = manifest.package.as_ref().map(|package| &package.version);
        own.and_then(Own::literal).map(|held| Place { manifest, held, what: "package.version" })
    });
    let others: Vec<_> = others.collect();
    if places.is_empty() && others.is_empty() {
        return Err(without(named, &workspace, &step, desk));
    }
    // The named file itself must hold the version; where it says none, one of its members.
    let judged = if places.is_empty() { &others } else { &places };
    let holds = |place: &&Place<'_>| step.judge_text(&place.held.value) != Verdict::Other;
    if !judged.iter().any(|place| holds(&place)) {
        for Place { manifest, held, .. } in judged {
            desk.fault(step.elsewhere(&desk.place(&manifest.path, held.range.start), &held.value));
        }
        return Ok(());
    }
    places.extend(others);
    let mut moved = Moved::new();
    for place in places.iter().filter(holds) {
        if step.judge_text(&place.held.value) == Verdict::Moves {
            desk.replace(&place.manifest.path, place.held, step.to.to_string(), place.what);
        }
        let all = place.what == WORKSPACE_VERSION;
        let bearers = workspace
            .manifests()
            .filter(|manifest| if all { manifest.inherits() } else { manifest.path == place.manifest.path });
        moved.extend(
            bearers.filter_map(|bearer| Some((bearer.folder.clone(), bearer.package.as_ref()?.name.clone()))),
        );
    }
    requirements(desk, &workspace, &step, &moved);
    lock::edit(desk, &step, &workspace.lock(), &moved)
}

/// What the version of a workspace is called.
const WORKSPACE_VERSION: &str = "workspace.package.version";

/// The versions that a manifest says itself.
fn primary(manifest: &Manifest) -> Vec<(&Held, &'static str)> {
    let workspace = manifest.workspace.as_ref().and_then(|workspace| workspace.version.as_ref());
    let package = manifest.package.as_ref().and_then(|package| package.version.literal());
    let workspace = workspace.map(|held| (held, WORKSPACE_VERSION));
    workspace.into_iter().chain(package.map(|held| (held, "package.version"))).collect()
}

/// In a first release the named file says what the old version is, and its members move only where they bear it.
fn narrowed(step: &VersionChange, places: &[Place<'_>]) -> VersionChange {
    let held = places.iter().filter_map(|place| Version::parse(&place.held.value));
    let from: Vec<_> = held.filter(|held| step.judge(Some(held)) != Verdict::Other).collect();
    VersionChange { from: if step.from.is_empty() { from } else { step.from.clone() }, to: step.to.clone() }
}

/// The fault of a manifest that says no version.
fn without(named: &Manifest, workspace: &Workspace, step: &VersionChange, desk: &Desk<'_>) -> Error {
    let path = &named.path;
    match named.package.as_ref().map(|package| &package.version) {
        Some(Own::Inherited(at)) => {
            Error::refused(format!("{} takes its version from the workspace", desk.place(path, *at)))
                .hint(format!("name the manifest of the workspace: path = \"{}\"", workspace.root()))
        }
        _ => Error::refused(format!("{path} has no version"))
            .hint(format!("add version = \"{}\" to its [package] or [workspace.package]", step.sample())),
    }
}

/// What the packages of the workspace require of those that move.
fn requirements(desk: &mut Desk<'_>, workspace: &Workspace, step: &VersionChange, moved: &Moved) {
    for manifest in workspace.manifests() {
        for dependency in &manifest.dependencies {
            let Some(held) = dependency.requirement.as_ref() else { continue };
            if !moved.contains_key(&dependency.folder) {
                continue;
            }
            match requirement::next(&held.value, step) {
                Ok(next) => {
                    if let Some(next) = next {
                        desk.replace(&manifest.path, held, next, dependency.what.as_str());
                    }
                }
                Err(hint) => {
                    let place = desk.place(&manifest.path, held.range.start);
                    let message =
                        format!("{place} requires {} of a package that becomes {}", held.value, step.to);
                    desk.fault(Error::refused(message).hint(hint));
                }
            }
        }
    }
}
