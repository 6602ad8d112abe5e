//! A repository of images: in a registry, or in a layout on disk. Callers do not need to know which.

use super::layout::ImageLayout;
use super::manifest::Manifest;
use super::remote_repository::RemoteRepository;
use super::retag_request::RetagOutcome;
use super::tag_put::{Descriptor, TagPut};
use super::transport::RequestCounter;
use crate::error::Result;
use crate::model::{Digest, Reference};

/// A repository of images.
pub(super) enum ImageRepository<'w> {
    Remote(RemoteRepository<'w>),
    Layout(ImageLayout),
}

impl ImageRepository<'_> {
    /// Returns the descriptor of a tag or digest; `None` if it does not exist.
    pub(super) async fn head(
        &self,
        reference: &Reference,
        requests: &RequestCounter,
    ) -> Result<Option<Descriptor>> {
        match self {
            ImageRepository::Remote(remote) => remote.head(reference, requests).await,
            ImageRepository::Layout(layout) => Ok(layout
                .get(reference)?
                .map(|found| Descriptor { digest: found.digest, media_type: found.media_type })),
        }
    }

    /// Returns the manifest of a tag or digest, its bytes checked; `None` if it does not exist.
    pub(super) async fn get(
        &self,
        reference: &Reference,
        requests: &RequestCounter,
    ) -> Result<Option<Manifest>> {
        match self {
            ImageRepository::Remote(remote) => remote.get(reference, requests).await,
            ImageRepository::Layout(layout) => layout.get(reference),
        }
    }

    /// Puts a tag.
    pub(super) async fn put(&self, put: &TagPut<'_>, requests: &RequestCounter) -> Result<RetagOutcome> {
        match self {
            ImageRepository::Remote(remote) => remote.put(put, requests).await,
            ImageRepository::Layout(layout) => layout.put(put),
        }
    }

    /// Returns the bytes of a blob, checked against the digest; `None` if it does not exist.
    pub(super) async fn blob(&self, digest: &Digest, requests: &RequestCounter) -> Result<Option<Vec<u8>>> {
        match self {
            ImageRepository::Remote(remote) => remote.blob(digest, requests).await,
            ImageRepository::Layout(layout) => layout.blob(digest),
        }
    }
}
