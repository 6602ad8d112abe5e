//! A repository that can only be read: HEAD, tags, history. Other files of this module add what else can be read; what
//! changes a repository is in `writer` and `push`.

use super::command::GitProgram;
use super::graph::{Graph, from_oid, oid};
use super::open::{Alteration, Location};
use super::settings::SettingType;
use super::walk::{Range, Reach, Walk, Wanted};
use super::{open, tags};
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{BranchName, CommitId};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

/// A git repository that is only read. `Writer` changes one.
pub struct Repo {
    pub(super) git: git2::Repository,
    pub(super) program: GitProgram,
    pub(super) graph: RefCell<Graph>,
    alteration: Cell<Alteration>,
}

/// What HEAD points at.
#[derive(Clone, Debug)]
pub struct Head {
    /// The commit.
    pub commit: CommitId,
    /// The branch; `None` where HEAD is detached.
    pub branch: Option<BranchName>,
}

impl Repo {
    /// Opens a repository. `replace`: `refs/replace` is respected.
    pub fn open(location: &Location<'_>, program: GitProgram, replace: bool) -> Result<Repo> {
        let git = open::open(location)?;
        let named = location.git_dir.is_some() || location.work_tree.is_some();
        let alteration = if replace { Alteration::All } else { Alteration::NoReplacements };
        let graph = Graph::new(git.commondir(), open::alterations(&git, alteration)?);
        let program =
            if named { program.in_repository(git.path(), git.commondir(), git.workdir()) } else { program };
        Ok(Repo { git, program, graph: RefCell::new(graph), alteration: Cell::new(alteration) })
    }

    /// Reads all objects as they are from now on: `refs/replace` and grafts of this clone change nothing.
    pub fn ignore_alterations(&self) -> Result<()> {
        self.alteration.set(Alteration::ShallowOnly);
        self.reload()
    }

    /// Returns a repository that another file of this module has opened.
    pub(super) fn from_parts(git: git2::Repository, program: GitProgram, graph: RefCell<Graph>) -> Repo {
        Repo { git, program, graph, alteration: Cell::new(Alteration::ShallowOnly) }
    }

    /// Returns the top of the work tree; `None` in a bare repository.
    pub fn work_tree(&self) -> Option<PathBuf> {
        self.git.workdir().map(Path::to_owned)
    }

    /// Returns the folder of the hooks: `core.hooksPath`, else `hooks` of the repository.
    pub fn hooks_folder(&self) -> PathBuf {
        match self.setting("core.hooksPath", SettingType::Path).ok().flatten() {
            Some(path) => self.work_tree().unwrap_or_else(|| self.git.path().to_owned()).join(path),
            None => self.git.commondir().join("hooks"),
        }
    }

    /// Returns what comment lines of a message begin with: `core.commentString`, `core.commentChar`.
    pub fn comment(&self) -> Option<String> {
        let setting = |name| self.setting(name, SettingType::Text).ok().flatten();
        setting("core.commentString").or_else(|| setting("core.commentChar"))
    }

    /// Returns what HEAD points at.
    pub fn head(&self) -> Result<Head> {
        let head = match self.git.head() {
            Ok(head) => head,
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => {
                return Err(
                    Error::refused("this repository has no commits yet").hint("make the first commit")
                );
            }
            Err(error) => {
                return Err(Error::refused("HEAD does not point to a commit")
                    .cause(error.message())
                    .hint("git status"));
            }
        };
        let fault = "the commit that HEAD points to is missing from this clone";
        head.target().map_or(Ok(()), |id| self.check_object(id)).context(Kind::Refused, fault)?;
        let commit = head.peel(git2::ObjectType::Commit).context(Kind::Refused, fault)?;
        let branch = head.is_branch().then(|| head.shorthand().map(BranchName::new).ok()).flatten();
        Ok(Head { commit: from_oid(commit.id()), branch })
    }

    /// Returns the commit of a revision: a hash, a tag, a branch, `HEAD~2` (gitrevisions(7)).
    pub fn resolve(&self, revision: &str) -> Result<CommitId> {
        let object = self.git.revparse_single(revision).and_then(|object| object.peel_to_commit());
        object.map(|commit| from_oid(commit.id())).map_err(|error| {
            let fault = Error::usage(format!("{revision} is not a commit of this repository"));
            let fault = match error.code() {
                git2::ErrorCode::NotFound => fault,
                git2::ErrorCode::Ambiguous => fault.cause("the names of several objects begin with it"),
                _ => fault.cause("it is not the name of a commit"),
            };
            fault.hint("git log --oneline --all")
        })
    }

    /// Returns a name for the repository: the last part of the remote's URL, else of the folder.
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

    /// Returns whether history is missing: the clone is shallow.
    pub fn is_shallow(&self) -> bool {
        self.graph.borrow().is_shallow()
    }

    /// Returns whether a shallow clone ends at a commit: it looks like a first commit, but its parents are only missing.
    pub fn is_boundary(&self, commit: CommitId) -> bool {
        self.graph.borrow().ends_at(commit)
    }

    /// Searches `heads` and their ancestors for tagged commits.
    pub fn reach(&self, heads: &[CommitId], wanted: &[Wanted]) -> Result<Reach> {
        Walk::new(&mut self.graph.borrow_mut(), &self.git).reach(heads, wanted)
    }

    /// Returns the commits that are reachable from `head` but not from `hidden`.
    pub fn range(&self, head: CommitId, hidden: &[CommitId]) -> Result<Range> {
        Walk::new(&mut self.graph.borrow_mut(), &self.git).range(head, hidden)
    }

    /// Returns whether a commit is `head` or one of its ancestors.
    pub fn is_ancestor(&self, commit: CommitId, head: CommitId) -> Result<bool> {
        let reach = self.reach(&[head], &[Wanted { commit, settles: true }])?;
        Ok(reach.reached.first().is_some_and(Option::is_some))
    }

    /// Returns all tags, with what they point at.
    pub fn tags(&self) -> Result<Vec<tags::RawTag>> {
        tags::local(&self.git)
    }

    /// Returns whether an object is here.
    pub fn has(&self, commit: CommitId) -> bool {
        self.git.odb().is_ok_and(|odb| odb.exists(oid(&commit)))
    }

    /// Returns the commit of an abbreviated hash, where exactly one matches.
    pub fn find_prefix(&self, prefix: &str) -> Option<CommitId> {
        self.git.find_commit_by_prefix(prefix).ok().map(|commit| from_oid(commit.id()))
    }

    /// Returns whether a text is public because it names something of this repository: a tag, or the hash of a commit,
    /// which may be abbreviated.
    pub fn names(&self, text: &str) -> bool {
        let hash = (7..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (hash && self.find_prefix(text).is_some())
            || self.git.find_reference(&format!("refs/tags/{text}")).is_ok()
    }

    /// Returns what `refs/replace` puts in the place of a commit, else the commit itself.
    pub(super) fn replacement(&self, commit: CommitId) -> CommitId {
        self.graph.borrow().replacement(commit)
    }

    /// Forgets what was read before: another process may have changed it, or a fetch moved the boundary of the history.
    pub fn reload(&self) -> Result<()> {
        let graph = Graph::new(self.git.commondir(), open::alterations(&self.git, self.alteration.get())?);
        *self.graph.borrow_mut() = graph;
        self.git.odb().and_then(|odb| odb.refresh()).context(Kind::Refused, "cannot read the object database")
    }
}

/// Returns `shop` for both `https://host/acme/shop.git/` and `host:acme/shop.git`.
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
    fn a_name_is_the_last_part_of_a_url() {
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
