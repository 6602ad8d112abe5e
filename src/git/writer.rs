//! Everything that changes a repository. Only the code that releases and the ledger may use it
//! (`tests/rel/architecture.rs`), so that planning cannot change anything.
//!
//! Commits and trees are written as objects that no branch names: a process that dies leaves nothing that can be seen.

use super::command::GitCommand;
use super::files::TreeId;
use super::graph::{from_oid, oid};
use super::remote::Remote;
use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::{CommitId, Person, TagName};
use std::path::Path;
use std::time::Duration;

/// How often setting a ref is tried again while another process holds its lock, and how long to wait between.
const LOCK_RETRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// How long a process holds the lock of a ref at most: it writes one line.
const MAX_REFERENCE_LOCK: Duration = Duration::from_secs(10);

/// Whether commits and tags are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As git is configured: `commit.gpgSign`, `tag.gpgSign`.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A repository that may be changed.
pub struct Writer<'r> {
    pub(super) repo: &'r Repo,
}

impl<'r> Writer<'r> {
    /// Returns a writer for a repository.
    pub fn new(repo: &'r Repo) -> Self {
        Writer { repo }
    }

    /// Writes the tree of a commit (an empty one without) with some files replaced, added or, where the text is `None`,
    /// removed. File modes stay.
    pub fn write_tree(&self, base: Option<CommitId>, files: &[(String, Option<String>)]) -> Result<TreeId> {
        let git = &self.repo.git;
        let fault = |error: git2::Error| Error::refused("cannot write a tree").cause(error.message());
        let tree = match base {
            Some(base) => git.find_commit(oid(&base)).and_then(|commit| commit.tree()).map_err(fault)?,
            None => {
                let empty = git.treebuilder(None).and_then(|builder| builder.write()).map_err(fault)?;
                git.find_tree(empty).map_err(fault)?
            }
        };
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, text) in files {
            let existing = tree.get_path(Path::new(path)).ok();
            let Some(text) = text else {
                if existing.is_some() {
                    update.remove(path.as_str());
                }
                continue;
            };
            let blob = git.blob(text.as_bytes()).map_err(fault)?;
            let executable = i32::from(git2::FileMode::BlobExecutable);
            let executable = existing.is_some_and(|entry| entry.filemode() == executable);
            let mode = if executable { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
            update.upsert(path.as_str(), blob, mode);
        }
        update.create_updated(git, &tree).map(TreeId::of).map_err(fault)
    }

    /// Writes a commit with the user's git, which signs it where that is wanted; no branch moves.
    pub fn write_commit(
        &self,
        parent: Option<CommitId>,
        tree: TreeId,
        message: &str,
        sign: Sign,
    ) -> Result<CommitId> {
        let command = self.repo.program.command("commit-tree").option("-F").option("-");
        let command = parent.into_iter().fold(command, GitCommand::parent);
        // commit-tree itself ignores commit.gpgSign (git-commit-tree(1)).
        let signed = match sign {
            Sign::Auto => self.repo.signs_commits()?,
            Sign::Always => true,
            Sign::Never => false,
        };
        let command = if signed { command.option("-S") } else { command.option("--no-gpg-sign") };
        let answer = command.operand(tree.oid().to_string()).input(message).run()?;
        CommitId::parse(answer.stdout.trim())
            .filter(|_| answer.ok)
            .ok_or_else(|| not_made("the commit", &answer.message))
    }

    /// Writes a commit without a signature, and without the cost of a process; no branch moves.
    pub fn write_unsigned_commit(
        &self,
        parent: Option<CommitId>,
        tree: TreeId,
        message: &str,
        by: &Person,
    ) -> Result<CommitId> {
        let git = &self.repo.git;
        let write = || -> std::result::Result<git2::Oid, git2::Error> {
            let by = git2::Signature::new(&by.name, &by.email, &git2::Time::new(by.seconds, 0))?;
            let parents = parent.map(|parent| git.find_commit(oid(&parent))).transpose()?;
            let parents: Vec<_> = parents.iter().collect();
            git.commit(None, &by, &by, message, &git.find_tree(tree.oid())?, &parents)
        };
        write().map(from_oid).map_err(|error| Error::refused("cannot create a commit").cause(error.message()))
    }

    /// Signs a commit that nothing will refer to, if a release would be signed: only doing it shows whether it works.
    ///
    /// # Errors
    ///
    /// Exit code 4: signing failed.
    pub fn check_signing(&self, head: CommitId, sign: Sign) -> Result<()> {
        let signs_commits = sign == Sign::Auto && self.repo.signs_commits()?;
        if !(signs_commits || self.repo.signs_tags(sign)?) {
            return Ok(());
        }
        let tree = self.write_tree(Some(head), &[])?;
        let trial = self.write_commit(Some(head), tree, "a test signature", Sign::Always);
        trial.map(drop).map_err(|error| Error { message: "cannot sign".to_owned(), ..error })
    }

