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

    /// Whether deploying both has the same result: they have the same digests or, if there are no images, the same commit.
    pub fn same_artifacts(&self, other: &Pin) -> bool {
        let digests = |pin: &Pin| -> Vec<_> {
            pin.images.iter().map(|image| (image.name.clone(), image.digest.clone())).collect()
        };
        if self.images.is_empty() && other.images.is_empty() {
            return self.commit == other.commit;
        }
        digests(self) == digests(other)
    }

    /// Whether both are the same build, so that a mark as bad applies to both: they have the same commit, or all digests in
    /// common. A single image in common is not enough, because it may not have changed between builds.
    pub fn same_build(&self, other: &Pin) -> bool {
        let digests =
            |pin: &Pin| pin.images.iter().map(|image| image.digest.clone()).collect::<BTreeSet<_>>();
        self.commit == other.commit || (!self.images.is_empty() && digests(self) == digests(other))
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

    #[test]
    fn pins_are_compared_by_digests_and_without_images_by_commits() {
        let (one, two) = (CommitId::from_bytes([1; 20]), CommitId::from_bytes([2; 20]));
        let pin = |commit, images: &[Image]| Pin::new(commit, images.to_vec());
        assert!(pin(one, &[image("api", 'a')]).same_artifacts(&pin(two, &[image("api", 'a')])));
        assert!(!pin(one, &[image("api", 'a')]).same_artifacts(&pin(one, &[image("api", 'b')])));
        assert!(!pin(one, &[image("api", 'a')]).same_artifacts(&pin(one, &[])));
        assert!(
            pin(one, &[]).same_artifacts(&pin(one, &[])) && !pin(one, &[]).same_artifacts(&pin(two, &[]))
        );
        assert!(pin(one, &[image("api", 'a')]).same_build(&pin(one, &[image("api", 'b')])));
        assert!(pin(one, &[image("api", 'a')]).same_build(&pin(two, &[image("api", 'a')])));
        // The fix of a bad build may share an image with it.
        assert!(
            !pin(one, &[image("api", 'a')]).same_build(&pin(two, &[image("web", 'c'), image("api", 'a')]))
        );
        assert!(!pin(one, &[]).same_build(&pin(two, &[])));
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
