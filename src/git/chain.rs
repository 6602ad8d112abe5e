//! A ref that only ever grows, one commit after the other: asked for, fetched, moved, walked. The ledger is one.
//! Leans on `git2` and `program`.

use super::graph::{from_oid, oid};
use super::push::{Pushed, verdict};
use super::remote::Remote;
use super::repo::Repo;
use super::write::TreeId;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{BranchName, CommitId, Person};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// So often a ref that another process holds is tried again, ten milliseconds apart.
const PATIENCE: u32 = 100;

/// What a remote said of some refs.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The refs that it has, by their full names, and `HEAD`.
    pub refs: HashMap<String, CommitId>,
    /// Its default branch.
    pub head: Option<BranchName>,
}

/// How growing a ref of the remote ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grown {
    /// It is as wanted.
    Done,
    /// Somebody else is growing it right now.
    Busy,
    /// Somebody else was faster, the remote says no, or it cannot be reached; which of these, and whether it arrived all
    /// the same, is only known by asking.
    Failed(String),
}

/// One commit of a chain.
#[derive(Clone, Debug)]
pub struct Chained {
    /// Its parents; none where it is the first one.
    pub parents: Vec<CommitId>,
    /// What it holds.
    pub tree: TreeId,
}

impl Repo {
    /// Asks a remote for a few refs by their full names.
    pub fn ask(&self, remote: &Remote, names: &[&str]) -> Result<Told> {
        let command =
            self.program.command("ls-remote").with_network_timeout().option("--symref").operand(&remote.name);
        let answer = names.iter().fold(command, |command, name| command.operand(*name)).run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("{} cannot be reached", remote.name))
                .cause(answer.message)
                .hint(format!("`git ls-remote {}` must work here", remote.name)));
        }
        let mut told = Told::default();
        for line in answer.stdout.lines() {
            let Some((value, name)) = line.split_once('\t') else { continue };
            if let Some(branch) = value.strip_prefix("ref: refs/heads/").filter(|_| name == "HEAD") {
                told.head = Some(BranchName::new(branch));
            } else if let Some(id) = CommitId::parse(value).filter(|_| names.contains(&name)) {
                told.refs.insert(name.to_owned(), id);
            }
        }
        Ok(told)
    }

    /// Brings a ref's commits here, without a ref of ours: all of them that are missing, or the last `depth`.
    pub fn bring(&self, remote: &Remote, reference: &str, depth: Option<u32>) -> Result<()> {
        let command = self
            .program
            .command("fetch")
            .with_network_timeout()
            .option("--no-tags")
            .option("--no-write-fetch-head");
        let command = command.option("--no-recurse-submodules").option("--quiet");
        let command = match depth {
            Some(depth) => command.number("--depth", depth),
            None => command,
        };
        let answer = command.operand(&remote.name).operand(reference).run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("{reference} cannot be fetched from {}", remote.name))
                .cause(answer.message));
        }
        self.forget()
    }

    /// Moves the edge of a shallow copy of a ref `by` commits back, or away altogether.
    pub fn deeper(&self, remote: &Remote, reference: &str, by: Option<u32>) -> Result<()> {
        let command = self.program.command("fetch").option("--no-tags").option("--no-write-fetch-head");
        let command = command.option("--no-recurse-submodules").option("--quiet");
        let command = match by {
            Some(by) => command.number("--deepen", by),
            None if self.is_shallow() => command.option("--unshallow"),
            None => command,
        };
        let answer = command.operand(&remote.name).operand(reference).run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("older events cannot be fetched from {}", remote.name))
                .cause(answer.message));
        }
        self.forget()
    }

    /// Reads anew what another process may have changed.
    pub fn reread(&self) -> Result<()> {
        self.forget()
    }

    /// What a ref of ours names.
    pub fn reference(&self, name: &str) -> Option<CommitId> {
        self.git.find_reference(name).ok()?.target().map(from_oid)
    }

    /// Moves a ref of ours, whatever it was. Another process may hold it for a timestamp.
    pub fn set_reference(&self, name: &str, commit: CommitId) -> Result<()> {
        let mut moved = self.git.reference(name, oid(&commit), true, "rel").map(drop);
        for _ in 0..PATIENCE {
            match &moved {
                Err(error) if error.code() == git2::ErrorCode::Locked => {
                    std::thread::sleep(Duration::from_millis(10));
                    moved = self.git.reference(name, oid(&commit), true, "rel").map(drop);
                }
                _ => break,
            }
        }
        moved.map_err(|error| Error::refused(format!("{name} cannot be moved")).cause(error.message()))
    }

    /// A commit of a chain, with its parents as it names them, also where a shallow history ends; `None` where it is not
    /// here.
    pub fn chained(&self, commit: CommitId) -> Option<Chained> {
        let odb = self.git.odb().ok()?;
        let object =
            odb.read(oid(&commit)).ok().filter(|object| object.kind() == git2::ObjectType::Commit)?;
        let text = String::from_utf8_lossy(object.data());
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        let tree = git2::Oid::from_str(lines.next()?.strip_prefix("tree ")?).ok()?;
        let parents = lines.map_while(|line| line.strip_prefix("parent ").and_then(CommitId::parse));
        Some(Chained { parents: parents.collect(), tree: TreeId::of(tree) })
    }

    /// The text of a file of a tree; `None` where there is none.
    pub fn file_in(&self, tree: TreeId, path: &str) -> Result<Option<String>> {
        let tree = self.git.find_tree(tree.oid()).context(Kind::Refused, "a tree cannot be read")?;
        let Ok(entry) = tree.get_path(Path::new(path)) else { return Ok(None) };
        let blob = self.git.find_blob(entry.id()).context(Kind::Refused, format!("{path} cannot be read"))?;
        let text = String::from_utf8(blob.content().to_vec());
        text.map(Some).map_err(|_| Error::refused(format!("{path} is not UTF-8")))
    }

    /// The names of what lies in a folder of a tree, in order; none where it is not there.
    pub fn names_in(&self, tree: TreeId, folder: &str) -> Result<Vec<String>> {
        let tree = self.git.find_tree(tree.oid()).context(Kind::Refused, "a tree cannot be read")?;
        let Ok(entry) = tree.get_path(Path::new(folder)) else { return Ok(Vec::new()) };
        let Ok(tree) = self.git.find_tree(entry.id()) else { return Ok(Vec::new()) };
        Ok(tree.iter().map(|entry| String::from_utf8_lossy(entry.name_bytes()).into_owned()).collect())
    }

    /// The text of a file of a commit, also where the clone left file contents on its remote.
    pub fn text_at(&self, commit: CommitId, path: &str) -> Result<Option<String>> {
        let Ok(tree) = self.git.find_commit(oid(&commit)).and_then(|commit| commit.tree()) else {
            return Err(Error::refused(format!("commit {} is not here", commit.short())));
        };
        let Ok(entry) = tree.get_path(Path::new(path)) else { return Ok(None) };
        if self.git.odb().is_ok_and(|odb| odb.exists(entry.id())) {
            return self.file_at(commit, path);
        }
        let answer = self.program.command("cat-file").option("blob").operand(entry.id().to_string()).run()?;
        if answer.ok {
            return Ok(Some(answer.stdout));
        }
        Err(Error::unreachable(format!("{path} of {} cannot be fetched", commit.short()))
            .cause(answer.message))
    }

    /// The folder that this repository is kept in.
    pub fn own_place(&self) -> PathBuf {
        self.git.path().to_owned()
    }

    /// Grows a ref of the remote from `from` (`None` for absent) to `to`. The user's hooks for pushes are for their own
    /// work, and do not run.
    pub fn grow(&self, remote: &Remote, reference: &str, from: Option<CommitId>, to: CommitId) -> Grown {
        let command =
            self.program.command("push").with_network_timeout().option("--porcelain").option("--no-verify");
        let command =
            command.option("--no-follow-tags").option("--recurse-submodules=no").lease(reference, from);
        let answer = match command.operand(&remote.name).operand(format!("{to}:{reference}")).run() {
            Ok(answer) if answer.ok => return Grown::Done,
            Ok(answer) => answer,
            Err(error) => return Grown::Failed(error.message),
        };
        match verdict(&answer.stdout, &answer.message) {
            Pushed::Lost { .. } => Grown::Busy,
            Pushed::Refused(words) | Pushed::Stopped(words) | Pushed::Unknown(words) => Grown::Failed(words),
            Pushed::Done => Grown::Done,
        }
    }

    /// Makes a commit without asking git, which costs a process: for commits that nobody signs.
    pub fn chain_commit(
        &self,
        parent: Option<CommitId>,
        tree: TreeId,
        message: &str,
        by: &Person,
    ) -> Result<CommitId> {
        let write = || -> std::result::Result<git2::Oid, git2::Error> {
            let time = git2::Time::new(by.seconds, 0);
            let by = git2::Signature::new(&by.name, &by.email, &time)?;
            let parents = parent.map(|parent| self.git.find_commit(oid(&parent))).transpose()?;
            let parents: Vec<_> = parents.iter().collect();
            self.git.commit(None, &by, &by, message, &self.git.find_tree(tree.oid())?, &parents)
        };
        write()
            .map(from_oid)
            .map_err(|error| Error::refused("a commit cannot be made").cause(error.message()))
    }

    /// Who git says commits here: `user.name` and `user.email`, where both are set.
    pub fn committer(&self) -> Option<(String, String)> {
        let config = self.git.config().ok()?;
        Some((config.get_string("user.name").ok()?, config.get_string("user.email").ok()?))
    }

    /// Whether git is set up to sign commits.
    pub fn signs_commits(&self) -> bool {
        self.git.config().and_then(|config| config.get_bool("commit.gpgSign")).unwrap_or(false)
    }

    /// What git says of the signature of a commit: whether it is good, and the lines of its program. `signers`: the file
    /// of the ssh keys that are believed.
    pub fn signature(&self, commit: CommitId, signers: &Path) -> Result<(bool, String)> {
        let command = self.program.command("verify-commit").setting("gpg.ssh.allowedSignersFile", signers);
        let answer = command.option("--raw").operand(commit.to_string()).run()?;
        Ok((answer.ok, answer.stderr))
    }
}
