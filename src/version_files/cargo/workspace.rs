//! The manifests that belong together: a workspace with its members, or one package alone. Leans on `manifest`.

use super::manifest::{Manifest, join};
use crate::error::Result;
use crate::model::Patterns;
use crate::version_files::desk::Desk;
use std::collections::BTreeMap;

/// A workspace, or one package alone.
pub(super) struct Workspace {
    /// The manifests, by folder.
    manifests: BTreeMap<String, Manifest>,
    /// The folder of the workspace.
    root: String,
    /// The folder of the manifest that `release.toml` names.
    named: String,
}

impl Workspace {
    /// Reads what belongs to a manifest.
    pub(super) fn around(desk: &mut Desk<'_>, path: &str) -> Result<Self> {
        let text = desk.open(path)?;
        let named = Manifest::read(path, &text)?;
        let folder = named.folder.clone();
        let alone = |named: Manifest| Workspace {
            root: folder.clone(),
            named: folder.clone(),
            manifests: BTreeMap::from([(folder.clone(), named)]),
        };
        if named.workspace.is_some() {
            let manifests = members(desk, named)?;
            return Ok(Workspace { manifests, root: folder.clone(), named: folder });
        }
        let Some(root) = above(desk, &named)? else { return Ok(alone(named)) };
        let root_folder = root.folder.clone();
        let mut manifests = members(desk, root)?;
        if !manifests.contains_key(&folder) {
            return Ok(alone(named));
        }
        manifests.insert(folder.clone(), named);
        Ok(Workspace { manifests, root: root_folder, named: folder })
    }

    /// The manifest that `release.toml` names.
    pub(super) fn named(&self) -> Option<&Manifest> {
        self.manifests.get(&self.named)
    }

    /// All manifests.
    pub(super) fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.manifests.values()
    }

    /// The manifest of the workspace.
    pub(super) fn root(&self) -> String {
        file(&self.root, "Cargo.toml")
    }

    /// The lock of the workspace.
    pub(super) fn lock(&self) -> String {
        file(&self.root, "Cargo.lock")
    }
}

/// A file of a folder.
fn file(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The workspace in which a manifest may lie: the one that it names, else the nearest above it.
fn above(desk: &mut Desk<'_>, named: &Manifest) -> Result<Option<Manifest>> {
    let said = named.package.as_ref().and_then(|package| package.workspace.clone());
    let mut folder = match &said {
        Some(folder) => Some(folder.clone()),
        None => join(&named.folder, ".."),
    };
    while let Some(here) = folder {
        let path = file(&here, "Cargo.toml");
        if let Some(text) = desk.beside(&path)? {
            let manifest = Manifest::read(&path, &text)?;
            if manifest.workspace.is_some() {
                return Ok(Some(manifest));
            }
        }
        folder = if said.is_some() { None } else { join(&here, "..") };
    }
    Ok(None)
}

/// The manifests of a workspace: its own, those that its globs name, and as cargo has it those below it that are taken
/// by path from one of them.
fn members(desk: &mut Desk<'_>, root: Manifest) -> Result<BTreeMap<String, Manifest>> {
    let top = root.folder.clone();
    let (members, exclude) = root
        .workspace
        .as_ref()
        .map_or((&[][..], &[][..]), |workspace| (workspace.members.as_slice(), workspace.exclude.as_slice()));
    let globs = Patterns::parse(members.iter().map(String::as_str)).unwrap_or_default();
    let excluded = |inside: &str| {
        let under = |folder: &String| within(inside, folder).is_some();
        exclude.iter().any(under) && !members.iter().any(|member| member == inside)
    };
    let mut open: Vec<String> = desk
        .tracked(&top)
        .iter()
        .filter_map(|path| if path == "Cargo.toml" { Some("") } else { path.strip_suffix("/Cargo.toml") })
        .filter(|folder| {
            within(folder, &top).is_some_and(|inside| globs.matches(inside) && !excluded(inside))
        })
        .map(str::to_owned)
        .collect();
    let paths = |manifest: &Manifest| -> Vec<String> {
        let folders = manifest.dependencies.iter().map(|dependency| dependency.folder.clone());
        folders.filter(|folder| within(folder, &top).is_some_and(|inside| !excluded(inside))).collect()
    };
    open.extend(paths(&root));
    let mut found = BTreeMap::new();
    while let Some(folder) = open.pop() {
        if folder == top || found.contains_key(&folder) {
            continue;
        }
        let path = file(&folder, "Cargo.toml");
        let Some(text) = desk.beside(&path)? else { continue };
        match Manifest::read(&path, &text) {
            Ok(manifest) => {
                open.extend(paths(&manifest));
                found.insert(folder, manifest);
            }
            Err(fault) => desk.fault(fault),
        }
    }
    found.insert(top, root);
    Ok(found)
}

/// What of a folder lies behind another one; `None` where it is not below it.
fn within<'a>(folder: &'a str, above: &str) -> Option<&'a str> {
    if above.is_empty() || folder == above {
        return Some(if above.is_empty() { folder } else { "" });
    }
    folder.strip_prefix(above)?.strip_prefix('/')
}
