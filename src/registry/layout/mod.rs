//! OCI image layouts on disk: the embedded registry of the demo, of tests and of sites without a network (OCI image
//! specification, image layout). The same laws as in a registry, but here a tag is really compared before it is set: one
//! writer at a time, and the index is replaced as a whole. Leans on serde_json.

mod index;
mod lock;

use super::manifest::{self, Manifest};
use super::order::RetagOutcome;
use super::patience::Deadline;
use super::shelf::{Placing, moved, taken};
use crate::context::Context;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{Digest, Reference, Repository};
use index::Index;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The most bytes of a manifest or a configuration.
const LARGEST: u64 = 8 << 20;
/// What makes a folder a layout.
const INDEX: &str = "index.json";

/// A layout: a folder.
pub(super) struct Layout {
    folder: PathBuf,
    repository: Repository,
    deadline: Deadline,
}

impl Layout {
    /// Opens a folder. One that is not there cannot be reached, as a registry that is down.
    ///
    /// # Errors
    ///
    /// Links lead it out of the work tree (exit code 4).
    pub(super) fn open(context: &Context, folder: &str, deadline: Deadline) -> Result<Self> {
        let top = context.repo()?.work_tree().unwrap_or_else(|| context.folder().to_owned());
        let path = top.join(folder);
        let repository = Repository::Layout(folder.to_owned());
        if let (Ok(real), Ok(top)) = (path.canonicalize(), top.canonicalize())
            && !real.starts_with(&top)
        {
            return Err(Error::refused(format!("{repository} lies outside of the work tree"))
                .cause(format!("links lead to {}", real.display())));
        }
        Ok(Layout { folder: path, repository, deadline })
    }

    /// The manifest that a name stands for.
    pub(super) fn get(&self, reference: &Reference) -> Result<Option<Manifest>> {
        let (digest, media_type) = match reference {
            Reference::Digest(digest) => (digest.clone(), None),
            Reference::Tag(tag) => match self.index()?.find(tag).map_err(|fault| self.garbage(fault))? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let Some(bytes) = self.blob(&digest)? else { return Ok(None) };
        let place = format!("{}{}", self.repository, reference.suffix());
        Manifest::read(bytes, media_type, &place).map(Some)
    }

    /// The bytes of a blob.
    pub(super) fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let path = self.folder.join("blobs/sha256").join(digest.digits());
        let Some(bytes) = self.read(&path)? else { return Ok(None) };
        let found = manifest::digest(&bytes);
        if found != *digest {
            return Err(self.garbage(format!("the blob {digest} is really {found}")));
        }
        Ok(Some(bytes))
    }

    /// Sets a tag, if it still is what it was.
    pub(super) fn put(&self, placing: &Placing<'_>) -> Result<RetagOutcome> {
        let _one = lock::take(&self.folder, &self.repository, self.deadline)?;
        let mut index = self.index()?;
        let there = index.find(placing.tag).map_err(|fault| self.garbage(fault))?.map(|(digest, _)| digest);
        let wanted = &placing.manifest.digest;
        match (&there, placing.before) {
            (Some(there), _) if there == wanted => return Ok(RetagOutcome::Already),
            (Some(there), None) => return Err(taken(&self.repository, placing.tag, there, wanted)),
            (Some(there), Some(before)) if there != before => {
                return Err(moved(&self.repository, placing.tag, there));
            }
            _ => {}
        }
        index.set(placing.tag, placing.manifest).map_err(|fault| self.garbage(fault))?;
        index.write(&self.folder).context(Kind::Refused, format!("{} cannot be written", self.repository))?;
        Ok(RetagOutcome::Created)
    }

    fn index(&self) -> Result<Index> {
        let bytes = self.read(&self.folder.join(INDEX))?.ok_or_else(|| self.absent())?;
        Index::read(&bytes).map_err(|fault| self.garbage(fault))
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                // A disk that is not mounted says nothing of what is on it.
                return if self.folder.join(INDEX).is_file() { Ok(None) } else { Err(self.absent()) };
            }
            Err(error) => return Err(self.unreadable(path, error)),
        };
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| self.unreadable(path, error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(self.garbage(format!("{} has more than {LARGEST} bytes", path.display())));
        }
        Ok(Some(bytes))
    }

    fn absent(&self) -> Error {
        Error::unreachable(format!("{} cannot be reached", self.repository))
            .cause(format!("there is no image layout in {}", self.folder.display()))
    }

    fn unreadable(&self, path: &Path, error: std::io::Error) -> Error {
        Error::unreachable(format!("{} cannot be read", self.repository))
            .cause(format!("{}: {error}", path.display()))
    }

    fn garbage(&self, fault: impl Into<String>) -> Error {
        Error::unreachable(format!("{} is no image layout", self.repository)).cause(fault.into())
    }
}
