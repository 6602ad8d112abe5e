//! Removes lock files that a process left when it was killed. Git and libgit2 do not say who holds one, so its age decides.

use super::command::DEADLINE;
use super::repo::Repo;
use std::fs::File;
use std::time::{Duration, SystemTime};

/// The lock that a fetch into a shallow repository holds.
const SHALLOW_LOCK: &str = "shallow.lock";
/// A fetch is ended at its deadline; a minute later, nobody holds its lock.
const MAX_FETCH: Duration = Duration::from_secs(DEADLINE.as_secs() + 60);

impl Repo {
    /// Removes a lock file of this repository if it is older than anybody holds it.
    pub(super) fn remove_lock(&self, name: &str, max_age: Duration) {
        let file = self.git.commondir().join(name);
        let Ok(modified) = std::fs::symlink_metadata(&file).and_then(|metadata| metadata.modified()) else {
            return;
        };
        // An age that cannot be told, because a clock was set back, is no age.
        let age = self.time_of_files().and_then(|now| now.duration_since(modified).ok());
        if age.is_some_and(|age| age > max_age) {
            // Another process may have done the same.
            drop(std::fs::remove_file(&file));
        }
    }

    /// Returns what the time is to the file system, whose clock may be that of another machine; `None` if nothing can be
    /// written, and so no lock removed either.
    fn time_of_files(&self) -> Option<SystemTime> {
        let file = self.git.commondir().join(format!("rel-clock-{}", std::process::id()));
        let modified = File::create(&file).and_then(|file| file.metadata()).and_then(|data| data.modified());
        drop(std::fs::remove_file(&file));
        modified.ok()
    }

    /// Removes what a fetch that was killed left locked.
    pub fn remove_fetch_lock(&self) {
        self.remove_lock(SHALLOW_LOCK, MAX_FETCH);
    }
}
