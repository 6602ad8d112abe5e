//! Bumps: which commit types require which bump, and the rule below 1.0.0.

use super::version::Version;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Which number of a version is increased. The order of the variants is that of their effect: the highest applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl Bump {
    /// Parses `patch`, `minor` or `major`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "patch" => Some(Bump::Patch),
            "minor" => Some(Bump::Minor),
            "major" => Some(Bump::Major),
            _ => None,
        }
    }

    /// Returns the bump between two finals; `None` if the second is not higher than the first.
    pub fn between(from: &Version, to: &Version) -> Option<Self> {
        let (from, to) = (from.core(), to.core());
        if to <= from {
            None
        } else if to.major() != from.major() {
            Some(Bump::Major)
        } else if to.minor() != from.minor() {
            Some(Bump::Minor)
        } else {
            Some(Bump::Patch)
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        })
    }
}

/// The effect of a bump below 1.0.0 (V13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zero {
    /// Breaking and feat: minor; the rest: patch.
    #[default]
    Minor,
    /// As above 1.0: a breaking change makes 1.0.0.
    Major,
    /// As Cargo reads versions. Breaking: minor; everything else: patch; in 0.0.x everything is patch.
    Cargo,
}

impl Zero {
    /// Returns the bump that is applied to `base` if the commits require `bump`.
    pub fn apply(self, base: &Version, bump: Bump) -> Bump {
        if base.major() > 0 {
            return bump;
        }
        match (self, bump) {
            (Zero::Major, bump) => bump,
            (Zero::Minor, bump) => bump.min(Bump::Minor),
            (Zero::Cargo, _) if base.minor() == 0 => Bump::Patch,
            (Zero::Cargo, Bump::Major) => Bump::Minor,
            (Zero::Cargo, _) => Bump::Patch,
        }
    }

    /// Returns the value in `release.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Zero::Minor => "minor",
            Zero::Major => "major",
            Zero::Cargo => "cargo",
        }
    }
}

/// Types that are known without being in the table (V27).
const KNOWN: [&str; 10] =
    ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style"];

/// What counts in a squash whose title is a header of a known type (V24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Squash {
    /// The title and all parts.
    #[default]
    Parts,
    /// Only the title: for teams that check titles, and whose branches are full of work in progress.
    Title,
}

impl Squash {
    /// Returns the value in `release.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Squash::Parts => "parts",
            Squash::Title => "title",
        }
    }
}

/// Which bump commits require: by type, in a squash, and otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BumpTable {
    types: BTreeMap<String, Option<Bump>>,
    /// What counts in a squash.
    pub squash: Squash,
    /// The bump of a commit that would have none.
    pub otherwise: Option<Bump>,
}

impl Default for BumpTable {
    /// feat: minor; fix, perf, revert: patch (V12).
    fn default() -> Self {
        let mut table: BTreeMap<_, _> =
            KNOWN.iter().chain(&["test"]).map(|kind| ((*kind).to_owned(), None)).collect();
        table.insert("feat".into(), Some(Bump::Minor));
        for kind in ["fix", "perf", "revert"] {
            table.insert(kind.into(), Some(Bump::Patch));
        }
        BumpTable { types: table, squash: Squash::default(), otherwise: None }
    }
}

impl BumpTable {
    /// Sets the bump of a type, or disables the type with `None` (V12). Types are not case-sensitive.
    pub fn set(&mut self, kind: &str, bump: Option<Bump>) {
        self.types.insert(kind.to_lowercase(), bump);
    }

    /// Returns the bump of a type in lower case; `None` if it has none or is not known.
    pub fn bump(&self, kind: &str) -> Option<Bump> {
        self.types.get(kind).copied().flatten()
    }

    /// Whether a word is a known type: only these begin a part of a squash (V24, V27).
    pub fn knows(&self, kind: &str) -> bool {
        self.types.contains_key(kind)
    }

    /// Returns all known types, sorted.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bump, BumpTable, Version, Zero};

    #[test]
    fn v12_the_table_adds_to_the_defaults() {
        let mut table = BumpTable::default();
        table.set("Docs", Some(Bump::Patch));
        table.set("perf", None);
        assert_eq!(table.bump("docs"), Some(Bump::Patch));
        assert_eq!(table.bump("perf"), None);
        assert!(table.knows("perf"));
        assert_eq!(table.bump("feat"), Some(Bump::Minor));
    }

    #[test]
    fn v13_zero_decides_below_one() {
        use Bump::{Major, Minor, Patch};
        let at = |text: &str| Version::parse(text).unwrap();
        for (zero, base, expected) in [
            (Zero::Minor, "0.3.1", [Patch, Minor, Minor]),
            (Zero::Minor, "0.0.1", [Patch, Minor, Minor]),
            (Zero::Major, "0.3.1", [Patch, Minor, Major]),
            (Zero::Cargo, "0.3.1", [Patch, Patch, Minor]),
            (Zero::Cargo, "0.0.1", [Patch, Patch, Patch]),
            (Zero::Cargo, "1.0.0", [Patch, Minor, Major]),
        ] {
            assert_eq!(
                [Patch, Minor, Major].map(|bump| zero.apply(&at(base), bump)),
                expected,
                "{zero:?} {base}"
            );
        }
    }

    #[test]
    fn v27_the_known_types_are_the_eleven_usual_ones() {
        let types: Vec<_> = BumpTable::default().types().map(str::to_owned).collect();
        assert_eq!(
            types,
            ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"]
        );
    }
}
