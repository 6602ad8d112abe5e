//! Globs over branch names and paths.

use globset::{Glob, GlobBuilder, GlobMatcher};
use std::sync::OnceLock;

/// Globs, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<Pattern>);

/// One glob. It is compiled on first use, because a configuration with five hundred packages has far more globs than one
/// command needs.
#[derive(Clone, Debug)]
struct Pattern {
    glob: Glob,
    matcher: OnceLock<GlobMatcher>,
}

impl Pattern {
    fn is_match(&self, text: &str) -> bool {
        self.matcher.get_or_init(|| self.glob.compile_matcher()).is_match(text)
    }
}

impl Patterns {
    /// Parses globs: `*` stops at `/`, `**` does not, `{a,b}` are alternatives.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the first glob that cannot be parsed.
    pub fn parse<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        globs
            .into_iter()
            .map(|glob| {
                let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build();
                built
                    .map(|glob| Pattern { glob, matcher: OnceLock::new() })
                    .map_err(|error| error.kind().to_string())
            })
            .collect::<Result<_, _>>()
            .map(Patterns)
    }

    /// Joins several lists of globs.
    pub fn concat(lists: impl IntoIterator<Item = Patterns>) -> Self {
        Patterns(lists.into_iter().flat_map(|list| list.0).collect())
    }

    /// Whether a text matches one of them.
    pub fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(text))
    }

    /// Returns the length of the longest literal beginning among the globs that match; `None` if none matches. The longest
    /// path owns a file (V17).
    pub fn reach(&self, text: &str) -> Option<usize> {
        self.0.iter().filter(|one| one.is_match(text)).map(|one| literal(one.glob.glob()).len()).max()
    }

    /// Returns the literal beginnings of all globs up to the last `/`: only in these folders a file can match.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .map(|pattern| literal(pattern.glob.glob()))
            .map(|start| start.rfind('/').map_or("", |end| &start[..end]))
    }

    /// Whether there are no globs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns the part of a glob before its first special character.
fn literal(glob: &str) -> &str {
    &glob[..glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len())]
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn stars_stop_at_slashes_and_the_longest_path_wins() {
        let patterns = Patterns::parse(["services/**", "services/api/**", "*.md"]).unwrap();
        assert_eq!(patterns.reach("services/api/main.rs"), Some("services/api/".len()));
        assert_eq!(patterns.reach("services/web/main.rs"), Some("services/".len()));
        assert!(patterns.matches("README.md") && !patterns.matches("docs/README.md"));
        assert_eq!(patterns.folders().collect::<Vec<_>>(), ["services", "services/api", ""]);
    }

    #[test]
    fn a_bad_glob_says_why() {
        assert_eq!(Patterns::parse(["release/["]).unwrap_err(), "unclosed character class; missing ']'");
    }
}
