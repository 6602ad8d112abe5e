//! What is wrong with a message. The reading is `model::message`'s; here stands only what a team does not want to
//! share. Leans on `model`, and on `config` for the known types.

use super::source::{Draft, Sort};
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::git_history::packages;
use crate::model::message::Message;
use crate::model::{BumpTable, CommitId, TagFormat, Version, suggest};

/// What messages are judged by.
#[derive(Debug, Default)]
pub(super) struct Rules {
    table: BumpTable,
    formats: Vec<TagFormat>,
}

/// A message and what was found.
#[derive(Debug)]
pub(super) struct Judged {
    /// What its faults name.
    pub name: String,
    /// The commit.
    pub id: Option<CommitId>,
    /// A root commit has none.
    pub parents: usize,
    /// Its subject, as a person sees it.
    pub subject: String,
    /// Why it was not judged at all.
    pub passed: Option<Pass>,
    /// What is wrong, in the order of the places.
    pub faults: Vec<Fault>,
}

/// Why a message is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// A merge speaks through the commits that it brings.
    Merge,
    /// git melts it into another commit before anybody sees it.
    Fixup,
    /// git makes no commit of it.
    Empty,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// The character, counted from 1.
    pub column: usize,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
    /// The line as it should be, where that can be told.
    pub fixed: Option<String>,
    /// The line as it is.
    pub text: String,
}

impl Rules {
    /// The rules of this repository; outside of one those of an absent `release.toml`, for a title needs no clone.
    pub(super) fn read(context: &Context) -> Result<Rules> {
        let nowhere = || {
            let in_one = context.folder().ancestors().any(|folder| folder.join(".git").exists());
            !in_one && context.variable("GIT_DIR").is_none()
        };
        match context.config() {
            Err(error) if error.kind == Kind::Refused && nowhere() => Ok(Rules::default()),
            Err(error) => Err(error),
            Ok(config) if nowhere() => Ok(Rules { table: config.version.bump.clone(), ..Rules::default() }),
            Ok(config) => {
                let packages = packages(context, None)?;
                let formats = packages.into_iter().flat_map(|package| package.formats).collect();
                Ok(Rules { table: config.version.bump.clone(), formats })
            }
        }
    }

    /// V15: with the prefix of a tag, with a `v`, or bare.
    fn is_version(&self, value: &str) -> bool {
        self.formats.iter().any(|format| format.read(value).is_some())
            || Version::parse(value.strip_prefix(['v', 'V']).unwrap_or(value)).is_some()
    }

    /// The known type that an unknown one is likely to mean.
    fn nearest(&self, kind: &str) -> Option<&str> {
        // `feature`, `bugfix` and `test-e2e` hold the word; letters alone would bring `bugfix` to `build`.
        let holds =
            |known: &&str| known.len() > 2 && kind.contains(known) || kind.len() > 2 && known.contains(kind);
        let held = self.table.types().filter(holds).max_by_key(|known| known.len());
        held.or_else(|| suggest(kind, self.table.types()))
    }
}

/// Judges one message.
pub(super) fn judge(draft: Draft, rules: &Rules) -> Judged {
    let (id, parents) = match draft.sort {
        Sort::Commit { id, parents } => (Some(id), parents),
        Sort::File { .. } | Sort::Title => (None, 1),
    };
    let message = Message::parse(&draft.text, &rules.table, parents == 1);
    let passed = passed(draft.sort, &message);
    let mut faults = if passed.is_some() { Vec::new() } else { faults(&message, rules) };
    faults.sort_by_key(|fault| (fault.line, fault.column));
    let lines: Vec<&str> = draft.text.split('\n').collect();
    for fault in &mut faults {
        let line = lines.get(fault.line.saturating_sub(1)).copied().unwrap_or_default();
        fault.text = line.strip_suffix('\r').unwrap_or(line).to_owned();
        fault.line = draft.numbers.get(fault.line.saturating_sub(1)).copied().unwrap_or(fault.line);
    }
    Judged { name: draft.name, id, parents, subject: message.subject, passed, faults }
}

/// Why a message need not be judged, if it need not.
fn passed(sort: Sort, message: &Message) -> Option<Pass> {
    match sort {
        Sort::Commit { parents, .. } if parents > 1 => Some(Pass::Merge),
        Sort::File { merge: true } => Some(Pass::Merge),
        // Nobody can tell yet: this may also be a merge that is amended.
        Sort::File { .. } if message.merged => Some(Pass::Merge),
        Sort::File { .. } if message.subject.trim().is_empty() => Some(Pass::Empty),
        Sort::File { .. } if autosquash(&message.subject).is_some() => Some(Pass::Fixup),
        _ => None,
    }
}

/// Everything that is wrong; lines are counted in the text.
fn faults(message: &Message, rules: &Rules) -> Vec<Fault> {
    let at = |line: usize, column: usize, what: String, fixed: Option<String>| Fault {
        line: line.max(1),
        column: column.max(1),
        what,
        fixed,
        text: String::new(),
    };
    let mut faults = Vec::new();
    let kind =
        message.changes.first().filter(|change| !change.part).and_then(|change| change.kind.as_deref());
    if message.merged && message.line == 0 {
        let what =
            "the first paragraph below the subject of a squashed merge says what it does; there is none";
        faults.push(at(1, 1, what.into(), None));
    } else if message.line == 0 {
        faults.push(at(1, 1, "the message is empty".into(), None));
    } else if let Some(word) = autosquash(&message.subject) {
        let what =
            format!("a commit that begins with `{word}` is melted into another one before it is shared");
        let what = format!("{what}: `git rebase --interactive --autosquash`");
        faults.push(at(message.line, message.column, what, None));
    } else if let Some(fault) = message.fault.as_ref().filter(|_| !is_git_revert(&message.subject)) {
        faults.push(at(message.line, fault.column, fault.what.to_owned(), fault.fixed.clone()));
    } else if let Some(kind) = kind.filter(|kind| !rules.table.knows(kind)) {
        let known: Vec<&str> = rules.table.types().collect();
        let what = format!("`{kind}` is no known type; known are {}", known.join(", "));
        let fixed = rules.nearest(kind).map(|nearest| with_type(&message.subject, nearest));
        faults.push(at(message.line, message.column, what, fixed));
    }
    // What the parser says of a header that does not parse, stands above already.
    let told = |line: usize| message.fault.is_some() && line == message.line;
    let notices = message.warnings.iter().filter(|notice| !told(notice.line));
    faults.extend(notices.map(|notice| at(notice.line, notice.column, notice.text.clone(), None)));
    let wrong = message.release_as.iter().filter(|asked| !rules.is_version(&asked.value));
    faults.extend(wrong.map(|asked| {
        let what = format!("`{}` is no version, so Release-As does nothing", asked.value);
        at(asked.line, asked.column, what, None)
    }));
    faults
}

/// What `git commit --fixup` and `--squash` put before a subject.
fn autosquash(subject: &str) -> Option<&'static str> {
    ["fixup!", "squash!", "amend!"].into_iter().find(|word| {
        subject.trim_start().strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// What `git revert` writes; of a revert it makes `Reapply` (git 2.43).
fn is_git_revert(subject: &str) -> bool {
    ["Revert \"", "Reapply \""].iter().any(|start| subject.starts_with(start))
}

/// A header that parses, with another type.
fn with_type(header: &str, kind: &str) -> String {
    let header = header.trim();
    let rest = header.find(['(', '!', ':']).and_then(|end| header.get(end..)).unwrap_or_default();
    format!("{kind}{rest}")
}

#[cfg(test)]
mod tests;
