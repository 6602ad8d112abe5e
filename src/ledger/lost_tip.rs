//! What to do where the remote no longer has the last tip that this clone saw: look at it, restore it, or go on without it.

use super::store::Store;
use crate::error::Error;
use crate::model::CommitId;

impl Store {
    /// Returns the error for a tip that does not descend from the last one that this clone saw.
    pub(super) fn rewritten(&self, tip: CommitId, last_seen: CommitId) -> Error {
        let error = Error::conflict(format!(
            "the ledger at {} was rewritten: its tip {} does not descend from {}, the last one that this clone saw",
            self.remote.name,
            tip.short(),
            last_seen.short()
        ))
        .cause("a ledger is append-only, so somebody replaced it, or restored an old copy of it");
        let folder = self.folder().display().to_string();
        let look =
            format!("to see what was lost: git -C {folder} log {}..{}", tip.short(), last_seen.short());
        let error = if self.has(last_seen) { error.hint(look) } else { error };
        self.to_restore(error, last_seen, " --force")
            .hint(format!("to accept the new one, in this clone only: {}", self.copy.command_to_forget()))
    }

    /// Returns the error for a branch that is gone.
    pub(super) fn deleted(&self, last_seen: CommitId) -> Error {
        let error = Error::conflict(format!("the ledger at {} was deleted", self.remote.name)).cause(
            format!("this clone saw {} at {}, and now it does not exist", self.reference, last_seen.short()),
        );
        self.to_restore(error, last_seen, "")
            .hint(format!("to start a new one, in this clone only: {}", self.copy.command_to_forget()))
    }

    /// Adds how to push the last tip again: from here, if the copy still has it.
    fn to_restore(&self, error: Error, last_seen: CommitId, force: &str) -> Error {
        if !self.has(last_seen) {
            return error.hint(format!("restore it from a clone that still has {last_seen}"));
        }
        let (folder, url, reference) = (self.folder(), self.url(), &self.reference);
        error.hint(format!(
            "to restore it: git -C {} push{force} {url} {last_seen}:{reference}",
            folder.display()
        ))
    }
}
