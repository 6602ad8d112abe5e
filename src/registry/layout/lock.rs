//! The lock of an image layout: one writer at a time. It is a lock of the kernel (flock(2)), which ends with the process
//! that holds it, so there are no stale locks.

use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::Repository;
use crate::registry::retry::Deadline;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// The file that is locked. It is never removed.
const FILE: &str = ".rel-lock";

/// Waits for the lock. Dropping the file releases it.
///
/// # Errors
///
/// The lock is not free before the deadline (6); the file cannot be opened or locked (4).
pub(super) fn acquire(folder: &Path, repository: &Repository, deadline: Deadline) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join(FILE));
    let file = file.context(Kind::Refused, format!("{repository} cannot be locked"))?;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK | Errno::INTR) if deadline.left().is_zero() => {
                return Err(Error::unreachable(format!("{repository} is locked by another process"))
                    .hint("allow more time with --deadline"));
            }
            Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(Error::refused(format!("{repository} cannot be locked")).cause(error)),
        }
    }
}
