//! Checks one message: what the parser reports about it, and what a team does not want to share.

use super::source::{MessageKind, SourceMessage};
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::git_history::packages;
use crate::model::message::Message;
use crate::model::{BumpTable, CommitId, TagFormat, Version, suggest};

/// The configuration that messages are checked against.
#[derive(Debug, Default)]
pub(super) struct LintRules {
    table: BumpTable,
    formats: Vec<TagFormat>,
}

/// A message and its problems.
#[derive(Debug)]
pub(super) struct CheckedMessage {
    /// The name that its problems are shown with.
    pub name: String,
    /// The commit, if it has one.
    pub id: Option<CommitId>,
    /// How many parents the commit has; 0 for a root commit.
    pub parents: usize,
    /// Its subject.
    pub subject: String,
    /// Why it was not checked.
    pub skipped: Option<SkipReason>,
    /// Its problems, in the order of their places.
    pub problems: Vec<Problem>,
}

/// Why a message is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SkipReason {
    /// A merge; its commits are checked instead.
    Merge,
    /// A fixup or squash commit: `git rebase --autosquash` replaces it.
    Fixup,
    /// An empty message, which git refuses.
    Empty,
}

/// One problem of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The character, counted from 1.
    pub column: usize,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
    /// The corrected line, if it is known.
    pub fixed: Option<String>,
    /// The line as it is.
    pub text: String,
}

impl Problem {
    fn new(line: usize, column: usize, what: impl Into<String>, fixed: Option<String>) -> Self {
        let (line, column) = (line.max(1), column.max(1));
        Problem { line, column, what: what.into(), fixed, text: String::new() }
    }
}

impl LintRules {
    /// Reads the rules of this repository. Outside of a repository, where a title can be checked, the defaults apply.
    pub(super) fn read(context: &Context) -> Result<LintRules> {
        let outside = || {
            let in_repository = context.folder().ancestors().any(|folder| folder.join(".git").exists());
            !in_repository && context.variable("GIT_DIR").is_none()
        };
        match context.config() {
            Err(error) if error.kind == Kind::Refused && outside() => Ok(LintRules::default()),
            Err(error) => Err(error),
            Ok(config) if outside() => {
                Ok(LintRules { table: config.version.bump.clone(), ..LintRules::default() })
            }
            Ok(config) => {
                let packages = packages(context, None)?;
                let formats = packages.into_iter().flat_map(|package| package.formats).collect();
                Ok(LintRules { table: config.version.bump.clone(), formats })
            }
        }
    }

    /// Whether a value of `Release-As` is a version: with the prefix of a tag, with a `v`, or without a prefix (V15).
    fn is_version(&self, value: &str) -> bool {
        self.formats.iter().any(|format| format.read(value).is_some())
            || Version::parse(value.strip_prefix(['v', 'V']).unwrap_or(value)).is_some()
    }

    /// Returns the known type that an unknown one most likely means.
    fn nearest_type(&self, kind: &str) -> Option<&str> {
        // `feature`, `bugfix` and `test-e2e` contain the type; by similarity alone, `bugfix` would become `build`.
        let contains =
            |known: &&str| known.len() > 2 && kind.contains(known) || kind.len() > 2 && known.contains(kind);
        let contained = self.table.types().filter(contains).max_by_key(|known| known.len());
        contained.or_else(|| suggest(kind, self.table.types()))
    }
}

/// Checks one message.
pub(super) fn check(source: SourceMessage, rules: &LintRules) -> CheckedMessage {
    let (id, parents) = match source.kind {
        MessageKind::Commit { id, parents } => (Some(id), parents),
        MessageKind::File { .. } | MessageKind::Title => (None, 1),
    };
    let message = Message::parse(&source.text, &rules.table, parents == 1);
    let skipped = skip_reason(source.kind, &message);
    let mut problems = if skipped.is_some() { Vec::new() } else { problems(&message, rules) };
    problems.sort_by_key(|problem| (problem.line, problem.column));
    let lines: Vec<&str> = source.text.split('\n').collect();
    for problem in &mut problems {
        let index = problem.line.saturating_sub(1);
        let line = lines.get(index).copied().unwrap_or_default();
        problem.text = line.strip_suffix('\r').unwrap_or(line).to_owned();
        problem.line = source.numbers.get(index).copied().unwrap_or(problem.line);
    }
    CheckedMessage { name: source.name, id, parents, subject: message.subject, skipped, problems }
}

