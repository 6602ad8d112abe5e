//! What may stand in the way of a release, asked before anything is written. Leans on `program` and `git2`.

use super::command::GitCommand;
use super::graph::{from_oid, oid};
use super::remote::Remote;
use super::repo::Repo;
use super::write::Sign;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{BranchName, CommitId, TagName, Trailers};
use crate::process::{CommandEnvironment, CommandSpec, Stream};
use std::path::Path;

/// An annotated tag.
#[derive(Clone, Debug)]
pub struct Annotated {
    /// The tag's own object.
    pub object: CommitId,
    /// The commit that it leads to.
    pub commit: CommitId,
    /// What it says, its signature included.
    pub message: String,
    /// The mail address of who made it.
    pub by: Option<String>,
}

impl Repo {
    /// Tracked files that differ from HEAD, at most `most` of them, and how many there are.
    pub fn dirty(&self, most: usize) -> Result<(Vec<String>, usize)> {
        if self.work_tree().is_none() {
            return Ok((Vec::new(), 0));
        }
        let answer =
            self.program.command("status").option("--porcelain=v1").option("--untracked-files=no").run()?;
        if !answer.ok {
            return Err(Error::refused("the work tree cannot be looked at").cause(answer.message));
        }
        let files: Vec<String> =
            answer.stdout.lines().filter_map(|line| line.get(3..)).map(str::to_owned).collect();
        let all = files.len();
        Ok((files.into_iter().take(most).collect(), all))
    }

