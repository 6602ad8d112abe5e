//! What decides a version and cuts a release: `[version]`, `[[branch]]`, `[package.*]`, `[changelog]`, `[[file]]` and
//! `[cut]`. Leans on `text`.

use super::text::{
    BranchVersion, ChannelText, Commands, CoreText, FilePath, FilePattern, Glob, Line, NotesTemplate,
    PathGlob, RangeText, ReleaseMessage, Sign, TagTemplate, VersionText,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How versions are computed and tags are named.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The name of a version's tag; both prints and parses. `{package}` is wanted where there are packages.
    pub tag: Option<TagTemplate>,
    /// Names of the tags of earlier releases: read, never written.
    pub legacy_tags: Option<Vec<TagTemplate>>,
    /// The first version of a package.
    #[schemars(extend("default" = "0.1.0"))]
    pub initial: Option<VersionText>,
    /// What a breaking change does below 1.0.
    #[schemars(extend("default" = "minor"))]
    pub zero: Option<ZeroWord>,
    /// What each type of commit does; adds to the default table.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "commit-type" }))]
    pub bump: BTreeMap<String, BumpWord>,
    /// What speaks in a squash whose title is of a known type.
    #[schemars(extend("default" = "parts"))]
    pub squash: Option<SquashWord>,
    /// What a commit does that would do nothing; a merge and `[skip release]` still do nothing.
    #[schemars(extend("default" = "none"))]
    pub otherwise: Option<BumpWord>,
    /// Versions whose prereleases were given up: finals may fall below them again.
    pub abandoned: Option<Vec<CoreText>>,
}

/// The law below 1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ZeroWord {
    /// A breaking change and a feature: minor; the rest: patch.
    Minor,
    /// A breaking change makes 1.0.0.
    Major,
    /// A breaking change: minor; the rest: patch; at 0.0.x everything is patch.
    Cargo,
}

/// What speaks in a squash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SquashWord {
    /// The title and every part of a known type.
    Parts,
    /// The title alone; a `BREAKING CHANGE:` footer still counts.
    Title,
}

/// How far a version moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BumpWord {
    /// Not at all; a breaking change of this type still counts.
    None,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

/// What a branch releases.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The branch, or a glob over branches.
    pub name: Glob,
    /// The prerelease line of the branch; finals without it.
    pub channel: Option<ChannelText>,
    /// The only versions that a maintenance branch releases.
    pub range: Option<RangeText>,
    /// `{branch}`: the last part of the branch's own name says the version, whatever the commits say.
    pub version: Option<BranchVersion>,
}

/// One package of a monorepo.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The files that are its own; of several packages the longest path owns a file.
    pub paths: Vec<PathGlob>,
    /// Files among these whose change is none.
    pub exclude: Option<Vec<PathGlob>>,
}

/// How notes are rendered and where they are kept.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changelog {
    /// The file that keeps the notes.
    #[schemars(extend("default" = "CHANGELOG.md"))]
    pub path: Option<FilePath>,
    /// The heading under which each type of commit stands.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "commit-type" }))]
    pub groups: BTreeMap<String, Line>,
    /// The form of the notes.
    #[schemars(extend("default" = "keep-a-changelog"))]
    pub template: Option<NotesTemplate>,
}

/// A file that repeats the version.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionFile {
    /// The file. `Cargo.toml`, `package.json`, `pyproject.toml` and `Chart.yaml` are known by name, with their lock files.
    pub path: FilePath,
    /// Where the version stands in any other file.
    pub pattern: Option<FilePattern>,
    /// How often the pattern must be found; at least once where nothing is said.
    #[schemars(range(min = 1, max = 1000))]
    pub matches: Option<u32>,
}

/// How a release is cut.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Whether there is a release commit. Default: where a changelog or version files are kept.
    pub commit: Option<bool>,
    /// The message of the release commit.
    #[schemars(extend("default" = "chore(release): {tag}"))]
    pub message: Option<ReleaseMessage>,
    /// Whether commit and tag are signed.
    #[schemars(extend("default" = "auto"))]
    pub sign: Option<Sign>,
    /// Whether branch and tag are pushed.
    #[schemars(extend("default" = true))]
    pub push: Option<bool>,
    /// Commands that must succeed before anything is made.
    pub before: Option<Commands>,
}
