//! Reads files of a commit.

use super::graph::oid;
use super::repo::Repo;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::CommitId;
use std::path::Path;

/// The name of a tree object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeId(git2::Oid);

impl TreeId {
    pub(super) fn of(oid: git2::Oid) -> Self {
        TreeId(oid)
    }

    pub(super) fn oid(self) -> git2::Oid {
        self.0
    }
}

impl Repo {
    /// Returns whether two commits are known to have the same tree. The objects themselves are read, whatever `refs/replace`
    /// says; a commit that is not here has no known tree.
    pub fn same_tree(&self, one: CommitId, other: CommitId) -> bool {
        let tree = |commit| self.raw_commit(commit).map(|found| found.tree);
        one == other || tree(one).is_some_and(|one| tree(other) == Some(one))
    }

    /// Returns the text of a file of a commit; `None` where there is none. `refs/replace` is ignored: nothing of this clone
    /// may change what a commit of the remote says.
    ///
    /// # Errors
    ///
    /// Exit code 4: the commit is not here, or the file is a symbolic link or not UTF-8. Exit code 6: a partial clone
    /// cannot fetch the file.
    pub fn file_at(&self, commit: CommitId, path: &str) -> Result<Option<String>> {
        let fault = || format!("cannot read the tree of {}", commit.short());
        self.check_object(oid(&commit)).context(Kind::Refused, fault())?;
        let found = self.git.find_commit(oid(&commit)).context(Kind::Refused, fault())?;
        self.file_in_tree(TreeId(found.tree_id()), path)
    }

    /// Returns the text of a file of a tree; `None` where there is none. Errors are those of `file_at`.
    pub fn file_in_tree(&self, tree: TreeId, path: &str) -> Result<Option<String>> {
        let Some(entry) = self.entry_in_tree(tree, path)? else { return Ok(None) };
        if entry.kind() != Some(git2::ObjectType::Blob) {
            return Err(Error::refused(format!("{path} is not a file")));
        }
        if entry.filemode() == i32::from(git2::FileMode::Link) {
            return Err(
                Error::refused(format!("{path} is a symbolic link")).hint("name the file that it points to")
            );
        }
        let objects = self.git.odb().context(Kind::Refused, "cannot read the objects of this repository")?;
        if !objects.exists(entry.id()) {
            self.fetch_file(entry.id(), path)?;
            objects.refresh().context(Kind::Refused, "cannot read the objects of this repository")?;
        }
        self.check_object(entry.id()).context(Kind::Refused, format!("cannot read {path}"))?;
        let blob = self.git.find_blob(entry.id()).context(Kind::Refused, format!("cannot read {path}"))?;
        let text = String::from_utf8(blob.content().to_vec());
        text.map(Some).map_err(|_| Error::refused(format!("{path} is not UTF-8")))
    }

    /// Returns whether a path of a commit can be run; `None` where there is nothing. A path through a symbolic link is not
    /// followed: it may lead anywhere, so it counts as one that can be run.
    ///
    /// # Errors
    ///
    /// Exit code 4: the commit is not here.
    pub fn is_executable_at(&self, commit: CommitId, path: &Path) -> Result<Option<bool>> {
        let fault = || format!("cannot read the tree of {}", commit.short());
        let mut tree = self.checked_tree(oid(&commit)).context(Kind::Refused, fault())?;
        let is = |entry: &git2::TreeEntry<'_>, mode| entry.filemode() == i32::from(mode);
        let mut names = path.iter().filter(|name| *name != ".").peekable();
        while let Some(name) = names.next() {
            let Some(entry) = tree.get_name_bytes(name.as_encoded_bytes()).map(|entry| entry.to_owned())
            else {
                return Ok(None);
            };
            if is(&entry, git2::FileMode::Link) {
                return Ok(Some(true));
            }
            if names.peek().is_none() {
                return Ok(Some(is(&entry, git2::FileMode::BlobExecutable)));
            }
            if entry.kind() != Some(git2::ObjectType::Tree) {
                return Ok(None);
            }
            self.check_object(entry.id()).context(Kind::Refused, fault())?;
            tree = self.git.find_tree(entry.id()).context(Kind::Refused, fault())?;
        }
        Ok(None)
    }

    /// Returns the entry of a path; `None` where there is none.
    fn entry_in_tree(&self, tree: TreeId, path: &str) -> Result<Option<git2::TreeEntry<'static>>> {
        let fault = || format!("cannot read the tree that contains {path}");
        let (mut at, mut found): (_, Option<git2::TreeEntry<'static>>) = (tree.0, None);
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if found.as_ref().is_some_and(|entry| entry.kind() != Some(git2::ObjectType::Tree)) {
                return Ok(None);
            }
            self.check_object(at).context(Kind::Refused, fault())?;
            let folder = self.git.find_tree(at).context(Kind::Refused, fault())?;
            let Some(entry) = folder.get_name(name).map(|entry| entry.to_owned()) else { return Ok(None) };
            at = entry.id();
            found = Some(entry);
        }
        Ok(found)
    }

    /// Fetches a file that a partial clone left on its remote: git does that when it reads the object.
    fn fetch_file(&self, blob: git2::Oid, path: &str) -> Result<()> {
        let answer = self.program.command("cat-file").option("-e").operand(blob.to_string()).run()?;
        if answer.ok {
            return Ok(());
        }
        Err(Error::unreachable(format!("cannot fetch {path}")).cause(answer.message))
    }

    /// Returns the names in a folder of a tree, in order; none where there is no such folder.
    pub fn names_in_tree(&self, tree: TreeId, folder: &str) -> Result<Vec<String>> {
        let Some(entry) = self.entry_in_tree(tree, folder)? else { return Ok(Vec::new()) };
        if entry.kind() != Some(git2::ObjectType::Tree) {
            return Ok(Vec::new());
        }
        self.check_object(entry.id()).context(Kind::Refused, format!("cannot read {folder}"))?;
        let tree = self.git.find_tree(entry.id()).context(Kind::Refused, format!("cannot read {folder}"))?;
        Ok(tree.iter().map(|entry| String::from_utf8_lossy(entry.name_bytes()).into_owned()).collect())
    }

    /// Returns all paths of a commit below a folder; without one (`""`) all paths.
    pub fn tracked(&self, commit: CommitId, under: &str) -> Vec<String> {
        let Ok(tree) = self.checked_tree(oid(&commit)) else { return Vec::new() };
        let (mut paths, under) = (Vec::new(), under.trim_end_matches('/'));
        // A tree that cannot be walked gives the paths up to there; a file that is needed will be reported missing.
        let _ = tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            let path = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
            let inside = under.is_empty() || path == under || path.starts_with(&format!("{under}/"));
            if entry.kind() == Some(git2::ObjectType::Tree) {
                let above = under.is_empty() || inside || under.starts_with(&format!("{path}/"));
                return if above { git2::TreeWalkResult::Ok } else { git2::TreeWalkResult::Skip };
            }
            if inside {
                paths.push(path);
            }
            git2::TreeWalkResult::Ok
        });
        paths
    }
}