    /// Makes an annotated tag in this repository, and returns its object. Refuses where the name is taken.
    pub fn create_tag(
        &self,
        name: &TagName,
        target: CommitId,
        message: &str,
        sign: Sign,
    ) -> Result<CommitId> {
        let command = self.repo.program.command("tag").option("--annotate").option("--cleanup=verbatim");
        let command = command.option("-F").option("-");
        let command = match sign {
            Sign::Auto => command,
            Sign::Always => command.option("--sign"),
            Sign::Never => command.option("--no-sign"),
        };
        let answer = command.operand(name.as_str()).operand(target.to_string()).input(message).run()?;
        let reference = format!("refs/tags/{name}");
        if !answer.ok && self.repo.reference(&reference).is_some() {
            return Err(Error::conflict(format!("tag {name} was created here by somebody else just now"))
                .hint("wait for the other run to end, then run the command again"));
        }
        if !answer.ok {
            return Err(not_made(&format!("tag {name}"), &answer.message));
        }
        self.repo
            .reference(&reference)
            .ok_or_else(|| Error::defect(format!("git created tag {name}, but it does not exist")))
    }

    /// Deletes a tag of this repository, if it still is this object: another one under that name is somebody else's.
    pub fn delete_tag(&self, name: &TagName, object: CommitId) -> Result<()> {
        let reference = format!("refs/tags/{name}");
        let command = self.repo.program.command("update-ref").option("-d");
        let answer = command.operand(&reference).operand(object.to_string()).run()?;
        if answer.ok || self.repo.reference(&reference) != Some(object) {
            return Ok(());
        }
        Err(Error::refused(format!("cannot delete the local tag {name}")).cause(answer.message))
    }

    /// Fetches a tag from a remote, and creates it in this repository; in one that is not shallow, all that it lacks.
    pub fn fetch_tag(&self, remote: &Remote, name: &TagName) -> Result<()> {
        let reference = format!("refs/tags/{name}");
        self.repo.fetch_commit(remote, &format!("{reference}:{reference}"))?;
        self.repo.complete_tags(remote);
        Ok(())
    }

    /// Moves HEAD, its branch and the work tree forward to a descendant.
    pub fn fast_forward_head(&self, commit: CommitId) -> Result<()> {
        let program = &self.repo.program;
        if self.repo.work_tree().is_none() {
            let answer = program.command("update-ref").operand("HEAD").operand(commit.to_string()).run()?;
            return if answer.ok {
                Ok(())
            } else {
                Err(Error::refused("cannot move HEAD").cause(answer.message))
            };
        }
        let command = program.command("merge").option("--ff-only").option("--quiet").option("--no-autostash");
        let answer = command.operand(commit.to_string()).run()?;
        if answer.ok {
            return Ok(());
        }
        Err(Error::refused("cannot update this work tree to the release commit")
            .cause(answer.message)
            .hint(format!("git merge --ff-only {commit}")))
    }

    /// Moves HEAD, its branch and the work tree back to a commit; other changes in the work tree stay.
    pub fn reset_head(&self, commit: CommitId) -> Result<()> {
        let command = self.repo.program.command("reset").option("--keep").option("--quiet");
        let answer = command.operand(commit.to_string()).run()?;
        if answer.ok {
            return Ok(());
        }
        Err(Error::refused("cannot undo the release commit").cause(answer.message))
    }

    /// Sets a ref of this repository, whatever it was. Waits for another process that holds its lock, up to a second; a
    /// lock that is left over is removed.
    pub fn set_reference(&self, name: &str, commit: CommitId) -> Result<()> {
        self.repo.remove_lock(&format!("{name}.lock"), MAX_REFERENCE_LOCK);
        let set = || self.repo.git.reference(name, oid(&commit), true, "rel").map(drop);
        let mut result = set();
        for _ in 0..LOCK_RETRIES {
            match &result {
                Err(error) if error.code() == git2::ErrorCode::Locked => {
                    std::thread::sleep(LOCK_PAUSE);
                    result = set();
                }
                _ => break,
            }
        }
        result.map_err(|error| Error::refused(format!("cannot move {name}")).cause(error.message()))
    }
}

fn not_made(what: &str, message: &str) -> Error {
    Error::refused(format!("cannot create {what}"))
        .cause(message)
        .hint("`git config user.name` and `user.email` must be set; signing needs a key that works without a prompt")
        .hint("`[cut] sign = false` turns signing off")
}
