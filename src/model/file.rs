//! A file that repeats the version, as `release.toml` names it.

/// A `[[file]]` of `release.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionFile {
    /// Its path from the top of the repository, as git spells it.
    pub path: String,
    /// The text around the version, with `{version}` in its place; `None` for a file that is known by name.
    pub pattern: Option<String>,
    /// How often the pattern must match; `None` for at least once.
    pub matches: Option<u32>,
}
