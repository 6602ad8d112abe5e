//! Image layouts on disk (OCI image specification, image layout): for the demo, tests and sites without a network. As in a
//! registry, but with a real compare-and-set of tags: one writer at a time, and the index is replaced as a whole.

mod index;
mod lock;

use super::manifest::{self, Manifest};
use super::retag_request::RetagOutcome;
use super::retry::Deadline;
use super::tag_put::{TagPut, tag_changed, tag_in_use};
use crate::context::Context;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{Digest, Reference, Repository};
use index::LayoutIndex;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The size limit of a manifest or a configuration in bytes.
const MAX_BYTES: u64 = 8 << 20;
/// The file that makes a folder a layout.
const INDEX: &str = "index.json";

/// An image layout.
pub(super) struct ImageLayout {
    folder: PathBuf,
    repository: Repository,
    deadline: Deadline,
}

impl ImageLayout {
    /// Opens a folder of the work tree. Whether it exists is only checked on access: if not, it counts as unreachable, like
    /// a registry that is down.
    ///
    /// # Errors
    ///
    /// A symbolic link leads out of the work tree (4).
    pub(super) fn open(context: &Context, folder: &str, deadline: Deadline) -> Result<Self> {
        let top = context.repo()?.work_tree().unwrap_or_else(|| context.folder().to_owned());
        let path = top.join(folder);
        let repository = Repository::Layout(folder.to_owned());
        if let (Ok(real), Ok(top)) = (path.canonicalize(), top.canonicalize())
            && !real.starts_with(&top)
        {
            return Err(Error::refused(format!("{repository} is outside the work tree"))
                .cause(format!("it resolves to {}", real.display())));
        }
        Ok(ImageLayout { folder: path, repository, deadline })
    }

    /// Returns the manifest of a tag or digest; `None` if it does not exist.
    pub(super) fn get(&self, reference: &Reference) -> Result<Option<Manifest>> {
        let (digest, media_type) = match reference {
            Reference::Digest(digest) => (digest.clone(), None),
            Reference::Tag(tag) => match self.index()?.find(tag).map_err(|why| self.invalid(why))? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let Some(bytes) = self.blob(&digest)? else { return Ok(None) };
        let name = format!("{}{}", self.repository, reference.suffix());
        Manifest::parse(bytes, media_type, &name).map(Some)
    }

    /// Returns the bytes of a blob, checked against the digest; `None` if it does not exist.
    pub(super) fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let path = self.folder.join("blobs/sha256").join(digest.digits());
        let Some(bytes) = self.read(&path)? else { return Ok(None) };
        let found = manifest::digest(&bytes);
        if found != *digest {
            return Err(self.invalid(format!("the blob {digest} has digest {found}")));
        }
        Ok(Some(bytes))
    }

    /// Sets a tag, if it has not changed since it was looked up.
    pub(super) fn put(&self, put: &TagPut<'_>) -> Result<RetagOutcome> {
        let _lock = lock::acquire(&self.folder, &self.repository, self.deadline)?;
        let mut index = self.index()?;
        let current = index.find(put.tag).map_err(|why| self.invalid(why))?.map(|(digest, _)| digest);
        let wanted = &put.manifest.digest;
        match (&current, put.before) {
            (Some(current), _) if current == wanted => return Ok(RetagOutcome::Unchanged),
            (Some(current), None) => return Err(tag_in_use(&self.repository, put.tag, current, wanted)),
            (Some(current), Some(before)) if current != before => {
                return Err(tag_changed(&self.repository, put.tag, current));
            }
            _ => {}
        }
        index.set(put.tag, put.manifest).map_err(|why| self.invalid(why))?;
        index.write(&self.folder).context(Kind::Refused, format!("{} cannot be written", self.repository))?;
        Ok(RetagOutcome::Created)
    }

    fn index(&self) -> Result<LayoutIndex> {
        let bytes = self.read(&self.folder.join(INDEX))?.ok_or_else(|| self.not_found())?;
        LayoutIndex::parse(&bytes).map_err(|why| self.invalid(why))
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                // If the layout itself is missing, its disk may not be mounted: then nothing is known about the file.
                return if self.folder.join(INDEX).is_file() { Ok(None) } else { Err(self.not_found()) };
            }
            Err(error) => return Err(self.unreadable(path, error)),
        };
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| self.unreadable(path, error))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.invalid(format!("{} has more than {MAX_BYTES} bytes", path.display())));
        }
        Ok(Some(bytes))
    }

    fn not_found(&self) -> Error {
        Error::unreachable(format!("{} cannot be reached", self.repository))
            .cause(format!("no image layout in {}", self.folder.display()))
    }

    fn unreadable(&self, path: &Path, error: std::io::Error) -> Error {
        Error::unreachable(format!("{} cannot be read", self.repository))
            .cause(format!("{}: {error}", path.display()))
    }

    fn invalid(&self, why: impl Into<String>) -> Error {
        Error::unreachable(format!("{} is not a valid image layout", self.repository)).cause(why.into())
    }
}
