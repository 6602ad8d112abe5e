//! One `Cargo.toml`: its version, its workspace, and its dependencies on packages in other folders.

use crate::error::Result;
use crate::version_files::spanned_string::SpannedString;
use crate::version_files::toml_document::{TomlDocument, strings, table};
use toml::de::{DeTable, DeValue};

/// The tables of dependencies, with their old spellings.
const DEPENDENCY_TABLES: [&str; 5] =
    ["dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies"];

/// One `Cargo.toml`.
pub(super) struct CargoManifest {
    /// Its path.
    pub(super) path: String,
    /// Its folder; empty for the top of the repository.
    pub(super) folder: String,
    /// `[package]`.
    pub(super) package: Option<CargoPackage>,
    /// `[workspace]`.
    pub(super) workspace: Option<WorkspaceTable>,
    /// Its dependencies on packages in other folders.
    pub(super) dependencies: Vec<PathDependency>,
}

/// `[package]`.
pub(super) struct CargoPackage {
    pub(super) name: String,
    pub(super) version: PackageVersion,
    /// The folder of its workspace, if it names one.
    pub(super) workspace: Option<String>,
}

/// The version of a package.
pub(super) enum PackageVersion {
    /// `version = "1.3.0"`.
    Literal(SpannedString),
    /// `version.workspace = true`, at this byte offset.
    Inherited(usize),
    /// None.
    Absent,
}

/// `[workspace]`.
pub(super) struct WorkspaceTable {
    /// `[workspace.package] version`.
    pub(super) version: Option<SpannedString>,
    /// Globs for the folders of its members.
    pub(super) members: Vec<String>,
    /// Folders that are not members.
    pub(super) exclude: Vec<String>,
}

/// A dependency with a path.
pub(super) struct PathDependency {
    /// Its key: `target.'cfg(unix)'.dependencies.core`.
    pub(super) key: String,
    /// The folder of the package.
    pub(super) folder: String,
    /// The version requirement.
    pub(super) requirement: Option<SpannedString>,
}

impl PackageVersion {
    /// Returns the version if it is a literal.
    pub(super) fn literal(&self) -> Option<&SpannedString> {
        match self {
            PackageVersion::Literal(version) => Some(version),
            PackageVersion::Inherited(_) | PackageVersion::Absent => None,
        }
    }
}

impl CargoManifest {
    /// Parses a `Cargo.toml`.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self> {
        let document = TomlDocument::parse(path, text)?;
        let root = document.root();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut manifest = CargoManifest {
            path: path.to_owned(),
            folder: folder.to_owned(),
            package: table(root, "package").and_then(|table| package(&document, folder, table)),
            workspace: table(root, "workspace").map(|table| workspace(&document, table)),
            dependencies: Vec::new(),
        };
        manifest.add_dependencies(&document, root, "");
        if let Some(workspace) = table(root, "workspace") {
            manifest.add_dependencies(&document, workspace, "workspace.");
        }
        for (target, value) in table(root, "target").into_iter().flatten() {
            if let Some(table) = value.get_ref().as_table() {
                manifest.add_dependencies(&document, table, &format!("target.'{}'.", target.get_ref()));
            }
        }
        Ok(manifest)
    }

    /// Whether its package inherits the version of the workspace.
    pub(super) fn inherits_version(&self) -> bool {
        self.package.as_ref().is_some_and(|package| matches!(package.version, PackageVersion::Inherited(_)))
    }

    /// Adds the dependencies below a table. `prefix` is the key of the table.
    fn add_dependencies(&mut self, document: &TomlDocument<'_>, parent: &DeTable<'_>, prefix: &str) {
        for kind in DEPENDENCY_TABLES {
            for (name, value) in table(parent, kind).into_iter().flatten() {
                let Some(entry) = value.get_ref().as_table() else { continue };
                let path = document.string_at(entry, "path");
                let Some(folder) = path.and_then(|path| join(&self.folder, &path.value)) else { continue };
                let requirement = document.string_at(entry, "version");
                let key = format!("{prefix}{kind}.{}", name.get_ref());
                self.dependencies.push(PathDependency { key, folder, requirement });
            }
        }
    }
}

fn package(document: &TomlDocument<'_>, folder: &str, table: &DeTable<'_>) -> Option<CargoPackage> {
    let name = document.string_at(table, "name")?.value;
    let inherited = || table.get_key_value("version").filter(|(_, value)| value.get_ref().is_table());
    let version = match document.string_at(table, "version") {
        Some(version) => PackageVersion::Literal(version),
        None => {
            inherited().map_or(PackageVersion::Absent, |(key, _)| PackageVersion::Inherited(key.span().start))
        }
    };
    let workspace = table.get("workspace").and_then(|value| match value.get_ref() {
        DeValue::String(path) => join(folder, path),
        _ => None,
    });
    Some(CargoPackage { name, version, workspace })
}

fn workspace(document: &TomlDocument<'_>, workspace: &DeTable<'_>) -> WorkspaceTable {
    let folders = |key| strings(workspace, key).filter_map(|folder| join("", folder)).collect();
    WorkspaceTable {
        version: table(workspace, "package").and_then(|package| document.string_at(package, "version")),
        members: folders("members"),
        exclude: folders("exclude"),
    }
}

/// Joins a folder and a relative path, normalized as git writes it; `None` if it is outside the repository.
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
