//! What one `Cargo.toml` says of versions, workspaces and packages beside it. Leans on `document`.

use crate::error::Result;
use crate::version_files::document::{Document, table, texts};
use crate::version_files::held::Held;
use toml::de::{DeTable, DeValue};

/// The kinds of dependencies, the old spellings included.
const KINDS: [&str; 5] =
    ["dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies"];

/// One `Cargo.toml`.
pub(super) struct Manifest {
    /// Its path.
    pub(super) path: String,
    /// The folder in which it stands; empty for the top.
    pub(super) folder: String,
    /// `[package]`.
    pub(super) package: Option<Package>,
    /// `[workspace]`.
    pub(super) workspace: Option<Top>,
    /// What it takes from other folders.
    pub(super) dependencies: Vec<Dependency>,
}

/// `[package]`.
pub(super) struct Package {
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: Own,
    /// The folder of its workspace, where it says so.
    pub(super) workspace: Option<String>,
}

/// Where the version of a package stands.
pub(super) enum Own {
    /// Here.
    Literal(Held),
    /// `version.workspace = true`, at this byte.
    Inherited(usize),
    /// Nowhere.
    Absent,
}

/// `[workspace]`.
pub(super) struct Top {
    /// `[workspace.package] version`.
    pub(super) version: Option<Held>,
    /// Globs over the folders of its members.
    pub(super) members: Vec<String>,
    /// Folders that are none.
    pub(super) exclude: Vec<String>,
}

/// A dependency with a path.
pub(super) struct Dependency {
    /// The keys that lead to it.
    pub(super) what: String,
    /// The folder that it comes from.
    pub(super) folder: String,
    /// The version that it must have.
    pub(super) requirement: Option<Held>,
}

impl Own {
    /// The version that stands here.
    pub(super) fn literal(&self) -> Option<&Held> {
        match self {
            Own::Literal(held) => Some(held),
            Own::Inherited(_) | Own::Absent => None,
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    pub(super) fn read(path: &str, text: &str) -> Result<Self> {
        let document = Document::parse(path, text)?;
        let top = document.top();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut manifest = Manifest {
            path: path.to_owned(),
            folder: folder.to_owned(),
            package: table(top, "package").and_then(|table| package(&document, folder, table)),
            workspace: table(top, "workspace").map(|table| workspace(&document, table)),
            dependencies: Vec::new(),
        };
        manifest.take(&document, top, "");
        if let Some(workspace) = table(top, "workspace") {
            manifest.take(&document, workspace, "workspace.");
        }
        for (target, value) in table(top, "target").into_iter().flatten() {
            if let Some(target_table) = value.get_ref().as_table() {
                manifest.take(&document, target_table, &format!("target.'{}'.", target.get_ref()));
            }
        }
        Ok(manifest)
    }

    /// Its package takes the version of the workspace.
    pub(super) fn inherits(&self) -> bool {
        self.package.as_ref().is_some_and(|package| matches!(package.version, Own::Inherited(_)))
    }

    /// Takes the dependencies of one part of the file.
    fn take(&mut self, document: &Document<'_>, parent: &DeTable<'_>, prefix: &str) {
        for kind in KINDS {
            for (name, value) in table(parent, kind).into_iter().flatten() {
                let Some(entry) = value.get_ref().as_table() else { continue };
                let path = document.held(entry, "path");
                let Some(folder) = path.and_then(|path| join(&self.folder, &path.value)) else { continue };
                let requirement = document.held(entry, "version");
                let what = format!("{prefix}{kind}.{}", name.get_ref());
                self.dependencies.push(Dependency { what, folder, requirement });
            }
        }
    }
}

fn package(document: &Document<'_>, folder: &str, table: &DeTable<'_>) -> Option<Package> {
    let name = document.held(table, "name")?.value;
    let inherited = || table.get_key_value("version").filter(|(_, value)| value.get_ref().is_table());
    let version = match document.held(table, "version") {
        Some(held) => Own::Literal(held),
        None => inherited().map_or(Own::Absent, |(key, _)| Own::Inherited(key.span().start)),
    };
    let workspace = table.get("workspace").and_then(|value| match value.get_ref() {
        DeValue::String(path) => join(folder, path),
        _ => None,
    });
    Some(Package { name, version, workspace })
}

fn workspace(document: &Document<'_>, workspace: &DeTable<'_>) -> Top {
    let folders = |key| texts(workspace, key).filter_map(|folder| join("", folder)).collect();
    Top {
        version: table(workspace, "package").and_then(|package| document.held(package, "version")),
        members: folders("members"),
        exclude: folders("exclude"),
    }
}

/// A path from a folder, as git spells it; `None` where it leaves the repository.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}
