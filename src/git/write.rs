//! Writes objects: a tree with some files replaced, the release commit, the annotated tag. Nothing here moves a
//! branch or touches the work tree, so whoever dies in between leaves only objects that nobody sees. What is signed is
//! made by the user's `git`. Leans on `git2` and `program`.

use super::graph::{from_oid, oid};
use super::repo::Repo;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{CommitId, TagName};

/// Whether commit and tag are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As git is set up: `commit.gpgSign`, `tag.gpgSign`.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

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
    /// The text of a file of a commit; `None` where there is none.
    pub fn file_at(&self, commit: CommitId, path: &str) -> Result<Option<String>> {
        let tree = self.git.find_commit(oid(&self.replacement(commit))).and_then(|commit| commit.tree());
        let tree = tree.context(Kind::Refused, format!("the tree of {} cannot be read", commit.short()))?;
        let Ok(entry) = tree.get_path(std::path::Path::new(path)) else { return Ok(None) };
        if entry.filemode() == i32::from(git2::FileMode::Link) {
            return Err(
                Error::refused(format!("{path} is a symbolic link")).hint("name the file that it leads to")
            );
        }
        let blob = self
            .git
            .find_blob(entry.id())
            .context(Kind::Refused, format!("{path} of {} cannot be read", commit.short()))?;
        let text = String::from_utf8(blob.content().to_vec());
        text.map(Some).map_err(|_| Error::refused(format!("{path} is not UTF-8")))
    }

    /// All paths of a commit below a folder; all of them for the empty one.
    pub fn tracked(&self, commit: CommitId, under: &str) -> Vec<String> {
        let Ok(tree) = self.git.find_commit(oid(&self.replacement(commit))).and_then(|commit| commit.tree())
        else {
            return Vec::new();
        };
        let (mut paths, under) = (Vec::new(), under.trim_end_matches('/'));
        // A tree that cannot be walked lists what it could; whoever needs a file finds that it is missing.
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

    /// The tree of a commit (of none: an empty one) with some files replaced, added or, where the text is `None`, taken
    /// away; modes stay.
    pub fn tree_with(&self, base: Option<CommitId>, files: &[(String, Option<String>)]) -> Result<TreeId> {
        let fault = |error: git2::Error| Error::refused("a tree cannot be written").cause(error.message());
        let tree = match base {
            Some(base) => self.git.find_commit(oid(&base)).and_then(|commit| commit.tree()).map_err(fault)?,
            None => {
                let empty = self.git.treebuilder(None).and_then(|builder| builder.write()).map_err(fault)?;
                self.git.find_tree(empty).map_err(fault)?
            }
        };
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, text) in files {
            let Some(text) = text else {
                if tree.get_path(std::path::Path::new(path)).is_ok() {
                    update.remove(path.as_str());
                }
                continue;
            };
            let blob = self.git.blob(text.as_bytes()).map_err(fault)?;
            let executable = tree
                .get_path(std::path::Path::new(path))
                .is_ok_and(|entry| entry.filemode() == i32::from(git2::FileMode::BlobExecutable));
            let mode = if executable { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
            update.upsert(path.as_str(), blob, mode);
        }
        update.create_updated(&self.git, &tree).map(TreeId).map_err(fault)
    }

    /// Makes a commit object of a tree, without a parent where none is given; no branch moves.
    pub fn write_commit(
        &self,
        parent: Option<CommitId>,
        tree: TreeId,
        message: &str,
        sign: Sign,
    ) -> Result<CommitId> {
        let command = self.program.command("commit-tree").option("-F").option("-");
        let command = parent.into_iter().fold(command, super::command::GitCommand::parent);
        // commit-tree does not heed commit.gpgSign by itself (git-commit-tree(1)).
        let signed = match sign {
            Sign::Auto => self.setting("commit.gpgSign"),
            Sign::Always => true,
            Sign::Never => false,
        };
        let command = if signed { command.option("-S") } else { command.option("--no-gpg-sign") };
        let answer = command.operand(tree.0.to_string()).input(message).run()?;
        CommitId::parse(answer.stdout.trim())
            .filter(|_| answer.ok)
            .ok_or_else(|| unsigned("the commit", &answer.message))
    }

    /// Makes an annotated tag, here alone; refuses where one of that name is here.
    pub fn write_tag(&self, name: &TagName, target: CommitId, message: &str, sign: Sign) -> Result<CommitId> {
        let command = self
            .program
            .command("tag")
            .option("--annotate")
            .option("--cleanup=verbatim")
            .option("-F")
            .option("-");
        let command = match sign {
            Sign::Auto => command,
            Sign::Always => command.option("--sign"),
            Sign::Never => command.option("--no-sign"),
        };
        let answer = command.operand(name.as_str()).operand(target.to_string()).input(message).run()?;
        if !answer.ok {
            return Err(unsigned(&format!("tag {name}"), &answer.message));
        }
        let reference = self.git.find_reference(&format!("refs/tags/{name}"));
        reference
            .ok()
            .and_then(|reference| reference.target())
            .map(from_oid)
            .ok_or_else(|| Error::defect(format!("tag {name} is not where git put it")))
    }

    /// Takes a tag away that is only here, if it still is the one that was made.
    pub fn drop_tag(&self, name: &TagName, made: CommitId) -> Result<()> {
        let command = self.program.command("update-ref").option("-d");
        let answer = command.operand(format!("refs/tags/{name}")).operand(made.to_string()).run()?;
        if answer.ok {
            Ok(())
        } else {
            Err(Error::refused(format!("the local tag {name} cannot be taken away")).cause(answer.message))
        }
    }

    /// Moves HEAD, its branch and the work tree forward to a commit that grew from it.
    pub fn forward(&self, commit: CommitId) -> Result<()> {
        if self.work_tree().is_none() {
            let answer =
                self.program.command("update-ref").operand("HEAD").operand(commit.to_string()).run()?;
            return if answer.ok {
                Ok(())
            } else {
                Err(Error::refused("HEAD cannot be moved").cause(answer.message))
            };
        }
        let answer = self
            .program
            .command("merge")
            .option("--ff-only")
            .option("--quiet")
            .option("--no-autostash")
            .operand(commit.to_string())
            .run()?;
        if answer.ok {
            return Ok(());
        }
        Err(Error::refused("this work tree could not follow the release")
            .cause(answer.message)
            .hint(format!("git merge --ff-only {commit}")))
    }

    /// Takes HEAD, its branch and the work tree back to a commit; what else was changed in the work tree stays.
    pub fn back(&self, commit: CommitId) -> Result<()> {
        let command = self.program.command("reset").option("--keep").option("--quiet");
        let answer = command.operand(commit.to_string()).run()?;
        if answer.ok {
            Ok(())
        } else {
            Err(Error::refused("the release commit cannot be taken back").cause(answer.message))
        }
    }

    pub(super) fn setting(&self, name: &str) -> bool {
        self.git.config().and_then(|config| config.get_bool(name)).unwrap_or(false)
    }
}

fn unsigned(what: &str, stderr: &str) -> Error {
    Error::refused(format!("{what} cannot be made"))
        .cause(stderr)
        .hint("`git config user.name` and `user.email` must say who releases; signing needs a key that works without asking")
        .hint("`[cut] sign = false` makes it without a signature")
}
