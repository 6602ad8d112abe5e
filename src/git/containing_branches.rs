//! The branches that contain a commit.

use super::graph::{from_oid, oid};
use super::remote::Remote;
use super::repo::Repo;
use crate::error::{Kind, Result, ResultExt};
use crate::model::{BranchName, CommitId};

/// How many first parents of a branch are searched.
const MAX_FIRST_PARENTS: usize = 10_000;

impl Repo {
    /// Returns the names of those branches on which a commit was made: they have it among their first parents. None where it is
    /// also a first parent of `default`, the tip of the default branch, because branches that start there contain it too; and none
    /// where the history here is too short to tell.
    pub fn with_first_parent(
        &self,
        mut branches: Vec<(BranchName, CommitId)>,
        default: Option<CommitId>,
        commit: CommitId,
    ) -> Result<Vec<String>> {
        if default.is_some_and(|default| self.has_first_parent(oid(&default), commit) != Some(false)) {
            return Ok(Vec::new());
        }
        branches.retain(|(_, tip)| self.has_first_parent(oid(tip), commit) == Some(true));
        Ok(branches.into_iter().map(|(name, _)| name.as_str().to_owned()).collect())
    }

    /// Returns the branches of a remote with their tips, as of the last fetch; without a remote, the local ones.
    pub fn branches(&self, remote: Option<&Remote>) -> Result<Vec<(BranchName, CommitId)>> {
        let prefix = remote
            .map_or_else(|| "refs/heads/".to_owned(), |remote| format!("refs/remotes/{}/", remote.name));
        let fault = "cannot list the branches";
        let mut found = Vec::new();
        for reference in self.git.references_glob(&format!("{prefix}*")).context(Kind::Refused, fault)? {
            let reference = reference.context(Kind::Refused, fault)?;
            let name = reference.name().ok().and_then(|name| name.strip_prefix(&prefix)).map(str::to_owned);
            let id = reference.resolve().ok().and_then(|named| named.target());
            if id.is_none_or(|id| self.check_object(id).is_err()) {
                continue;
            }
            let (Some(name), Ok(tip)) = (name, reference.peel_to_commit()) else { continue };
            if name != "HEAD" {
                found.push((BranchName::new(name), from_oid(tip.id())));
            }
        }
        Ok(found)
    }

    /// Returns branches, local and remote, that contain a commit, at most `most`; for messages only.
    pub fn branches_containing(&self, commit: CommitId, most: u32) -> Vec<String> {
        let command =
            self.program.command("for-each-ref").number("--count", most).option("--format=%(refname:short)");
        let answer = command.contains(commit).operand("refs/heads").operand("refs/remotes").run();
        answer.map(|answer| answer.stdout.lines().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Returns whether a commit is `tip` or one of its first parents; `None` where the history here is too short to tell.
    fn has_first_parent(&self, tip: git2::Oid, commit: CommitId) -> Option<bool> {
        let (wanted, mut at) = (oid(&commit), tip);
        for _ in 0..MAX_FIRST_PARENTS {
            if at == wanted {
                return Some(true);
            }
            self.check_object(at).ok()?;
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
