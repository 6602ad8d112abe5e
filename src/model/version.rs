//! Semantic versions, prerelease channels and version ranges. A version never has a prefix; a tag may have one.

use super::bump::Bump;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// A semantic version (semver.org 2.0.0). `Ord` is precedence, then build metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(semver::Version);

impl Version {
    /// Creates the final version `major.minor.patch`.
    pub fn new(major: u64, minor: u64, patch: u64) -> Self {
        Version(semver::Version::new(major, minor, patch))
    }

    /// Parses a strict semantic version: three numbers, no prefix.
    pub fn parse(text: &str) -> Option<Self> {
        semver::Version::parse(text).ok().map(Version)
    }

    /// Returns the first number.
    pub fn major(&self) -> u64 {
        self.0.major
    }

    /// Returns the second number.
    pub fn minor(&self) -> u64 {
        self.0.minor
    }

    /// Returns the third number.
    pub fn patch(&self) -> u64 {
        self.0.patch
    }

    /// Returns the version without prerelease and build metadata.
    #[must_use]
    pub fn core(&self) -> Self {
        Version::new(self.0.major, self.0.minor, self.0.patch)
    }

    /// Whether it is not a prerelease.
    pub fn is_final(&self) -> bool {
        self.0.pre.is_empty()
    }

    /// Whether it has build metadata.
    pub fn has_build(&self) -> bool {
        !self.0.build.is_empty()
    }

    /// Compares by precedence (semver.org, point 11): build metadata does not count.
    pub fn precedence(&self, other: &Version) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }

    /// Whether it meets a requirement in the syntax of Cargo; `None` if that cannot be parsed.
    pub fn meets(&self, requirement: &str) -> Option<bool> {
        Some(semver::VersionReq::parse(requirement).ok()?.matches(&self.0))
    }

    /// Returns the channel and the counter of a prerelease; `None` for a final. Without a counter it is 0: `1.0.0-beta` is
    /// `beta` at 0, and `beta01` is another channel (V11).
    pub fn channel(&self) -> Option<(Channel, u64)> {
        if self.is_final() {
            return None;
        }
        let pre = self.0.pre.as_str();
        let (name, last) = pre.rsplit_once('.').unwrap_or(("", pre));
        match last.parse::<u64>() {
            Ok(counter) => Some((Channel(name.to_owned()), counter)),
            Err(_) => Some((Channel(pre.to_owned()), 0)),
        }
    }

    /// Returns the next version after this core for a bump; `None` if a number would overflow.
    pub fn bumped(&self, bump: Bump) -> Option<Self> {
        let semver::Version { major, minor, patch, .. } = self.0;
        Some(match bump {
            Bump::Major => Version::new(major.checked_add(1)?, 0, 0),
            Bump::Minor => Version::new(major, minor.checked_add(1)?, 0),
            Bump::Patch => Version::new(major, minor, patch.checked_add(1)?),
        })
    }

    /// Returns the prerelease of this core with a channel and a counter.
    #[must_use]
    pub fn prerelease(&self, channel: &Channel, counter: u64) -> Self {
        let mut version = self.core();
        // A channel consists of identifiers, so this always parses.
        version.0.pre = semver::Prerelease::new(&format!("{}.{counter}", channel.0)).unwrap_or_default();
        version
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A prerelease channel: `rc`, `beta`, `dev`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Channel(String);

impl Channel {
    /// Parses a channel: identifiers joined by dots (semver.org, point 9).
    ///
    /// # Errors
    ///
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a channel has at least one character".into());
        }
        semver::Prerelease::new(&format!("{text}.1"))
            .map(|_| Channel(text.to_owned()))
            .map_err(|_| "a channel is letters, digits and hyphens, in parts joined by dots".into())
    }

    /// Returns the nearest valid channel, to suggest it; `None` if no character is valid.
    pub fn nearest(text: &str) -> Option<Self> {
        let text: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' })
            .collect();
        let parts: Vec<_> =
            text.split('.').map(|part| part.trim_matches('-')).filter(|part| !part.is_empty()).collect();
        Channel::parse(&parts.join(".")).ok()
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The versions that a maintenance branch may release: `1` is >=1.0.0, <2.0.0; `1.1` is >=1.1.0, <1.2.0 (V9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    major: u64,
    minor: Option<u64>,
}

impl VersionRange {
    /// Parses `1`, `1.1`, `1.x` or `1.1.x`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(".x").unwrap_or(text);
        let number = |part: &str| -> Option<u64> {
            let canonical = part == "0" || !part.starts_with('0');
            (canonical && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
        };
        match text.split_once('.') {
            None => Some(VersionRange { major: number(text)?, minor: None }),
            Some((major, minor)) => Some(VersionRange { major: number(major)?, minor: Some(number(minor)?) }),
        }
    }

    /// Whether the core of a version is in the range, so that `2.0.0-rc.1` is not below 2.0.0.
    pub fn contains(&self, version: &Version) -> bool {
        version.major() == self.major && self.minor.is_none_or(|minor| version.minor() == minor)
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            None => write!(f, ">={}.0.0, <{}.0.0", self.major, self.major.saturating_add(1)),
            Some(minor) => write!(f, ">={0}.{minor}.0, <{0}.{1}.0", self.major, minor.saturating_add(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, Version, VersionRange};

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn v11_a_prerelease_has_a_channel_and_a_counter() {
        let channel = |text: &str| version(text).channel().map(|(name, counter)| (name.to_string(), counter));
        assert_eq!(channel("1.0.0-rc.2"), Some(("rc".into(), 2)));
        assert_eq!(channel("1.0.0-beta"), Some(("beta".into(), 0)));
        assert_eq!(channel("1.0.0-beta01"), Some(("beta01".into(), 0)));
        assert_eq!(channel("1.0.0-nightly.x.7"), Some(("nightly.x".into(), 7)));
        assert_eq!(channel("1.0.0-99999999999999999999"), Some(("99999999999999999999".into(), 0)));
        assert_eq!(channel("1.0.0"), None);
    }

    #[test]
    fn only_strict_versions_parse() {
        for text in ["v1.0.0", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "", "1.0.0-01"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn v9_ranges_contain_versions_by_their_core() {
        let range = VersionRange::parse("1").unwrap();
        assert_eq!(range.to_string(), ">=1.0.0, <2.0.0");
        assert!(range.contains(&version("1.9.9")) && !range.contains(&version("2.0.0-rc.1")));
        let range = VersionRange::parse("1.1").unwrap();
        assert_eq!(range.to_string(), ">=1.1.0, <1.2.0");
        assert!(range.contains(&version("1.1.7")) && !range.contains(&version("1.2.0")));
        assert_eq!(VersionRange::parse("1.x"), VersionRange::parse("1"));
        for text in ["", "x", "1.2.3", "01", "-1", "1."] {
            assert_eq!(VersionRange::parse(text), None, "{text}");
        }
    }

    #[test]
    fn v28_invalid_channels_are_refused() {
        assert!(Channel::parse("rc").is_ok() && Channel::parse("rc.x-1").is_ok());
        for text in ["", "rc_1", "r c", "rc.", "01", "rc..x"] {
            assert!(Channel::parse(text).is_err(), "{text}");
        }
        assert_eq!(Channel::nearest("rc_1").unwrap().as_str(), "rc-1");
        assert_eq!(Channel::nearest("_"), None);
    }
}
