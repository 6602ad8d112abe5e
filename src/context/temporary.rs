//! Temporary folders. Where one file system is full or read-only, another one may not be.

use super::Context;
use crate::error::{Error, Result};
use std::io;
use std::path::Path;
use tempfile::TempDir;

/// Where temporary folders are made if `TMPDIR` cannot be used; `/dev/shm` is in memory.
const OTHER_FOLDERS: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// How much must fit into a folder for it to be of use, in bytes.
static PROBE: [u8; 1 << 16] = [0; 1 << 16];

impl Context {
    /// Creates a temporary folder that can be written to. It is removed when it is dropped.
    ///
    /// # Errors
    ///
    /// 4 if no folder for temporary files can be written to.
    pub fn temporary_folder(&self) -> Result<TempDir> {
        let usual = std::env::temp_dir();
        let mut fault = None;
        for folder in [usual.as_path()].into_iter().chain(OTHER_FOLDERS.map(Path::new)) {
            match create(folder) {
                Ok(temporary) => return Ok(temporary),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        let error = Error::refused(format!("cannot create a temporary folder in {}", usual.display()));
        Err(fault.into_iter().fold(error, Error::cause).hint("set TMPDIR to a folder with free space"))
    }

    /// Checks that a file can be written to a folder.
    ///
    /// # Errors
    ///
    /// Why it cannot be: the disk is full, the file system is read-only, the folder belongs to somebody else.
    pub fn check_writable(&self, folder: &Path) -> io::Result<()> {
        let file = folder.join(format!("probe.{}", std::process::id()));
        let written = std::fs::write(&file, PROBE);
        let removed = std::fs::remove_file(&file);
        written.and(removed)
    }
}

fn create(folder: &Path) -> io::Result<TempDir> {
    let temporary = tempfile::Builder::new().prefix("rel-").tempdir_in(folder)?;
    std::fs::write(temporary.path().join("probe"), PROBE)?;
    std::fs::remove_file(temporary.path().join("probe"))?;
    Ok(temporary)
}