fn skip_reason(kind: MessageKind, message: &Message) -> Option<SkipReason> {
    match kind {
        MessageKind::Commit { parents, .. } if parents > 1 => Some(SkipReason::Merge),
        MessageKind::File { merge: true } => Some(SkipReason::Merge),
        // Whether it becomes a merge is not known yet: a merge may be amended.
        MessageKind::File { .. } if message.merged => Some(SkipReason::Merge),
        MessageKind::File { .. } if message.subject.trim().is_empty() => Some(SkipReason::Empty),
        MessageKind::File { .. } if autosquash(&message.subject).is_some() => Some(SkipReason::Fixup),
        _ => None,
    }
}

/// Returns all problems; lines are counted in the text.
fn problems(message: &Message, rules: &LintRules) -> Vec<Problem> {
    let mut problems: Vec<Problem> = header_problem(message, rules).into_iter().collect();
    // A notice about a header that does not parse repeats the problem of the header.
    let repeated = |line: usize| message.fault.is_some() && line == message.line;
    let notices = message.warnings.iter().filter(|notice| !repeated(notice.line));
    problems.extend(notices.map(|notice| Problem::new(notice.line, notice.column, &notice.text, None)));
    let wrong = message.release_as.iter().filter(|trailer| !rules.is_version(&trailer.value));
    problems.extend(wrong.map(|trailer| {
        let what = format!("`{}` is not a version, so Release-As has no effect", trailer.value);
        Problem::new(trailer.line, trailer.column, what, None)
    }));
    problems
}

/// Returns the problem of the header, if it has one.
fn header_problem(message: &Message, rules: &LintRules) -> Option<Problem> {
    if message.line == 0 {
        let what = match message.merged {
            true => "the body of a squashed merge must begin with the message of the change, but it is empty",
            false => "the message is empty",
        };
        return Some(Problem::new(1, 1, what, None));
    }
    if let Some(word) = autosquash(&message.subject) {
        let what = format!(
            "a `{word}` commit must be squashed before it is shared: `git rebase --interactive --autosquash`"
        );
        return Some(Problem::new(message.line, message.column, what, None));
    }
    if let Some(fault) = message.fault.as_ref().filter(|_| !is_git_revert(&message.subject)) {
        return Some(Problem::new(message.line, fault.column, fault.what, fault.fixed.clone()));
    }
    let header = message.changes.first().filter(|change| !change.part)?;
    let kind = header.kind.as_deref().filter(|kind| !rules.table.knows(kind))?;
    let known: Vec<&str> = rules.table.types().collect();
    let what = format!("unknown type `{kind}`; known types: {}", known.join(", "));
    let fixed = rules.nearest_type(kind).map(|nearest| with_type(&message.subject, nearest));
    Some(Problem::new(message.line, message.column, what, fixed))
}

/// Returns what `git commit --fixup` or `--squash` put before a subject.
fn autosquash(subject: &str) -> Option<&'static str> {
    ["fixup!", "squash!", "amend!"].into_iter().find(|word| {
        subject.trim_start().strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// Whether `git revert` wrote a subject; for the revert of a revert it writes `Reapply` (git 2.43).
fn is_git_revert(subject: &str) -> bool {
    ["Revert \"", "Reapply \""].iter().any(|start| subject.starts_with(start))
}

/// Returns a header with another type.
fn with_type(header: &str, kind: &str) -> String {
    let header = header.trim();
    let rest = header.find(['(', '!', ':']).and_then(|end| header.get(end..)).unwrap_or_default();
    format!("{kind}{rest}")
}

#[cfg(test)]
mod tests;
