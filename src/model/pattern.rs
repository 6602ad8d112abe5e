//! Globs over branch names and paths. The only file that knows `globset`.

use globset::{GlobBuilder, GlobMatcher};

/// Some globs, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<(String, GlobMatcher)>);

impl Patterns {
    /// Reads globs: `*` stops at `/`, `**` does not, `{a,b}` are alternatives. The error names the faulty one and why.
    pub fn parse<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        globs
            .into_iter()
            .map(|glob| {
                let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build();
                built
                    .map(|built| (glob.to_owned(), built.compile_matcher()))
                    .map_err(|error| error.kind().to_string())
            })
            .collect::<Result<_, _>>()
            .map(Patterns)
    }

    /// Whether one of them matches.
    pub fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|(_, matcher)| matcher.is_match(text))
    }

    /// How long the literal beginning of the longest matching glob is; `None` where none matches. The longest path
    /// owns a file (V17).
    pub fn reach(&self, text: &str) -> Option<usize> {
        self.0.iter().filter(|(_, matcher)| matcher.is_match(text)).map(|(glob, _)| literal(glob).len()).max()
    }

    /// The literal beginnings of all globs, up to the last `/`: no other folder can hold a match.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .map(|(glob, _)| literal(glob))
            .map(|start| start.rfind('/').map_or("", |end| &start[..end]))
    }

    /// No globs at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The part of a glob before its first special character.
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
