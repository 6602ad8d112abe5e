//! What can be deployed and recorded: a pin, and the release under whose name it is known.

use super::{CommitId, Image, TagName, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A build commit with the digests of its images, zero or more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pin {
    /// The commit that the images were built from.
    pub commit: CommitId,
    /// The images, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
}

impl Pin {
    /// Creates a pin; its images are sorted by name.
    pub fn new(commit: CommitId, mut images: Vec<Image>) -> Self {
        images.sort();
        Pin { commit, images }
    }

    /// Whether both are the same build: they have the same digests, and their build commits are one commit or have the same
    /// git tree. The tree counts as well because commands run in it. `same_tree` says whether two commits are known to have
    /// the same tree.
    pub fn same_build(&self, other: &Pin, same_tree: &dyn Fn(CommitId, CommitId) -> bool) -> bool {
        self.same_digests(other) && (self.commit == other.commit || same_tree(self.commit, other.commit))
    }

    /// Whether both have the same build commit and the same digests, in whichever repositories. It needs no git objects, so
    /// the states of the ledger are built with it.
    pub fn same_commit_and_digests(&self, other: &Pin) -> bool {
        self.commit == other.commit && self.same_digests(other)
    }

    /// Whether what is said against one is said against the other, such as a mark as bad: they have the same commit, or all
    /// digests in common. A single image in common is not enough, because it may not have changed between builds.
    pub fn same_commit_or_all_digests(&self, other: &Pin) -> bool {
        let digests =
            |pin: &Pin| pin.images.iter().map(|image| image.digest.clone()).collect::<BTreeSet<_>>();
        self.commit == other.commit || (!self.images.is_empty() && digests(self) == digests(other))
    }

    fn same_digests(&self, other: &Pin) -> bool {
        let digests = |image: &Image| (image.name.clone(), image.digest.clone());
        self.images.iter().map(digests).eq(other.images.iter().map(digests))
    }
}

/// A pin with its version and tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The version; `None` for a bare commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Its tag; `None` for a bare commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagName>,
    /// What is deployed.
    #[serde(flatten)]
    pub pin: Pin,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Release {
    /// Creates the release of a version with its tag.
    pub fn new(version: Version, tag: TagName, pin: Pin) -> Self {
        Release { version: Some(version), tag: Some(tag), pin, rest: Map::new() }
    }

    /// Creates a release of a commit without a version.
    pub fn bare(pin: Pin) -> Self {
        Release { version: None, tag: None, pin, rest: Map::new() }
    }

    /// Returns the name to show: the tag, otherwise the version, otherwise the short hash.
    pub fn label(&self) -> String {
        match (&self.tag, &self.version) {
            (Some(tag), _) => tag.to_string(),
            (None, Some(version)) => version.to_string(),
            (None, None) => self.pin.commit.short(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pin, Release};
    use crate::model::{CommitId, Image, TagName, Version};

    fn image(name: &str, digit: char) -> Image {
        let digest = digit.to_string().repeat(64);
        Image::parse(&format!("{name} ghcr.io/acme/{name}@sha256:{digest}")).unwrap()
    }

    fn pin(commit: u8, images: &[(&str, char)]) -> Pin {
        let images = images.iter().map(|(name, digit)| image(name, *digit)).collect();
        Pin::new(CommitId::from_bytes([commit; 20]), images)
    }

    #[test]
    fn the_same_build_has_the_same_digests_and_the_same_tree() {
        // Commits 1 and 2 have the same tree, such as a commit and the merge that brings it.
        let trees = |one: CommitId, other: CommitId| one.as_bytes()[0] < 3 && other.as_bytes()[0] < 3;
        for (what, one, other, expected) in [
            ("identical", pin(1, &[("api", 'a')]), pin(1, &[("api", 'a')]), true),
            ("the same tree", pin(1, &[("api", 'a')]), pin(2, &[("api", 'a')]), true),
            ("the same digest, another tree", pin(1, &[("api", 'a')]), pin(3, &[("api", 'a')]), false),
            ("the same commit, another digest", pin(1, &[("api", 'a')]), pin(1, &[("api", 'b')]), false),
            ("the same commit, no digest", pin(1, &[("api", 'a')]), pin(1, &[]), false),
            ("no images, the same commit", pin(3, &[]), pin(3, &[]), true),
            ("no images, the same tree", pin(1, &[]), pin(2, &[]), true),
            ("no images, another tree", pin(1, &[]), pin(3, &[]), false),
        ] {
            assert_eq!(one.same_build(&other, &trees), expected, "{what}");
        }
    }

    #[test]
    fn a_mark_as_bad_covers_the_same_commit_and_the_same_digests() {
        let api = pin(1, &[("api", 'a')]);
        assert!(api.same_commit_or_all_digests(&pin(1, &[("api", 'b')])));
        assert!(api.same_commit_or_all_digests(&pin(2, &[("api", 'a')])));
        // The fix of a bad build may share an image with it.
        assert!(!api.same_commit_or_all_digests(&pin(2, &[("web", 'c'), ("api", 'a')])));
        assert!(!pin(1, &[]).same_commit_or_all_digests(&pin(2, &[])));
    }

    #[test]
    fn a_release_is_parsed_as_it_is_written_and_keeps_unknown_keys() {
        let pin = Pin::new(CommitId::from_bytes([7; 20]), vec![image("web", 'b'), image("api", 'a')]);
        let release = Release::new(Version::new(1, 4, 0), TagName::new("v1.4.0"), pin.clone());
        let mut json = serde_json::to_value(&release).unwrap();
        json["signed_by"] = "ada".into();
        let read: Release = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert_eq!((read.label(), Release::bare(pin).label()), ("v1.4.0".into(), "0707070".into()));
        json["commit"] = "x".into();
        assert!(serde_json::from_value::<Release>(json).is_err());
    }
}
