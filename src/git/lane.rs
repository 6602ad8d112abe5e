//! The branches that a commit was made on. Leans on `git2`.

use super::graph::oid;
use super::remote::Remote;
use super::repo::Repo;
use crate::error::{Kind, Result, ResultExt};
use crate::model::CommitId;

/// So many first parents of a branch are looked at.
const FAR: usize = 10_000;

impl Repo {
    /// The branches of a remote, as of the last fetch (without one, those here), that have a commit among their first
    /// parents. None where `default`, the tip of the default branch, has it too: whoever branches off it made nothing of
    /// it; and none where this history does not tell.
    pub fn branches_on(
        &self,
        remote: Option<&Remote>,
        default: Option<CommitId>,
        commit: CommitId,
    ) -> Result<Vec<String>> {
        if default.is_some_and(|default| self.has_first_parent(oid(&default), commit) != Some(false)) {
            return Ok(Vec::new());
        }
        let prefix = remote
            .map_or_else(|| "refs/heads/".to_owned(), |remote| format!("refs/remotes/{}/", remote.name));
        let fault = "the branches cannot be listed";
        let mut found = Vec::new();
        for reference in self.git.references_glob(&format!("{prefix}*")).context(Kind::Refused, fault)? {
            let reference = reference.context(Kind::Refused, fault)?;
            let name = reference.name().ok().and_then(|name| name.strip_prefix(&prefix)).map(str::to_owned);
            let (Some(name), Ok(tip)) = (name, reference.peel_to_commit()) else { continue };
            if name != "HEAD" && self.has_first_parent(tip.id(), commit) == Some(true) {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// Whether a commit is a tip or one of its first parents; `None` where the history ends before that is known.
    fn has_first_parent(&self, tip: git2::Oid, commit: CommitId) -> Option<bool> {
        let (wanted, mut at) = (oid(&commit), tip);
        for _ in 0..FAR {
            if at == wanted {
                return Some(true);
            }
            let found = self.git.find_commit(at).ok()?;
            match found.parent_id(0) {
                Ok(parent) => at = parent,
                Err(_) if self.is_shallow() => return None,
                Err(_) => return Some(false),
            }
        }
        None
    }
}
