//! The keys that decide the version and how a release is made: `[version]`, `[[branch]]`, `[package.*]`, `[changelog]`,
//! `[[file]]` and `[cut]`.

use super::number::MatchCount;
use super::text::{
    BranchGlobText, BranchVersionText, ChannelText, CommitTypeText, CoreVersionText, FilePatternText,
    LineText, NotesTemplateText, PathGlobText, PathText, ReleaseMessageText, TagTemplateText,
    VersionRangeText, VersionText,
};
use super::{RawCommands, RawSign};
use crate::config::reader::Named;

table! {
    /// How versions are computed and tags are named.
    struct RawVersions as "Versions" {
        /// The name of a version's tag, for making and for reading tags. Must contain `{package}` where there are several packages.
        tag: Option<TagTemplateText>,
        /// Names of the tags of earlier releases: read, never written.
        legacy_tags: Option<Vec<TagTemplateText>>,
        /// The first version of a package.
        #[schemars(extend("default" = "0.1.0"))]
        initial: Option<VersionText>,
        /// What a breaking change bumps below 1.0.
        #[schemars(extend("default" = "minor"))]
        zero: Option<RawZero>,
        /// What each type of commit bumps; adds to the default table.
        #[schemars(default)]
        bump: Named<CommitTypeText, RawBump>,
        /// Which parts of a squashed commit count if its title has a known type.
        #[schemars(extend("default" = "parts"))]
        squash: Option<RawSquash>,
        /// What a commit bumps that would bump nothing. A merge and `[skip release]` still bump nothing.
        #[schemars(extend("default" = "none"))]
        otherwise: Option<RawBump>,
        /// Versions whose prereleases were abandoned: final versions may be lower again.
        abandoned: Option<Vec<CoreVersionText>>,
    }
}

keywords! {
    /// What changes bump below 1.0.
    pub(in crate::config) enum RawZero as "ZeroWord" {
        /// A breaking change and a feature: minor; the rest: patch.
        Minor = "minor",
        /// A breaking change makes 1.0.0.
        Major = "major",
        /// A breaking change: minor; the rest: patch. At 0.0.x everything is a patch.
        Cargo = "cargo",
    }
}

keywords! {
    /// Which parts of a squashed commit count.
    pub(in crate::config) enum RawSquash as "SquashWord" {
        /// The title and every part of a known type.
        Parts = "parts",
        /// Only the title; a `BREAKING CHANGE:` footer still counts.
        Title = "title",
    }
}

keywords! {
    /// Which number of a version is raised.
    pub(in crate::config) enum RawBump as "BumpWord" {
        /// None; a breaking change of this type still counts.
        None = "none",
        /// The third number.
        Patch = "patch",
        /// The second number.
        Minor = "minor",
        /// The first number.
        Major = "major",
    }
}

table! {
    /// What a branch releases.
    struct RawBranch as "Branch" {
        /// The branch, or a glob over branches.
        name: BranchGlobText,
        /// The prerelease channel of the branch; without it the branch releases final versions.
        channel: Option<ChannelText>,
        /// The only versions that a maintenance branch releases.
        range: Option<VersionRangeText>,
        /// `{branch}`: the last part of the branch's name is the version, whatever the commits say.
        version: Option<BranchVersionText>,
    }
}

table! {
    /// One package of a monorepo.
    struct RawPackage as "Package" {
        /// Globs over the package's files. If several packages match a file, the longest path owns it.
        paths: Vec<PathGlobText>,
        /// Files among these whose changes do not count.
        exclude: Option<Vec<PathGlobText>>,
    }
}

table! {
    /// How release notes are rendered and where they are kept.
    struct RawChangelog as "Changelog" {
        /// The file that keeps the notes.
        #[schemars(extend("default" = "CHANGELOG.md"))]
        path: Option<PathText>,
        /// The heading for each type of commit.
        #[schemars(default)]
        groups: Named<CommitTypeText, LineText>,
        /// The template of the notes.
        #[schemars(extend("default" = "keep-a-changelog"))]
        template: Option<NotesTemplateText>,
    }
}

table! {
    /// A file that repeats the version.
    struct RawVersionFile as "VersionFile" {
        /// The file. `Cargo.toml`, `package.json`, `pyproject.toml` and `Chart.yaml` are known by name, with their lock files.
        path: PathText,
        /// Where the version is in any other file.
        pattern: Option<FilePatternText>,
        /// How often the pattern must be found. Default: at least once.
        matches: Option<MatchCount>,
    }
}

table! {
    /// How a release is made.
    struct RawCut as "Cut" {
        /// Whether to make a release commit. Default: where a changelog or version files are kept.
        commit: Option<bool>,
        /// The message of the release commit.
        #[schemars(extend("default" = "chore(release): {tag}"))]
        message: Option<ReleaseMessageText>,
        /// Whether to sign commit and tag.
        #[schemars(extend("default" = "auto"))]
        sign: Option<RawSign>,
        /// Whether to push branch and tag.
        #[schemars(extend("default" = true))]
        push: Option<bool>,
        /// Commands that must succeed before anything is changed.
        before: Option<RawCommands>,
    }
}
