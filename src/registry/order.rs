//! What this room is asked and what it answers, as data. Leans on `config` and
//! `model`.

use super::manifest::Platform;
use crate::config::ImageRule;
use crate::error::Error;
use crate::model::{CommitId, Digest, Reference, Repository, Version, image};
use serde::Serialize;

/// A manifest that somebody wants to know about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    /// Where it is kept.
    pub repository: Repository,
    /// What names it.
    pub reference: Reference,
}

/// How closely is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Its digest alone: one `HEAD`.
    Digest,
    /// What it says: one `GET`, its bytes checked against its digest.
    Manifest,
    /// Also that the manifest of every platform is there.
    Platforms,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedImage {
    /// Its digest.
    pub digest: Digest,
    /// `application/vnd.oci.image.index.v1+json` and the like; empty where a `HEAD` did not say.
    pub media_type: String,
    /// Its platforms; empty for `Detail::Digest`.
    pub platforms: Vec<Platform>,
}

/// How it stands with a manifest.
#[derive(Debug)]
pub enum Resolution {
    /// It is there.
    Found(ResolvedImage),
    /// It is certainly not there, or a platform of it is not: what is missing, as a sentence.
    Missing(String),
    /// Nobody knows: the registry cannot be reached, does not let us in, or answers nonsense (exit code 6).
    Unknown(Error),
}

/// A digest that gets more names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetagRequest {
    /// The image's name in release.toml.
    pub name: String,
    /// Where it is kept.
    pub repository: Repository,
    /// The tag that the build gave it.
    pub source: Reference,
    /// The digest that is recorded for it. The tags get this one, even where the source tag is gone.
    pub expected: Option<Digest>,
    /// Tags that it gets and that never move.
    pub tags: Vec<String>,
    /// Tags that it takes from another digest.
    pub moving: Vec<String>,
}

impl RetagRequest {
    /// What a release wants of an image: its version tag, and those moving tags that stand for this version among the
    /// final versions that were released, `finals`.
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

/// Whether something had to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RetagOutcome {
    /// At least one tag was put.
    Created,
    /// All tags were there.
    Already,
}

/// A digest that has its names. Serializes as an image of `rel.retag/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetaggedImage {
    /// The image's name in release.toml.
    pub name: String,
    /// Where it is kept.
    pub repository: Repository,
    /// The tag that the build gave it.
    pub source: String,
    /// What all its tags name now.
    pub digest: Digest,
    /// Its tags: those that never move, then the moving ones.
    pub tags: Vec<String>,
    /// Whether something had to be done.
    pub result: RetagOutcome,
    /// How many requests it took, tokens included; 0 for a layout on disk.
    pub requests: u32,
}
