//! What `release.toml` means, checked and with its defaults: the types that other modules work with.

use super::environments::{CommandLine, Environments};
use crate::model::{
    BranchName, BumpTable, Channel, Patterns, People, Repository, Version, VersionFile, VersionRange, Zero,
};
use std::collections::BTreeMap;

/// The file that keeps the release notes, if none is named.
const DEFAULT_CHANGELOG: &str = "CHANGELOG.md";

/// What `release.toml` means. `Config::default()` is what a missing file means.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of this repository in production, and of its only package.
    pub name: Option<String>,
    /// How versions are computed and tags named.
    pub version: VersionRules,
    /// Which branch releases what, in the order of the file: the first one that matches counts.
    pub branches: Vec<BranchRule>,
    /// The packages of a monorepo; empty in a repository with only one.
    pub packages: Vec<PackageRule>,
    /// Files that repeat the version, in the order of the file.
    pub files: Vec<VersionFile>,
    /// How release notes are rendered and where they are kept.
    pub changelog: ChangelogRules,
    /// The images of a release, in the order of the file.
    pub images: Vec<ImageRule>,
    /// Settings of registries, by host and port.
    pub registries: BTreeMap<String, RegistryRule>,
    /// Files that a release commit changes: the changelog and the version files.
    pub written: Vec<String>,
    /// How a release is made.
    pub cut: CutRules,
    /// The identities of people.
    pub people: People,
    /// Where releases run.
    pub environments: Environments,
    /// Whether there is a `[[notify]]`.
    pub notifies: bool,
    /// Names of the variables with the URLs of notifications: secrets that no command may see.
    pub secret_urls: Vec<String>,
    /// Where the events of every environment are recorded.
    pub ledger: LedgerRules,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            name: None,
            version: VersionRules::default(),
            branches: Vec::new(),
            packages: Vec::new(),
            files: Vec::new(),
            changelog: ChangelogRules::default(),
            images: Vec::new(),
            registries: BTreeMap::new(),
            written: vec![DEFAULT_CHANGELOG.to_owned()],
            cut: CutRules::default(),
            people: People::default(),
            environments: Environments::default(),
            notifies: false,
            secret_urls: Vec::new(),
            ledger: LedgerRules::default(),
        }
    }
}

impl Config {
    /// Returns whether a release commit may change a path. A `Cargo.toml` includes the manifests and the lock file of its
    /// workspace, and only the work tree knows where those are.
    pub fn writes(&self, path: &str) -> bool {
        let cargo = |path: &str| matches!(path.rsplit('/').next(), Some("Cargo.toml" | "Cargo.lock"));
        let workspace = || self.files.iter().any(|file| file.pattern.is_none() && cargo(&file.path));
        self.written.iter().any(|written| written == path) || (cargo(path) && workspace())
    }

    /// Returns the images of a package, in the order of the file. An image without a package belongs to all.
    pub fn images_of<'c>(&'c self, package: &str) -> impl Iterator<Item = &'c ImageRule> {
        self.images.iter().filter(move |image| image.package.as_deref().is_none_or(|owner| owner == package))
    }
}

/// `[cut]`.
#[derive(Clone, Debug)]
pub struct CutRules {
    /// Whether to make a release commit; `None`: where a changelog or version files are kept.
    pub commit: Option<bool>,
    /// The template of the release commit's message, with `{tag}`, `{version}` and `{package}`.
    pub message: String,
    /// Whether to sign commit and tag; `None`: as git is configured.
    pub sign: Option<bool>,
    /// Whether to push branch and tag.
    pub push: bool,
    /// Commands that must succeed first.
    pub before: Vec<CommandLine>,
}

impl Default for CutRules {
    fn default() -> Self {
        let message = "chore(release): {tag}".to_owned();
        CutRules { commit: None, message, sign: None, push: true, before: Vec::new() }
    }
}

