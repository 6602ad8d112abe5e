//! `release.toml`: read, checked, every fault at once. `raw` mirrors the file, `check` finds every fault (`syntax`,
//! `walk`, `across`), `draw` shows them; this file holds what the rest of the house sees. Leans on
//! `model` and `error`.

mod across;
mod check;
mod command;
mod draw;
mod environment;
mod fault;
mod fill;
mod fill_environment;
mod formats;
pub mod raw;
mod schema;
mod syntax;
#[cfg(test)]
mod tests;
mod walk;

pub use crate::model::VersionFile;
pub use environment::{
    Accept, Deployer, EnvironmentRules, Environments, FreezeWindow, Kubectl, Lane, Step, Tree, Words,
};

use crate::error::{Error, Result};
use crate::model::{
    BranchName, BumpTable, Channel, Patterns, People, Repository, Version, VersionRange, Zero,
};
use std::collections::BTreeMap;

/// What `release.toml` means. `Config::default()` is what an absent file means.
#[derive(Clone, Debug)]
pub struct Config {
    /// What production calls this repository; also the name of its one package.
    pub name: Option<String>,
    /// How versions are computed and tags named.
    pub version: VersionRules,
    /// Which branch releases what, in the order of the file: the first that matches counts.
    pub branches: Vec<BranchRule>,
    /// The packages of a monorepo; empty for a repository with one.
    pub packages: Vec<PackageRule>,
    /// Files that repeat the version, in the order of the file.
    pub files: Vec<VersionFile>,
    /// How notes are rendered and where they are kept.
    pub changelog: ChangelogRules,
    /// The images of a release, in the order of the file.
    pub images: Vec<ImageRule>,
    /// What is special about a registry, by its host and port.
    pub registries: BTreeMap<String, RegistryRule>,
    /// Files that `rel` itself writes in a release commit: the changelog and the version files.
    pub written: Vec<String>,
    /// How a release is cut.
    pub cut: CutRules,
    /// Who is who.
    pub people: People,
    /// Where releases run.
    pub environments: Environments,
    /// Notifications are asked for.
    pub notifies: bool,
    /// Variables that hold the URLs of notifications: secrets that no command sees.
    pub secret_urls: Vec<String>,
    /// Where the record of every environment is kept.
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
            written: vec![fill::CHANGELOG.to_owned()],
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
    /// Whether a release commit may touch a path. A `Cargo.toml` brings the manifests and the lock of its workspace, and
    /// only the work tree knows where these stand.
    pub fn writes(&self, path: &str) -> bool {
        let cargo = |path: &str| matches!(path.rsplit('/').next(), Some("Cargo.toml" | "Cargo.lock"));
        let workspace = || self.files.iter().any(|file| file.pattern.is_none() && cargo(&file.path));
        self.written.iter().any(|written| written == path) || (cargo(path) && workspace())
    }

    /// The images of a package, in the order of the file. One that names no package belongs to all.
    pub fn images_of<'c>(&'c self, package: &str) -> impl Iterator<Item = &'c ImageRule> {
        self.images.iter().filter(move |image| image.package.as_deref().is_none_or(|owner| owner == package))
    }
}

/// `[cut]`.
#[derive(Clone, Debug)]
pub struct CutRules {
    /// A release commit is made; `None`: where a changelog or version files are kept.
    pub commit: Option<bool>,
    /// The message of the release commit, with `{tag}`, `{version}` and `{package}` in it.
    pub message: String,
    /// Commit and tag are signed; `None`: as git is set up.
    pub sign: Option<bool>,
    /// Branch and tag are pushed.
    pub push: bool,
    /// Commands that must succeed first, an argument list each.
    pub before: Vec<Vec<String>>,
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
    /// The remote, a path or a URL; `None`: the remote of the repository.
    pub remote: Option<String>,
    /// The branch that holds it.
    pub branch: BranchName,
    /// Events are signed; `None`: as git is set up.
    pub sign: Option<bool>,
    /// The file of the keys that are believed, from the top of the repository.
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
    /// The template of tags, where one is configured.
    pub tag: Option<String>,
    /// Templates of earlier releases: read, never written.
    pub legacy_tags: Vec<String>,
    /// The first version of a package.
    pub initial: Version,
    /// The law below 1.0.
    pub zero: Zero,
    /// What each type of commit does.
    pub bump: BumpTable,
    /// Cores of prereleases that were given up (V2).
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
    /// The heading under which each type of commit stands, by type in lower case; adds to the defaults.
    pub groups: BTreeMap<String, String>,
    /// The path of a template; `None` for the form of Keep a Changelog.
    pub template: Option<String>,
}

impl Default for ChangelogRules {
    fn default() -> Self {
        ChangelogRules { path: fill::CHANGELOG.to_owned(), groups: BTreeMap::new(), template: None }
    }
}

/// One `[[branch]]`.
#[derive(Clone, Debug)]
pub struct BranchRule {
    /// The glob as it was written.
    pub name: String,
    /// The glob, compiled.
    pub matches: Patterns,
    /// The prerelease line of the branch; `None` for finals.
    pub channel: Option<Channel>,
    /// What a maintenance branch may release.
    pub range: Option<VersionRange>,
    /// `version = "{branch}"`: the branch's own name says the version.
    pub named: bool,
}

/// One `[package.NAME]`.
#[derive(Clone, Debug)]
pub struct PackageRule {
    /// Its name.
    pub name: String,
    /// The files that are its own.
    pub paths: Patterns,
    /// The files among these whose change is none.
    pub exclude: Patterns,
}

/// One `[[image]]`.
#[derive(Clone, Debug)]
pub struct ImageRule {
    /// Its name in commands.
    pub name: String,
    /// Where it is kept.
    pub repository: Repository,
    /// Whose image it is; `None` for every package.
    pub package: Option<String>,
    /// The template of the tag that the build gave it.
    pub source: String,
    /// The template of the tag that the release gives it.
    pub tag: String,
    /// The templates of moving tags.
    pub also: Vec<String>,
    /// It is built from the tag: the cut asks for none.
    pub built_after: bool,
}

/// One `[registry."HOST"]`.
#[derive(Clone, Debug, Default)]
pub struct RegistryRule {
    /// Whether it speaks http; `None`: only if it is on this machine and has no roots of its own.
    pub http: Option<bool>,
    /// A PEM file with more roots, from the top of the work tree.
    pub ca: Option<String>,
    /// Credentials may go to it over http.
    pub credentials_over_http: bool,
}

/// Reads a length of time as release.toml writes them: `2h`, `1h30m`, `90s`.
pub fn read_span(text: &str) -> Option<std::time::Duration> {
    formats::read_span(text)
}

/// The name of the file at the top of a repository.
pub const FILE: &str = "release.toml";

/// The largest file that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// Reads the text of `file` and checks all of it. `width` is the columns of the screen.
///
/// # Errors
///
/// Exit code 2, with every fault at once: the rendered shows each with its line and a caret, the causes hold one line for
/// each.
pub fn read(file: &str, text: &str, width: usize) -> Result<Config> {
    if text.len() > LARGEST {
        let message = format!("{file} has {} bytes; at most {LARGEST} are read", text.len());
        return Err(Error::usage(message));
    }
    // A byte order mark is no part of the text, and would shift every column.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raw = check::all(text).map_err(|faults| draw::error(file, text, width, faults))?;
    fill::config(&raw)
}

/// The JSON schema of `release.toml` (draft 2020-12), for people to read and editors to complete from.
pub fn schema() -> String {
    format!("{:#}\n", schema::whole())
}
