//! Reads the messages to check: a file, stdin, a title, a range, or the commits since the last release.

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

/// A message to check.
#[derive(Debug)]
pub(super) struct SourceMessage {
    /// The name that its problems are shown with.
    pub name: String,
    /// Its text, which may leave out lines of the file.
    pub text: String,
    /// The number in the file of each line of the text; empty if they are the same.
    pub numbers: Vec<usize>,
    /// What kind of message it is.
    pub kind: MessageKind,
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MessageKind {
    /// That of a commit that git is about to make.
    File {
        /// The commit will be a merge.
        merge: bool,
    },
    /// One line.
    Title,
    /// That of a commit.
    Commit {
        /// The commit.
        id: CommitId,
        /// How many parents it has.
        parents: usize,
    },
}

/// Where the messages come from, for the last line of output.
#[derive(Debug)]
pub(super) enum Source {
    /// A message file: its name as it was given, and its path.
    File(String, PathBuf),
    /// A title.
    Title,
    /// The commits of a range: `in A..B` or `since v1.2.0`.
    Commits(String),
}

/// The messages to check.
#[derive(Debug)]
pub(super) struct Messages {
    pub source: Source,
    pub messages: Vec<SourceMessage>,
}

/// Reads the messages that the command line names.
pub(super) fn read(context: &Context, arguments: &Arguments) -> Result<Messages> {
    if let Some(file) = &arguments.file {
        // Outside of a repository, the default of git applies.
        let configured = || context.repo().ok().and_then(Repo::comment);
        let comment = arguments.comment.clone().or_else(configured).unwrap_or_else(|| "#".to_owned());
        return message_file(context, file, &comment);
    }
    if let Some(title) = &arguments.title {
        let message = SourceMessage {
            name: "title".into(),
            text: title.clone(),
            numbers: Vec::new(),
            kind: MessageKind::Title,
        };
        return Ok(Messages { source: Source::Title, messages: vec![message] });
    }
    match &arguments.range {
        Some(range) => named_range(context.repo()?, range),
        None => since_release(context, arguments.offline),
    }
}

/// Reads a message file as git does. Bytes that are not UTF-8 are replaced (V26).
fn message_file(context: &Context, file: &Path, comment: &str) -> Result<Messages> {
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
    // git sets this for its hooks if it opens no editor; it then keeps comments as text (git-commit(1), `--cleanup`).
    let edited = stdin || context.variable("GIT_EDITOR").as_deref() != Some(":");
    let Stripped { text, numbers } = strip(&text, if edited { comment } else { "" });
    // This file exists while git makes a merge.
    let merge = !stdin && path.with_file_name("MERGE_HEAD").exists();
    let message = SourceMessage { name: name.clone(), text, numbers, kind: MessageKind::File { merge } };
    Ok(Messages { source: Source::File(name, path), messages: vec![message] })
}

/// Reads the commits of `A..B`, `A..`, `..B`, or `A` for `A..HEAD`.
fn named_range(repo: &Repo, range: &str) -> Result<Messages> {
    if range.contains("...") {
        return Err(Error::usage(format!("{range} is not a range with two dots"))
            .hint(format!("--range {}", range.replacen("...", "..", 1))));
    }
    let or_head = |end: &'_ str| if end.is_empty() { "HEAD".to_owned() } else { end.to_owned() };
    let (from, to) = match range.split_once("..") {
        Some((from, to)) => (or_head(from), or_head(to)),
        None if range.is_empty() => {
            return Err(Error::usage("--range needs two commits").hint("--range A..B"));
        }
        None => (range.to_owned(), "HEAD".to_owned()),
    };
    match (repo.resolve(&from), repo.resolve(&to)) {
        (Ok(start), Ok(end)) => Ok(Messages {
            source: Source::Commits(format!("in {from}..{to}")),
            messages: commits(repo, end, &[start])?,
        }),
        (start, end) => {
            let errors: Vec<Error> = [start.err(), end.err()].into_iter().flatten().collect();
            Err(Error::combine("", errors)
                .unwrap_or_else(|| Error::defect("a range with neither a start nor an end")))
        }
    }
}

/// Reads the commits that are not released yet; of several packages, those that no last release contains. A released message
/// cannot be corrected any more.
fn since_release(context: &Context, offline: bool) -> Result<Messages> {
    let options = HistoryOptions { offline, initial: offline.then_some(None), ..HistoryOptions::default() };
    let release_context = ReleaseContext::new(context, options)?;
    let mut releases = Vec::new();
    for package in packages(context, None)? {
        let base = release_context.base(&package, &ReleaseLine::default())?;
        releases.extend(base.current().map(|tag| (tag.name.to_string(), tag.commit)));
    }
    let names: Vec<&str> = releases.iter().map(|(name, _)| name.as_str()).collect();
    let label = if names.is_empty() { "so far".to_owned() } else { format!("since {}", names.join(", ")) };
    let hidden: Vec<CommitId> = releases.iter().map(|(_, commit)| *commit).collect();
    Ok(Messages {
        source: Source::Commits(label),
        messages: commits(context.repo()?, release_context.head(), &hidden)?,
    })
}

/// Reads the commits that are reachable from `head` and from none of `hidden`, newest first.
fn commits(repo: &Repo, head: CommitId, hidden: &[CommitId]) -> Result<Vec<SourceMessage>> {
    let range = repo.range(head, hidden)?;
    if !range.complete {
        return Err(Error::refused(
            "the history in this clone is cut off within the range, so some messages are missing",
        )
        .hint(
            "with actions/checkout, add `with: { fetch-depth: 0 }`; in GitLab, `variables: { GIT_DEPTH: 0 }`",
        )
        .hint("by hand: `git fetch --unshallow`"));
    }
    let message = |link: crate::git::Link| {
        let kind = MessageKind::Commit { id: link.id, parents: link.parents.len() };
        let text = repo.message(link.id)?;
        Ok(SourceMessage { name: link.id.short(), text, numbers: Vec::new(), kind })
    };
    range.commits.into_iter().map(message).collect()
}
