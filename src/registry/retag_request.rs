//! The request to tag a digest, and its result, as data.

use crate::config::ImageRule;
use crate::model::{CommitId, Digest, Reference, Repository, Version, image};
use serde::Serialize;

/// A request to give a digest more tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetagRequest {
    /// The image's name in release.toml.
    pub name: String,
    /// The repository of the image.
    pub repository: Repository,
    /// The tag that the build gave it.
    pub source: Reference,
    /// The digest that the git tag records, if any. It is the one that gets the tags, even if the source tag is gone.
    pub expected: Option<Digest>,
    /// Tags that are created once and never move.
    pub tags: Vec<String>,
    /// Tags that move here from another digest.
    pub moving: Vec<String>,
}

impl RetagRequest {
    /// Builds the request for an image of a release: its version tag, and those moving tags for which `version` is the
    /// highest among `finals`, the final versions that are released.
    pub fn new(
        rule: &ImageRule,
        version: &Version,
        build: CommitId,
        expected: Option<Digest>,
        finals: &[Version],
    ) -> Self {
        let moving = rule.also.iter().filter(|also| image::moves(also, version, finals));
        RetagRequest {
            name: rule.name.clone(),
            repository: rule.repository.clone(),
            source: Reference::Tag(image::source_tag(&rule.source, build)),
            expected,
            tags: vec![image::version_tag(&rule.tag, version)],
            moving: moving.map(|also| image::version_tag(also, version)).collect(),
        }
    }
}

/// Whether a retag changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RetagOutcome {
    /// At least one tag was put.
    #[serde(rename = "created")]
    Created,
    /// All tags had the digest already.
    #[serde(rename = "already")]
    Unchanged,
}

/// An image that has its tags. Serializes as an image of `rel.retag/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetaggedImage {
    /// The image's name in release.toml.
    pub name: String,
    /// The repository of the image.
    pub repository: Repository,
    /// The tag that the build gave it.
    pub source: String,
    /// The digest of all its tags.
    pub digest: Digest,
    /// Its tags: those that never move, then the moving ones.
    pub tags: Vec<String>,
    /// Whether anything changed.
    pub result: RetagOutcome,
    /// The number of HTTP requests that were sent, those for tokens included; 0 for a layout on disk.
    pub requests: u32,
}
