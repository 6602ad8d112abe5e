//! References to images, and what they resolve to, as data.

use super::manifest::Platform;
use crate::error::Error;
use crate::model::{Digest, Reference, Repository};

/// A reference to resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    /// The repository of the image.
    pub repository: Repository,
    /// Its tag or digest.
    pub reference: Reference,
}

/// How much to find out about a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The digest only: one `GET`, because the bytes prove the digest and a header does not.
    Digest,
    /// Also the manifest, its bytes checked against the digest, and whether the manifest of every platform exists: one `GET`, and one
    /// `HEAD` for each platform.
    Platforms,
}

/// A manifest that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedImage {
    /// Its digest.
    pub digest: Digest,
    /// `application/vnd.oci.image.index.v1+json` and the like.
    pub media_type: String,
    /// Its platforms; empty for `Detail::Digest`.
    pub platforms: Vec<Platform>,
}

/// What a reference resolves to.
#[derive(Debug)]
pub enum Resolution {
    /// The manifest exists.
    Found(ResolvedImage),
    /// The manifest, or that of one of its platforms, does not exist; says which, as a sentence.
    Missing(String),
    /// Not known: the registry cannot be reached, denies access or answers with something invalid (exit code 6).
    Unknown(Error),
}