/// `[ledger]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRules {
    /// A remote, path or URL; `None`: the remote of the repository.
    pub remote: Option<String>,
    /// The branch that holds the ledger.
    pub branch: BranchName,
    /// Whether to sign events; `None`: as git is configured.
    pub sign: Option<bool>,
    /// The file of trusted keys, from the top of the repository.
    pub allowed_signers: Option<String>,
}

impl Default for LedgerRules {
    fn default() -> Self {
        let branch = BranchName::new("rel-ledger");
        LedgerRules { remote: None, branch, sign: None, allowed_signers: None }
    }
}

/// `[version]`.
#[derive(Clone, Debug)]
pub struct VersionRules {
    /// The template of tags, if one is configured.
    pub tag: Option<String>,
    /// Templates of the tags of earlier releases: read, never written.
    pub legacy_tags: Vec<String>,
    /// The first version of a package.
    pub initial: Version,
    /// What changes bump below 1.0.
    pub zero: Zero,
    /// What each type of commit bumps.
    pub bump: BumpTable,
    /// Versions whose prereleases were abandoned (rule V2).
    pub abandoned: Vec<Version>,
}

impl Default for VersionRules {
    fn default() -> Self {
        VersionRules {
            tag: None,
            legacy_tags: Vec::new(),
            initial: Version::new(0, 1, 0),
            zero: Zero::default(),
            bump: BumpTable::default(),
            abandoned: Vec::new(),
        }
    }
}

/// `[changelog]`.
#[derive(Clone, Debug)]
pub struct ChangelogRules {
    /// The file, from the top of the repository.
    pub path: String,
    /// The heading for each type of commit, by type in lower case; adds to the defaults.
    pub groups: BTreeMap<String, String>,
    /// The path of a template; `None` for the built-in one (Keep a Changelog).
    pub template: Option<String>,
}

impl Default for ChangelogRules {
    fn default() -> Self {
        ChangelogRules { path: DEFAULT_CHANGELOG.to_owned(), groups: BTreeMap::new(), template: None }
    }
}

/// One `[[branch]]`.
#[derive(Clone, Debug)]
pub struct BranchRule {
    /// The glob as it is written.
    pub name: String,
    /// The glob, compiled.
    pub matches: Patterns,
    /// The prerelease channel of the branch; `None` for final versions.
    pub channel: Option<Channel>,
    /// The only versions that a maintenance branch may release.
    pub range: Option<VersionRange>,
    /// Whether the version comes from the branch's name: `version = "{branch}"`.
    pub named: bool,
}

/// One `[package.NAME]`.
#[derive(Clone, Debug)]
pub struct PackageRule {
    /// Its name.
    pub name: String,
    /// The package's files.
    pub paths: Patterns,
    /// The files among these whose changes do not count.
    pub exclude: Patterns,
}

/// One `[[image]]`.
#[derive(Clone, Debug)]
pub struct ImageRule {
    /// Its name in commands.
    pub name: String,
    /// Where it is kept.
    pub repository: Repository,
    /// The package that the image belongs to; `None` for every package.
    pub package: Option<String>,
    /// The template of the tag that the build gave it.
    pub source: String,
    /// The template of the tag that the release gives it.
    pub tag: String,
    /// The templates of moving tags.
    pub also: Vec<String>,
    /// Whether it is built from the tag, so that a release does not need it.
    pub built_after: bool,
    /// Where it was kept before. What was recorded there is looked for in `repository`; nothing is fetched from there.
    pub former: Vec<Repository>,
    /// Whether only earlier releases have it.
    pub retired: bool,
}

impl ImageRule {
    /// Whether the image is kept in a repository, or was.
    pub fn was_kept_in(&self, repository: &Repository) -> bool {
        self.repository == *repository || self.former.contains(repository)
    }
}

/// One `[registry."HOST"]`.
#[derive(Clone, Debug, Default)]
pub struct RegistryRule {
    /// Whether to use http; `None`: only on this machine, and without `ca`.
    pub http: Option<bool>,
    /// A PEM file with certificates to trust, from the top of the work tree.
    pub ca: Option<String>,
    /// Whether credentials may be sent over http.
    pub credentials_over_http: bool,
}
