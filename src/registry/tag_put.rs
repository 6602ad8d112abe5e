//! What registries and layouts on disk have in common: descriptors, tags to put, and the errors for a tag that is in use.

use super::manifest::Manifest;
use crate::error::Error;
use crate::model::{Digest, Repository};

/// Digest and media type of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub digest: Digest,
    /// Empty if the registry did not say.
    pub media_type: String,
}

/// A tag to put.
pub(super) struct TagPut<'a> {
    pub tag: &'a str,
    /// The digest that the tag had when it was looked up. The tag is only put if it still has this one, or still does
    /// not exist.
    pub before: Option<&'a Digest>,
    pub manifest: &'a Manifest,
}

/// The error for a version tag that names another digest.
pub(super) fn tag_in_use(repository: &Repository, tag: &str, current: &Digest, wanted: &Digest) -> Error {
    Error::conflict(format!("{repository}:{tag} already names another digest"))
        .cause(format!("current  {current}"))
        .cause(format!("wanted   {wanted}"))
        .hint("version tags never move: release a new version")
}

/// The error for a moving tag that someone else changed at the same time.
pub(super) fn tag_changed(repository: &Repository, tag: &str, current: &Digest) -> Error {
    Error::conflict(format!("{repository}:{tag} was changed by someone else at the same time"))
        .cause(format!("it now names {current}"))
        .hint("run the same command again")
}