    /// What was begun in the work tree and has not ended: a merge, a rebase.
    pub fn under_way(&self) -> Option<&'static str> {
        use git2::RepositoryState as State;
        match self.git.state() {
            State::Clean => None,
            State::Merge => Some("a merge"),
            State::Revert | State::RevertSequence => Some("a revert"),
            State::CherryPick | State::CherryPickSequence => Some("a cherry-pick"),
            State::Bisect => Some("a bisection"),
            State::Rebase | State::RebaseInteractive | State::RebaseMerge => Some("a rebase"),
            State::ApplyMailbox | State::ApplyMailboxOrRebase => Some("git am"),
        }
    }

    /// Who releases, as git knows it: the mail address.
    pub fn identity(&self) -> Result<String> {
        let answer = self.program.command("var").operand_plain("GIT_COMMITTER_IDENT").run()?;
        let mail = answer.stdout.rsplit_once('>').and_then(|(who, _)| who.rsplit_once('<'));
        if let Some((_, mail)) = mail.filter(|_| answer.ok) {
            return Ok(mail.to_owned());
        }
        Err(Error::refused("git does not know who releases")
            .cause(answer.message)
            .hint("git config user.name \"…\" && git config user.email \"…\""))
    }

    /// Whether annotated tags are signed: where that is asked for, or as git is set up.
    pub fn signs_tags(&self, sign: Sign) -> bool {
        let set_up = || self.setting("tag.gpgSign") || self.setting("tag.forceSignAnnotated");
        sign == Sign::Always || sign == Sign::Auto && set_up()
    }

    /// Signs an object that nobody will ever name, where the release will be signed: whether that works is only known by
    /// doing it.
    pub fn can_sign(&self, head: CommitId, sign: Sign) -> Result<()> {
        let commits = sign == Sign::Auto && self.setting("commit.gpgSign");
        if !(commits || self.signs_tags(sign)) {
            return Ok(());
        }
        let tree = self.tree_with(Some(head), &[])?;
        let trial = self.write_commit(Some(head), tree, "a trial of the signature", Sign::Always);
        trial.map(drop).map_err(|error| Error { message: "nothing can be signed".to_owned(), ..error })
    }

    /// The default branch of the remote, as it says itself.
    pub fn default_branch(&self, remote: &Remote) -> Result<Option<BranchName>> {
        let answer = self
            .program
            .command("ls-remote")
            .option("--symref")
            .operand(&remote.name)
            .operand("HEAD")
            .run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!(
                "{} cannot be asked for its default branch",
                remote.name
            ))
            .cause(answer.message));
        }
        let name =
            answer.stdout.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next());
        Ok(name.map(BranchName::new))
    }

    /// Fetches one ref's history from the remote, without moving any ref here.
    pub fn fetch(&self, remote: &Remote, reference: &str) -> Result<()> {
        let command = self
            .program
            .command("fetch")
            .option("--no-tags")
            .option("--no-write-fetch-head")
            .option("--quiet");
        let answer = command
            .option("--no-recurse-submodules")
            .option("--no-auto-maintenance")
            // Else it would move the branch of the remote as it is known here.
            .option("--refmap=")
            .operand(&remote.name)
            .operand(reference)
            .run()?;
        if !answer.ok {
            return Err(Error::unreachable(format!("{reference} cannot be fetched from {}", remote.name))
                .cause(answer.message));
        }
        self.forget()
    }

    /// An annotated tag that is here; `None` for a lightweight one or none at all.
    pub fn annotated(&self, name: &TagName) -> Result<Option<Annotated>> {
        let Ok(reference) = self.git.find_reference(&format!("refs/tags/{name}")) else { return Ok(None) };
        let Ok(tag) = reference.peel_to_tag() else { return Ok(None) };
        let commit =
            reference.peel_to_commit().context(Kind::Refused, format!("tag {name} leads to no commit"))?;
        Ok(Some(Annotated {
            object: from_oid(tag.id()),
            commit: from_oid(commit.id()),
            message: String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned(),
            by: tag.tagger().map(|tagger| String::from_utf8_lossy(tagger.email_bytes()).into_owned()),
        }))
    }

    /// Whether a file that git does not track lies where a release commit wants to put one.
    pub fn in_the_way(&self, path: &str) -> bool {
        self.work_tree().is_some_and(|top| top.join(path).symlink_metadata().is_ok())
    }

    /// Who moved refs on the remote, as far as it can be told; for messages only.
    pub fn winner(&self, remote: &Remote, moved: &[String]) -> Vec<String> {
        let Ok(there) = self.advertised(remote) else { return Vec::new() };
        let name = |reference: &String| {
            let Some(id) = there.refs.get(reference) else {
                return format!("{reference} is not there any more");
            };
            // What cannot be fetched is named by its number.
            drop(self.fetch(remote, reference));
            let reference = reference.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
            let who = |who: &git2::Signature<'_>| String::from_utf8_lossy(who.name_bytes()).into_owned();
            let short = id.short();
            if let Ok(tag) = self.git.find_tag(oid(id)) {
                let text = String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned();
                let run = run_of(&text);
                let by = tag.tagger().map_or_else(String::new, |tagger| format!(" by {}", who(&tagger)));
                return format!("{reference} is {short}{by}{run}");
            }
            match self.git.find_commit(oid(id)) {
                Ok(commit) => {
                    let subject =
                        String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
                    format!("{reference} is {short} by {}: {subject}", who(&commit.committer()))
                }
                Err(_) => format!("{reference} is {short}"),
            }
        };
        moved.iter().map(name).collect()
    }

    /// Runs a command of `[cut] before` at the top of the work tree, its words on stderr as they come.
    pub fn run_before(&self, words: &[String]) -> Result<()> {
        let folder = self.work_tree().unwrap_or_else(|| self.git.path().to_owned());
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        let spec = CommandSpec::new(program, CommandEnvironment::inherited());
        let spec = spec.arguments(arguments).folder(&folder);
        let status = spec.attach(Stream::Null, Stream::Stderr).map_err(|error| {
            Error::refused(format!("{program} of [cut] before cannot be started"))
                .cause(error)
                .hint("it is looked for on PATH")
        })?;
        if status.success() {
            return Ok(());
        }
        Err(Error::refused(format!("[cut] before failed: {program}"))
            .cause(status)
            .hint("nothing was changed"))
    }

    /// Whether a program of `[cut] before` is there at all.
    pub fn has_program(&self, program: &str, path: &str) -> bool {
        let folder = self.work_tree().unwrap_or_else(|| self.git.path().to_owned());
        if program.contains('/') {
            return folder.join(program).exists();
        }
        std::env::split_paths(path).any(|place| Path::new(&place).join(program).is_file())
    }
}

/// `, run 9876543210.1`: which job made a tag.
fn run_of(message: &str) -> String {
    let run = Trailers::parse(message).ok().flatten().and_then(|trailers| trailers.run);
    run.map_or_else(String::new, |run| format!(", run {run}"))
}

impl GitCommand<'_> {
    /// For the few subcommands that know no `--end-of-options`: a word that stands in this program.
    fn operand_plain(self, word: &'static str) -> Self {
        self.option(word)
    }
}
