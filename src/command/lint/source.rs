//! Where the messages come from: a file, stdin, a title, a range, or the commits since the last release.
//! Leans on `history` and `git`.

use super::Arguments;
use super::strip::{Stripped, strip};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::git_history::{HistoryOptions, ReleaseContext, packages};
use crate::model::CommitId;
use crate::version::ReleaseLine;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A message that is to be judged.
#[derive(Debug)]
pub(super) struct Draft {
    /// What its faults name.
    pub name: String,
    /// Its text; not always the whole of what stands in the file.
    pub text: String,
    /// For each line of the text its number in the file; empty where these are the same.
    pub numbers: Vec<usize>,
    /// What sort of message it is.
    pub sort: Sort,
}

/// What sort of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// That of a commit which git is about to make.
    File {
        /// The commit will be a merge.
        merge: bool,
    },
    /// One line.
    Title,
    /// That of a commit.
    Commit {
        /// Its name.
        id: CommitId,
        /// How many parents it has.
        parents: usize,
    },
}

/// What was asked about, for the last line.
#[derive(Debug)]
pub(super) enum What {
    /// A file with a message: its name as it was given, and where it lies.
    File(String, PathBuf),
    /// A title.
    Title,
    /// The commits of a range, `A..B` or `since v1.2.0`.
    Commits(String),
}

/// All messages that were asked about.
#[derive(Debug)]
pub(super) struct Batch {
    pub what: What,
    pub drafts: Vec<Draft>,
}

/// Reads what the command line names.
pub(super) fn read(context: &Context, arguments: &Arguments) -> Result<Batch> {
    if let Some(file) = &arguments.file {
        // A message can be checked outside of a repository too; git's own default holds there.
        let configured = || context.repo().ok().and_then(Repo::comment);
        let comment = arguments.comment.clone().or_else(configured).unwrap_or_else(|| "#".to_owned());
        return message_file(context, file, &comment);
    }
    if let Some(title) = &arguments.title {
        let draft =
            Draft { name: "title".into(), text: title.clone(), numbers: Vec::new(), sort: Sort::Title };
        return Ok(Batch { what: What::Title, drafts: vec![draft] });
    }
    match &arguments.range {
        Some(range) => named_range(context.repo()?, range),
        None => since_release(context, arguments.offline),
    }
}

/// A message file as git will read it. Bytes that are not UTF-8 are replaced (V26).
fn message_file(context: &Context, file: &Path, comment: &str) -> Result<Batch> {
    let stdin = file == Path::new("-");
    let name = if stdin { "stdin".to_owned() } else { file.display().to_string() };
    let path = context.folder().join(file);
    let mut bytes = Vec::new();
    let read = match stdin {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(&path),
    };
    let bytes = read.map_err(|error| Error::usage(format!("{name} cannot be read")).cause(error))?;
    let text = String::from_utf8_lossy(&bytes);
    // git says so to its hooks where it opens no editor; it then takes comments for text (git-commit(1), `--cleanup`).
    let edited = stdin || context.variable("GIT_EDITOR").as_deref() != Some(":");
    let Stripped { text, numbers } = strip(&text, if edited { comment } else { "" });
    // While git makes a merge, this file stands beside the message.
    let merge = !stdin && path.with_file_name("MERGE_HEAD").exists();
    let draft = Draft { name: name.clone(), text, numbers, sort: Sort::File { merge } };
    Ok(Batch { what: What::File(name, path), drafts: vec![draft] })
}

/// `A..B`, `A..`, `..B`, or `A` for `A..HEAD`.
fn named_range(repo: &Repo, range: &str) -> Result<Batch> {
    if range.contains("...") {
        return Err(Error::usage(format!("{range} is no range: three dots mean both sides"))
            .hint(format!("--range {}", range.replacen("...", "..", 1))));
    }
    let or_head = |end: &'_ str| if end.is_empty() { "HEAD".to_owned() } else { end.to_owned() };
    let (from, to) = match range.split_once("..") {
        Some((from, to)) => (or_head(from), or_head(to)),
        None if range.is_empty() => return Err(Error::usage("--range names no commit").hint("--range A..B")),
        None => (range.to_owned(), "HEAD".to_owned()),
    };
    match (repo.resolve(&from), repo.resolve(&to)) {
        (Ok(start), Ok(end)) => Ok(Batch {
            what: What::Commits(format!("in {from}..{to}")),
            drafts: commits(repo, end, &[start])?,
        }),
        (start, end) => {
            let faults: Vec<Error> = [start.err(), end.err()].into_iter().flatten().collect();
            Err(Error::all(faults).unwrap_or_else(|| Error::defect("a range without ends")))
        }
    }
}

/// What no release holds yet. With several packages that is what none of their last releases reaches: what was
/// released cannot be said better any more.
fn since_release(context: &Context, offline: bool) -> Result<Batch> {
    let ask = HistoryOptions { offline, initial: offline.then_some(None), ..HistoryOptions::default() };
    let release_context = ReleaseContext::new(context, ask)?;
    let mut releases = Vec::new();
    for package in packages(context, None)? {
        let base = release_context.base(&package, &ReleaseLine::default())?;
        releases.extend(base.current().map(|tag| (tag.name.to_string(), tag.commit)));
    }
    let names: Vec<&str> = releases.iter().map(|(name, _)| name.as_str()).collect();
    let label = if names.is_empty() { "so far".to_owned() } else { format!("since {}", names.join(", ")) };
    let hidden: Vec<CommitId> = releases.iter().map(|(_, commit)| *commit).collect();
    Ok(Batch {
        what: What::Commits(label),
        drafts: commits(context.repo()?, release_context.head(), &hidden)?,
    })
}

/// The commits that `head` reaches and none of `hidden` does, newest first.
fn commits(repo: &Repo, head: CommitId, hidden: &[CommitId]) -> Result<Vec<Draft>> {
    let range = repo.range(head, hidden)?;
    if !range.complete {
        return Err(Error::refused(
            "the history in this clone is cut off inside the range, so not every message is here",
        )
        .hint(
            "with actions/checkout, add `with: { fetch-depth: 0 }`; in GitLab, `variables: { GIT_DEPTH: 0 }`",
        )
        .hint("by hand: `git fetch --unshallow`"));
    }
    let draft = |link: crate::git::Link| {
        let sort = Sort::Commit { id: link.id, parents: link.parents.len() };
        Ok(Draft { name: link.id.short(), text: repo.message(link.id)?, numbers: Vec::new(), sort })
    };
    range.commits.into_iter().map(draft).collect()
}
