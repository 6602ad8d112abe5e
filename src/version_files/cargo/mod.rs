//! `Cargo.toml`: the version of a package or of a whole workspace, the requirements of its packages on each other, and the
//! lockfile.

mod cargo_manifest;
mod cargo_workspace;
mod lockfile;
mod requirement;

use super::file_edits::FileEdits;
use super::spanned_string::SpannedString;
use super::version_change::{Match, VersionChange};
use crate::error::{Error, Result};
use crate::model::Version;
use cargo_manifest::{CargoManifest, PackageVersion};
use cargo_workspace::CargoWorkspace;
use std::collections::BTreeMap;

/// The packages that get the new version: folder to name.
type ChangedPackages = BTreeMap<String, String>;

/// The key of the version that members inherit.
const WORKSPACE_VERSION: &str = "workspace.package.version";

/// A version that a manifest contains itself.
struct VersionField<'a> {
    manifest: &'a CargoManifest,
    version: &'a SpannedString,
    key: &'static str,
}

impl VersionField<'_> {
    fn matches(&self, change: &VersionChange) -> Match {
        change.match_text(&self.version.value)
    }
}

/// Edits a `Cargo.toml` and everything that repeats its version. If it is that of a workspace, all members with the same
/// version change too.
pub(super) fn edit(edits: &mut FileEdits<'_>, change: &VersionChange, path: &str) -> Result<()> {
    let workspace = CargoWorkspace::containing(edits, path)?;
    let Some(named) = workspace.named() else { return Ok(()) };
    let mut fields = own_versions(named);
    let change = narrowed(change, &fields);
    let members = if named.workspace.is_some() { member_versions(&workspace, path) } else { Vec::new() };
    if fields.is_empty() && members.is_empty() {
        return Err(no_version(named, &workspace, &change, edits));
    }
    // The named file must have the version; if it has none, one of its members.
    let required = if fields.is_empty() { &members } else { &fields };
    if required.iter().all(|field| field.matches(&change) == Match::Other) {
        for VersionField { manifest, version, .. } in required {
            edits.add_error(edits.mismatch(&change, &manifest.path, version));
        }
        return Ok(());
    }
    fields.extend(members);
    let mut changed = ChangedPackages::new();
    for field in fields.iter().filter(|field| field.matches(&change) != Match::Other) {
        if field.matches(&change) == Match::Old {
            edits.replace(&field.manifest.path, field.version, change.to.to_string(), field.key);
        }
        changed.extend(packages_with(&workspace, field));
    }
    update_requirements(edits, &workspace, &change, &changed);
    lockfile::edit(edits, &change, &workspace.lockfile_path(), &changed)
}

/// Returns the versions that a manifest contains itself.
fn own_versions(manifest: &CargoManifest) -> Vec<VersionField<'_>> {
    let workspace = manifest.workspace.as_ref().and_then(|workspace| workspace.version.as_ref());
    let package = manifest.package.as_ref().and_then(|package| package.version.literal());
    let workspace = workspace.map(|version| (version, WORKSPACE_VERSION));
    let fields = workspace.into_iter().chain(package.map(|version| (version, "package.version")));
    fields.map(|(version, key)| VersionField { manifest, version, key }).collect()
}

/// Returns the versions of the members that have one of their own, without the manifest at `path`.
fn member_versions<'a>(workspace: &'a CargoWorkspace, path: &str) -> Vec<VersionField<'a>> {
    let others = workspace.manifests().filter(|manifest| manifest.path != path);
    let version = |manifest: &'a CargoManifest| {
        let version = manifest.package.as_ref()?.version.literal()?;
        Some(VersionField { manifest, version, key: "package.version" })
    };
    others.filter_map(version).collect()
}

/// Returns the packages whose version a field is: all that inherit it, or that of its own manifest.
fn packages_with(
    workspace: &CargoWorkspace,
    field: &VersionField<'_>,
) -> impl Iterator<Item = (String, String)> {
    let has_version = |manifest: &&CargoManifest| match field.key {
        WORKSPACE_VERSION => manifest.inherits_version(),
        _ => manifest.path == field.manifest.path,
    };
    workspace
        .manifests()
        .filter(has_version)
        .filter_map(|manifest| Some((manifest.folder.clone(), manifest.package.as_ref()?.name.clone())))
}

/// Returns the change for the members: in a first release the old version is that of the named file, so that members with
/// another one do not change.
fn narrowed(change: &VersionChange, fields: &[VersionField<'_>]) -> VersionChange {
    let versions = fields.iter().filter_map(|field| Version::parse(&field.version.value));
    let from = versions.filter(|version| change.match_version(Some(version)) != Match::Other).collect();
    VersionChange {
        from: if change.from.is_empty() { from } else { change.from.clone() },
        to: change.to.clone(),
    }
}

/// Returns the error for a manifest without a version.
fn no_version(
    named: &CargoManifest,
    workspace: &CargoWorkspace,
    change: &VersionChange,
    edits: &FileEdits<'_>,
) -> Error {
    let path = &named.path;
    match named.package.as_ref().map(|package| &package.version) {
        Some(PackageVersion::Inherited(offset)) => Error::refused(format!(
            "{} inherits its version from the workspace",
            edits.location(path, *offset)
        ))
        .hint(format!("name the manifest of the workspace instead: path = \"{}\"", workspace.root_path())),
        _ => Error::refused(format!("{path} has no version"))
            .hint(format!("add version = \"{}\" to its [package] or [workspace.package]", change.example())),
    }
}

/// Updates the requirements of the workspace's packages on those that change.
fn update_requirements(
    edits: &mut FileEdits<'_>,
    workspace: &CargoWorkspace,
    change: &VersionChange,
    changed: &ChangedPackages,
) {
    let dependencies = workspace
        .manifests()
        .flat_map(|manifest| manifest.dependencies.iter().map(move |dependency| (manifest, dependency)));
    for (manifest, dependency) in dependencies {
        let Some(required) = dependency.requirement.as_ref() else { continue };
        if !changed.contains_key(&dependency.folder) {
            continue;
        }
        match requirement::updated(&required.value, change) {
            Ok(Some(updated)) => edits.replace(&manifest.path, required, updated, dependency.key.as_str()),
            Ok(None) => {}
            Err(hint) => {
                let location = edits.location(&manifest.path, required.range.start);
                let message = format!(
                    "{location} requires {}, but the package is released as {}",
                    required.value, change.to
                );
                edits.add_error(Error::refused(message).hint(hint));
            }
        }
    }
}
