//! A ref that only grows, one commit after the other, such as the branch of the ledger. How it is pushed is in `push`.

use super::files::TreeId;
use super::graph::{from_oid, oid};
use super::repo::Repo;
use crate::model::CommitId;

/// A commit as its object says, even where the history of a shallow clone ends.
#[derive(Clone, Debug)]
pub struct RawCommit {
    /// Its parents; none for the first commit of a history.
    pub parents: Vec<CommitId>,
    /// What it contains.
    pub tree: TreeId,
}

impl Repo {
    /// Returns what a ref of this repository points at.
    pub fn reference(&self, name: &str) -> Option<CommitId> {
        self.git.find_reference(name).ok()?.target().map(from_oid)
    }

    /// Reads a commit; `None` where it is not here, or damaged.
    pub fn raw_commit(&self, commit: CommitId) -> Option<RawCommit> {
        self.check_object(oid(&commit)).ok()?;
        let odb = self.git.odb().ok()?;
        let object =
            odb.read(oid(&commit)).ok().filter(|object| object.kind() == git2::ObjectType::Commit)?;
        let text = String::from_utf8_lossy(object.data());
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        let tree = git2::Oid::from_str(lines.next()?.strip_prefix("tree ")?).ok()?;
        let parents = lines.map_while(|line| line.strip_prefix("parent ").and_then(CommitId::parse));
        Some(RawCommit { parents: parents.collect(), tree: TreeId::of(tree) })
    }
}
