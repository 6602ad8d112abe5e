//! One writer at a time in a layout. The lock is the kernel's (flock(2)): it ends with the process that holds it, however
//! that ends, so that nobody ever has to break one. Leans on `rustix`.

use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::Repository;
use crate::registry::patience::Deadline;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// The name of the file that is locked. It stays.
const FILE: &str = ".rel-lock";

/// Waits until nobody else writes. Dropping what is returned lets the next one in.
pub(super) fn take(folder: &Path, repository: &Repository, deadline: Deadline) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join(FILE));
    let file = file.context(Kind::Refused, format!("{repository} cannot be locked"))?;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK | Errno::INTR) if deadline.left().is_zero() => {
                return Err(Error::unreachable(format!(
                    "{repository} is locked by another writer all the time"
                ))
                .hint("--deadline waits longer"));
            }
            Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(Error::refused(format!("{repository} cannot be locked")).cause(error)),
        }
    }
}
