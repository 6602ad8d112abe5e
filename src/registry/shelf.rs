//! Where images of one repository stand: in a registry, or in a layout on disk. Both keep the same laws, so that whoever
//! retags or looks does not know which it is. Leans on `remote` and `layout`.

use super::layout::Layout;
use super::manifest::Manifest;
use super::order::RetagOutcome;
use super::remote::Remote;
use super::wire::Tally;
use crate::error::{Error, Result};
use crate::model::{Digest, Reference, Repository};

/// What a name stands for, as far as was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub digest: Digest,
    /// Empty where it was not said.
    pub media_type: String,
}

/// A tag that is put.
pub(super) struct Placing<'a> {
    pub tag: &'a str,
    /// What it names now. A tag that is free, or that moves, is taken from this and from nothing else.
    pub before: Option<&'a Digest>,
    pub manifest: &'a Manifest,
}

/// One repository.
pub(super) enum Shelf<'w> {
    Remote(Remote<'w>),
    Layout(Layout),
}

impl Shelf<'_> {
    /// What a name stands for; `None`: certainly nothing.
    pub(super) async fn head(&self, reference: &Reference, tally: &Tally) -> Result<Option<Seen>> {
        match self {
            Shelf::Remote(remote) => remote.head(reference, tally).await,
            Shelf::Layout(layout) => {
                let seen = |found: Manifest| Seen { digest: found.digest, media_type: found.media_type };
                Ok(layout.get(reference)?.map(seen))
            }
        }
    }

    /// The manifest that a name stands for, its bytes checked.
    pub(super) async fn get(&self, reference: &Reference, tally: &Tally) -> Result<Option<Manifest>> {
        match self {
            Shelf::Remote(remote) => remote.get(reference, tally).await,
            Shelf::Layout(layout) => layout.get(reference),
        }
    }

    /// Puts a tag.
    pub(super) async fn put(&self, placing: &Placing<'_>, tally: &Tally) -> Result<RetagOutcome> {
        match self {
            Shelf::Remote(remote) => remote.put(placing, tally).await,
            Shelf::Layout(layout) => layout.put(placing),
        }
    }

    /// The bytes of a blob, checked against their digest.
    pub(super) async fn blob(&self, digest: &Digest, tally: &Tally) -> Result<Option<Vec<u8>>> {
        match self {
            Shelf::Remote(remote) => remote.blob(digest, tally).await,
            Shelf::Layout(layout) => layout.blob(digest),
        }
    }
}

/// A version tag names something else already.
pub(super) fn taken(repository: &Repository, tag: &str, there: &Digest, wanted: &Digest) -> Error {
    Error::conflict(format!("{repository}:{tag} holds another digest"))
        .cause(format!("there   {there}"))
        .cause(format!("wanted  {wanted}"))
        .hint("a version tag never moves: release a new version")
}

/// A tag that moves was moved by somebody else at the same time.
pub(super) fn moved(repository: &Repository, tag: &str, there: &Digest) -> Error {
    Error::conflict(format!("{repository}:{tag} was moved by somebody else meanwhile"))
        .cause(format!("it names {there} now"))
        .hint("the same command again looks anew")
}
