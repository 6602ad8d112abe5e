//! Reads `$REL_RESULT`, the file in which a deployer may report its targets. Another program wrote it, so it may be
//! anything: a pipe without a writer, a device, or larger than memory.

use super::targets;
use crate::error::{Error, Result};
use crate::model::TargetStatus;
use rustix::fs::{FileType, Mode, OFlags};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest report that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Reads the report; none where there is no file.
///
/// # Errors
///
/// Exit code 8: it is not a regular file, too large, or not a report.
pub(super) fn read(path: &Path) -> Result<Vec<TargetStatus>> {
    let unreadable = |cause: String| Error::failed("cannot read $REL_RESULT").cause(cause);
    match read_regular_file(path) {
        Ok(Some(text)) => targets::parse(&text),
        Ok(None) => Ok(Vec::new()),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Returns the text of a regular file; `None` where there is no file.
fn read_regular_file(path: &Path) -> io::Result<Option<String>> {
    // Opening a pipe would wait for a writer without NONBLOCK.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        opened => opened?,
    };
    if FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode) != FileType::RegularFile {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::from(file).take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
