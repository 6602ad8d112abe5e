//! Which files a commit changed. Only trees are read, no blobs, so partial clones fetch nothing.

use super::graph::oid;
use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::CommitId;

impl Repo {
    /// Returns the paths that differ between a commit and a parent; without a parent, all paths.
    pub fn changed_paths(&self, commit: CommitId, parent: Option<CommitId>) -> Result<Vec<String>> {
        let tree = |id: CommitId| {
            self.checked_tree(oid(&self.replacement(id))).map_err(|error| {
                Error::refused(format!("the tree of commit {id} is missing from this clone"))
                    .cause(error.message)
                    .hint("packages need trees: clone with --filter=blob:none instead of --filter=tree:0")
            })
        };
        let new = tree(commit)?;
        let old = parent.map(tree).transpose()?;
        if old.as_ref().is_some_and(|old| old.id() == new.id()) {
            return Ok(Vec::new());
        }
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true).ignore_submodules(false).include_typechange(true);
        let diff =
            self.git.diff_tree_to_tree(old.as_ref(), Some(&new), Some(&mut options)).map_err(|error| {
                Error::refused(format!("the trees of commit {commit} cannot be compared"))
                    .cause(error.message())
                    .hint("packages need trees: clone with --filter=blob:none instead of --filter=tree:0")
            })?;
        let mut paths = Vec::new();
        for delta in diff.deltas() {
            let path = delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes());
            paths.extend(path.map(|path| String::from_utf8_lossy(path).into_owned()));
        }
        Ok(paths)
    }
}
