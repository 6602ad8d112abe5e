//! Finds damaged objects, such as a power loss leaves: empty, or cut off. libgit2 reads a loose object that is cut off for
//! ever (seen in 1.9), so what may be damaged is checked here first.

use super::repo::Repo;
use super::writer::Writer;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::CommitId;
use flate2::read::ZlibDecoder;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Objects that are larger are no part of a ledger, nor a configuration; they are not checked. In bytes.
const MAX_OBJECT: u64 = 64 << 20;

impl Repo {
    /// Checks that a commit and all files of its tree can be read, as far as they are here.
    ///
    /// # Errors
    ///
    /// Exit code 4: an object is missing or damaged.
    pub fn check_commit(&self, commit: CommitId) -> Result<()> {
        let Some(raw) = self.raw_commit(commit) else {
            return Err(damaged(&commit.to_string()));
        };
        self.check_tree(raw.tree.oid())
    }

    fn check_tree(&self, tree: git2::Oid) -> Result<()> {
        self.check_object(tree)?;
        let tree =
            self.git.find_tree(tree).map_err(|error| damaged(&tree.to_string()).cause(error.message()))?;
        for entry in &tree {
            match entry.kind() {
                Some(git2::ObjectType::Tree) => self.check_tree(entry.id())?,
                Some(git2::ObjectType::Blob) => self.check_object(entry.id())?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks an object that libgit2 is about to read. Packs are checked when they arrive, and git writes them to the disk
    /// at once, so only loose objects are.
    ///
    /// # Errors
    ///
    /// Exit code 4: it is damaged.
    pub(super) fn check_object(&self, id: git2::Oid) -> Result<()> {
        check_object(&self.git, id)
    }

    /// Returns the tree of a commit, whose own objects are checked; what is below the tree is not.
    ///
    /// # Errors
    ///
    /// Exit code 4: one of the two is missing or damaged.
    pub(super) fn checked_tree(&self, commit: git2::Oid) -> Result<git2::Tree<'_>> {
        self.check_object(commit)?;
        let unreadable = |error: git2::Error| damaged(&commit.to_string()).cause(error.message());
        let found = self.git.find_commit(commit).map_err(unreadable)?;
        self.check_object(found.tree_id())?;
        found.tree().map_err(unreadable)
    }

    /// Returns whether a commit and its tree can be read.
    pub fn is_readable(&self, commit: CommitId) -> bool {
        let tree = self.raw_commit(commit).map(|raw| raw.tree.oid());
        tree.is_some_and(|tree| self.check_object(tree).is_ok() && self.git.find_tree(tree).is_ok())
    }

    /// Returns the commit that a ref names, read from the files of a bare repository, which may be damaged.
    pub fn read_reference(folder: &Path, name: &str) -> Option<CommitId> {
        let loose = std::fs::read_to_string(folder.join(name)).ok();
        let loose = loose.and_then(|text| CommitId::parse(text.trim()));
        let packed = || {
            let text = std::fs::read_to_string(folder.join("packed-refs")).ok()?;
            let line = text.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' '));
            CommitId::parse(line?)
        };
        loose.or_else(packed)
    }
}

impl Writer<'_> {
    /// Deletes loose objects that are damaged: git does not replace an object that it finds here.
    ///
    /// # Errors
    ///
    /// Exit code 4: a file cannot be deleted.
    pub fn remove_damaged_objects(&self) -> Result<()> {
        let objects = self.repo.git.commondir().join("objects");
        let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let is_fan_out = |folder: &PathBuf| folder.file_name().is_some_and(|name| name.len() == 2);
        for folder in entries(&objects).map(|entry| entry.path()).filter(is_fan_out) {
            for file in entries(&folder).map(|entry| entry.path()) {
                if std::fs::read(&file).is_ok_and(|bytes| !is_whole(&bytes)) {
                    std::fs::remove_file(&file)
                        .context(Kind::Refused, format!("cannot delete {}", file.display()))?;
                }
            }
        }
        Ok(())
    }
}

/// Checks an object of a repository; see [`Repo::check_object`].
pub(super) fn check_object(git: &git2::Repository, id: git2::Oid) -> Result<()> {
    // An object that is not loose is packed, or not here: reading it says so.
    let Ok(bytes) = std::fs::read(loose_file(git.commondir(), id)) else { return Ok(()) };
    if is_whole(&bytes) {
        Ok(())
    } else {
        Err(damaged(&id.to_string()).hint("`git fsck` shows what is damaged"))
    }
}

fn loose_file(common: &Path, id: git2::Oid) -> PathBuf {
    let name = id.to_string();
    common.join("objects").join(&name[..2]).join(&name[2..])
}

/// Returns whether the file of a loose object (gitformat-loose(5): `<type> <size>\0<content>`, compressed) is complete.
fn is_whole(bytes: &[u8]) -> bool {
    let mut content = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes).take(MAX_OBJECT);
    if decoder.read_to_end(&mut content).is_err() {
        return false;
    }
    if decoder.limit() == 0 {
        return true;
    }
    let Some(end) = content.iter().position(|byte| *byte == 0) else { return false };
    let size =
        std::str::from_utf8(&content[..end]).ok().and_then(|head| head.split(' ').nth(1)?.parse().ok());
    size == Some(content.len() - end - 1)
}

fn damaged(object: &str) -> Error {
    Error::refused(format!("object {object} is damaged or missing"))
}

#[cfg(test)]
mod tests {
    use super::is_whole;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write;

    #[test]
    fn an_object_is_whole_only_with_all_of_its_bytes() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        let content: Vec<u8> =
            (0_u32..500).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        encoder.write_all(b"blob 2000\0").unwrap();
        encoder.write_all(&content).unwrap();
        let bytes = encoder.finish().unwrap();
        assert!(is_whole(&bytes));
        for length in 0..bytes.len() - 4 {
            assert!(!is_whole(&bytes[..length]), "{length}");
        }
        let mut broken = bytes.clone();
        broken[bytes.len() / 2] ^= 0xff;
        assert!(!is_whole(&broken));
    }
}
