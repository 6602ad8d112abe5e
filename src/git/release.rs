//! What a release left in git: the text of its tag, and the commit before its own. Leans on `git2`.

use super::graph::{from_oid, oid};
use super::repo::Repo;
use crate::error::{Kind, Result, ResultExt};
use crate::model::{CommitId, TagName};

impl Repo {
    /// Whether a tag of this name is here.
    pub fn has_tag(&self, name: &TagName) -> bool {
        self.git.find_reference(&format!("refs/tags/{name}")).is_ok()
    }

    /// What an annotated tag says, its signature included; `None` for a lightweight one, or one that is not here. Bytes
    /// that are not UTF-8 are replaced.
    pub fn tag_message(&self, name: &TagName) -> Option<String> {
        let reference = self.git.find_reference(&format!("refs/tags/{name}")).ok()?;
        let tag = self.git.find_tag(reference.target()?).ok()?;
        Some(String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned())
    }

    /// The first parent of a commit, and how many it has.
    pub fn first_parent(&self, id: CommitId) -> Result<(Option<CommitId>, usize)> {
        let commit = self.git.find_commit(oid(&self.replacement(id)));
        let commit = commit.context(Kind::Refused, format!("commit {id} cannot be read"))?;
        Ok((commit.parent_ids().next().map(from_oid), commit.parent_count()))
    }
}
