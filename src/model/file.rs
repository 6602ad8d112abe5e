//! A file that repeats the version, as `release.toml` names it. Leans on nothing.

/// One `[[file]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionFile {
    /// The file from the top of the repository, as git spells it.
    pub path: String,
    /// Where the version stands, with `{version}` in its place; `None` for a file that is known by name.
    pub pattern: Option<String>,
    /// How often the pattern must be found; at least once where nothing is said.
    pub matches: Option<u32>,
}
