//! The version change of a release, and whether a version in a file matches it.

use crate::error::Error;
use crate::model::Version;

/// From which version to which a release goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionChange {
    /// The versions that a file may have now: that of the last release, and for a final also that of its last prerelease.
    /// Empty for a first release; then any version up to the new one.
    pub from: Vec<Version>,
    /// The new version.
    pub to: Version,
}

/// How a version in a file relates to a version change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is the old version.
    Old,
    /// It is the new version already.
    New,
    /// It is another version, or not a version.
    Other,
}

/// How much of a text from a file is quoted, in characters.
const MAX_QUOTE: usize = 60;

impl VersionChange {
    /// Matches a version in a file; `None` is a text that is not a version.
    pub(super) fn match_version(&self, version: Option<&Version>) -> Match {
        match version {
            Some(version) if *version == self.to => Match::New,
            Some(version) if self.from.contains(version) => Match::Old,
            Some(version) if self.from.is_empty() && version.precedence(&self.to).is_le() => Match::Old,
            _ => Match::Other,
        }
    }

    /// Matches a text in a file.
    pub(super) fn match_text(&self, text: &str) -> Match {
        self.match_version(Version::parse(text).as_ref())
    }

    /// Returns what a file should have, for a message: `1.3.0 or 1.4.0-rc.2`.
    pub(super) fn expected(&self) -> String {
        if self.from.is_empty() {
            return format!("a version up to {}", self.to);
        }
        self.from.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    }

    /// Returns a version that a file may have, for a hint.
    pub(super) fn example(&self) -> &Version {
        self.from.first().unwrap_or(&self.to)
    }

    /// Returns the error for a text that is neither the old nor the new version.
    pub(super) fn mismatch(&self, location: &str, text: &str) -> Error {
        let message = format!("{location} has {}, expected {}", quote(text), self.expected());
        let hint = if self.from.is_empty() {
            format!("change it to {}, or release a version that is not lower", self.to)
        } else {
            format!("change it to {}; the release then sets it to {}", self.example(), self.to)
        };
        Error::refused(message).hint(hint)
    }
}

/// Quotes a text from a file.
pub(super) fn quote(text: &str) -> String {
    format!("`{}`", truncate(text))
}

/// Returns the beginning of a text.
pub(super) fn truncate(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_QUOTE).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
