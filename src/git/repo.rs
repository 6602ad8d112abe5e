//! A repository as the rest of the house sees it. Leans on the other files of the room.

use super::command::GitProgram;
use super::graph::{Graph, from_oid, oid};
use super::walk::{Range, Reach, Walk, Wanted};
use super::{open, tags};
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{BranchName, CommitId};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// A git repository, opened for reading.
pub struct Repo {
    pub(super) git: git2::Repository,
    pub(super) program: GitProgram,
    pub(super) graph: RefCell<Graph>,
    replace: bool,
}

/// Where HEAD stands.
#[derive(Clone, Debug)]
pub struct Head {
    /// The commit.
    pub commit: CommitId,
    /// The branch; `None` where HEAD is detached.
    pub branch: Option<BranchName>,
}

impl Repo {
    /// Opens the repository that `folder` lies in. `replace`: `refs/replace` is heeded.
    pub fn open(folder: &Path, program: GitProgram, replace: bool) -> Result<Repo> {
        let git = open::open(folder)?;
        let graph = Graph::new(git.commondir(), open::alterations(&git, replace)?);
        Ok(Repo { git, program, graph: RefCell::new(graph), replace })
    }

    /// A repository that was opened elsewhere in this room.
    pub(super) fn made_of(git: git2::Repository, program: GitProgram, graph: RefCell<Graph>) -> Repo {
        Repo { git, program, graph, replace: false }
    }

    /// The top of the work tree; `None` in a bare repository.
    pub fn work_tree(&self) -> Option<PathBuf> {
        self.git.workdir().map(Path::to_owned)
    }

    /// The folder that hooks are read from: `core.hooksPath`, else `hooks` beside the objects.
    pub fn hooks_folder(&self) -> PathBuf {
        let configured = self.git.config().and_then(|config| config.get_path("core.hooksPath")).ok();
        match configured {
            Some(path) => self.work_tree().unwrap_or_else(|| self.git.path().to_owned()).join(path),
            None => self.git.commondir().join("hooks"),
        }
    }

    /// What lines begin with that are no part of a message: `core.commentString`, `core.commentChar`.
    pub fn comment(&self) -> Option<String> {
        let config = self.git.config().ok()?;
        ["core.commentString", "core.commentChar"].iter().find_map(|key| config.get_string(key).ok())
    }

    /// Where HEAD stands.
    pub fn head(&self) -> Result<Head> {
        let head = match self.git.head() {
            Ok(head) => head,
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => {
                return Err(Error::refused("this repository has no commit yet")
                    .hint("make the first commit, then ask again"));
            }
            Err(error) => {
                return Err(Error::refused("HEAD names no commit")
                    .cause(error.message())
                    .hint("`git status` says where HEAD stands"));
            }
        };
        let commit = head
            .peel(git2::ObjectType::Commit)
            .context(Kind::Refused, "HEAD names no commit that is here")?;
        let branch = head.is_branch().then(|| head.shorthand().map(BranchName::new).ok()).flatten();
        Ok(Head { commit: from_oid(commit.id()), branch })
    }

    /// The commit that a person's words name: a hash, a tag, a branch, `HEAD~2`.
    pub fn resolve(&self, words: &str) -> Result<CommitId> {
        let object = self.git.revparse_single(words).and_then(|object| object.peel_to_commit());
        object.map(|commit| from_oid(commit.id())).map_err(|error| {
            Error::usage(format!("{words} names no commit here"))
                .cause(error.message())
                .hint("`git log --oneline --all` lists commits")
        })
    }

    /// The text of a file in HEAD's tree; `None` where there is none. For bare repositories.
    pub fn file_at_head(&self, path: &str) -> Result<Option<String>> {
        let Ok(tree) = self.git.head().and_then(|head| head.peel_to_tree()) else { return Ok(None) };
        let Ok(entry) = tree.get_path(Path::new(path)) else { return Ok(None) };
        let blob = self
            .git
            .find_blob(entry.id())
            .context(Kind::Refused, format!("{path} of HEAD cannot be read"))?;
        let text = String::from_utf8(blob.content().to_vec());
        text.map(Some).map_err(|_| Error::usage(format!("{path} of HEAD is not UTF-8")))
    }

    /// A name for the repository: the last part of the remote's URL, else the folder's.
    pub fn name(&self) -> String {
        let url = self.remote().ok().flatten().and_then(|remote| remote.url);
        let from_url = url.as_deref().and_then(last_part).map(str::to_owned);
        let folder = self.work_tree().unwrap_or_else(|| self.git.path().to_owned());
        from_url
            .or_else(|| {
                folder.file_name().and_then(|name| last_part(&name.to_string_lossy()).map(str::to_owned))
            })
            .unwrap_or_else(|| "package".to_owned())
    }

    /// Whether some history is not here.
    pub fn is_shallow(&self) -> bool {
        self.graph.borrow().is_shallow()
    }

    /// Looks for tagged commits among the ancestors of `head`.
    pub fn reach(&self, head: CommitId, wanted: &[Wanted]) -> Result<Reach> {
        Walk::new(&mut self.graph.borrow_mut(), &self.git).reach(head, wanted)
    }

    /// The commits that `head` reaches and none of `hidden` does.
    pub fn range(&self, head: CommitId, hidden: &[CommitId]) -> Result<Range> {
        Walk::new(&mut self.graph.borrow_mut(), &self.git).range(head, hidden)
    }

    /// Whether a commit is `head` or an ancestor of it.
    pub fn is_ancestor(&self, commit: CommitId, head: CommitId) -> Result<bool> {
        let reach = self.reach(head, &[Wanted { commit, settles: true }])?;
        Ok(reach.reached.first().is_some_and(Option::is_some))
    }

    /// All tags, with what they point at.
    pub fn tags(&self) -> Result<Vec<tags::RawTag>> {
        tags::local(&self.git)
    }

    /// Whether an object with this name is here.
    pub fn has(&self, commit: CommitId) -> bool {
        self.git.odb().is_ok_and(|odb| odb.exists(oid(&commit)))
    }

    /// The commit that an abbreviated hash names in the whole repository, where it names one.
    pub fn find_prefix(&self, prefix: &str) -> Option<CommitId> {
        self.git.find_commit_by_prefix(prefix).ok().map(|commit| from_oid(commit.id()))
    }

    /// What stands in the place of a commit.
    pub(super) fn replacement(&self, commit: CommitId) -> CommitId {
        self.graph.borrow().replacement(commit)
    }

    /// Forgets what was read: a fetch moved the edge of history.
    pub(super) fn forget(&self) -> Result<()> {
        let graph = Graph::new(self.git.commondir(), open::alterations(&self.git, self.replace)?);
        *self.graph.borrow_mut() = graph;
        self.git
            .odb()
            .and_then(|odb| odb.refresh())
            .context(Kind::Refused, "the object database cannot be read")
    }
}

/// `https://host/acme/shop.git/` and `host:acme/shop.git` are both `shop`.
fn last_part(url: &str) -> Option<&str> {
    let url = url.trim_end_matches('/');
    let url =
        url.strip_suffix(".git").or_else(|| url.strip_suffix(".bundle")).unwrap_or(url).trim_end_matches('/');
    url.rsplit(['/', ':', '\\']).next().filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::last_part;

    #[test]
    fn names_from_urls() {
        for url in [
            "https://host/acme/shop.git",
            "git@host:acme/shop",
            "/srv/git/shop.git/",
            "host:shop.git",
            "shop",
        ] {
            assert_eq!(last_part(url), Some("shop"), "{url}");
        }
        assert_eq!(last_part("/"), None);
    }
}
