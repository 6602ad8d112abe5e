//! The manifests that belong together: those of a workspace, or that of a single package.

use super::cargo_manifest::{CargoManifest, join};
use crate::error::Result;
use crate::model::Patterns;
use crate::version_files::file_edits::FileEdits;
use std::collections::BTreeMap;

/// A workspace, or a single package.
pub(super) struct CargoWorkspace {
    /// The manifests, by folder.
    manifests: BTreeMap<String, CargoManifest>,
    /// The folder of the workspace.
    root: String,
    /// The folder of the manifest that `release.toml` names.
    named: String,
}

impl CargoWorkspace {
    /// Reads the workspace that contains a manifest.
    pub(super) fn containing(edits: &mut FileEdits<'_>, path: &str) -> Result<Self> {
        let text = edits.read(path)?;
        let named = CargoManifest::parse(path, &text)?;
        let folder = named.folder.clone();
        let single = |named: CargoManifest| CargoWorkspace {
            root: folder.clone(),
            named: folder.clone(),
            manifests: BTreeMap::from([(folder.clone(), named)]),
        };
        if named.workspace.is_some() {
            let manifests = members(edits, named)?;
            return Ok(CargoWorkspace { manifests, root: folder.clone(), named: folder });
        }
        let Some(root) = find_root(edits, &named)? else { return Ok(single(named)) };
        let root_folder = root.folder.clone();
        let mut manifests = members(edits, root)?;
        if !manifests.contains_key(&folder) {
            return Ok(single(named));
        }
        manifests.insert(folder.clone(), named);
        Ok(CargoWorkspace { manifests, root: root_folder, named: folder })
    }

    /// Returns the manifest that `release.toml` names.
    pub(super) fn named(&self) -> Option<&CargoManifest> {
        self.manifests.get(&self.named)
    }

    /// Returns all manifests.
    pub(super) fn manifests(&self) -> impl Iterator<Item = &CargoManifest> {
        self.manifests.values()
    }

    /// Returns the path of the workspace's manifest.
    pub(super) fn root_path(&self) -> String {
        file(&self.root, "Cargo.toml")
    }

    /// Returns the path of the workspace's lockfile.
    pub(super) fn lockfile_path(&self) -> String {
        file(&self.root, "Cargo.lock")
    }
}

/// Returns the path of a file in a folder.
fn file(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns the manifest of the workspace that a manifest may belong to: the one that it names, else the nearest above it.
fn find_root(edits: &mut FileEdits<'_>, named: &CargoManifest) -> Result<Option<CargoManifest>> {
    let declared = named.package.as_ref().and_then(|package| package.workspace.clone());
    let mut next = match &declared {
        Some(folder) => Some(folder.clone()),
        None => join(&named.folder, ".."),
    };
    while let Some(folder) = next {
        let path = file(&folder, "Cargo.toml");
        if let Some(text) = edits.read_tracked(&path)? {
            let manifest = CargoManifest::parse(&path, &text)?;
            if manifest.workspace.is_some() {
                return Ok(Some(manifest));
            }
        }
        next = if declared.is_some() { None } else { join(&folder, "..") };
    }
    Ok(None)
}

/// Reads the manifests of a workspace: its own, those of its member globs, and, as in cargo, those of path dependencies
/// below its folder.
fn members(edits: &mut FileEdits<'_>, root: CargoManifest) -> Result<BTreeMap<String, CargoManifest>> {
    let top = root.folder.clone();
    let (members, exclude) = root
        .workspace
        .as_ref()
        .map_or((&[][..], &[][..]), |workspace| (workspace.members.as_slice(), workspace.exclude.as_slice()));
    let globs = Patterns::parse(members.iter().map(String::as_str)).unwrap_or_default();
    let is_excluded = |path: &str| {
        let below = |folder: &String| relative_to(path, folder).is_some();
        exclude.iter().any(below) && !members.iter().any(|member| member == path)
    };
    let mut pending: Vec<String> = edits
        .tracked(&top)
        .iter()
        .filter_map(|path| if path == "Cargo.toml" { Some("") } else { path.strip_suffix("/Cargo.toml") })
        .filter(|folder| {
            relative_to(folder, &top).is_some_and(|path| globs.matches(path) && !is_excluded(path))
        })
        .map(str::to_owned)
        .collect();
    let path_dependencies = |manifest: &CargoManifest| -> Vec<String> {
        let folders = manifest.dependencies.iter().map(|dependency| dependency.folder.clone());
        folders.filter(|folder| relative_to(folder, &top).is_some_and(|path| !is_excluded(path))).collect()
    };
    pending.extend(path_dependencies(&root));
    let mut found = BTreeMap::new();
    while let Some(folder) = pending.pop() {
        if folder == top || found.contains_key(&folder) {
            continue;
        }
        let path = file(&folder, "Cargo.toml");
        let Some(text) = edits.read_tracked(&path)? else { continue };
        match CargoManifest::parse(&path, &text) {
            Ok(manifest) => {
                pending.extend(path_dependencies(&manifest));
                found.insert(folder, manifest);
            }
            Err(error) => edits.add_error(error),
        }
    }
    found.insert(top, root);
    Ok(found)
}

/// Returns a folder relative to another one; `None` if it is not at or below it.
fn relative_to<'a>(folder: &'a str, top: &str) -> Option<&'a str> {
    if top.is_empty() || folder == top {
        return Some(if top.is_empty() { folder } else { "" });
    }
    folder.strip_prefix(top)?.strip_prefix('/')
}
