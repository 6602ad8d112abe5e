//! What every commit does to the version, and why. Pure.

use super::cancel::cancelled;
use super::facts::{Commit, QuotedHash};
use crate::model::message::Change;
use crate::model::{Bump, BumpTable, CommitId};
use std::collections::{HashMap, HashSet};

/// A commit with its part in the decision.
#[derive(Clone, Debug)]
pub struct ClassifiedCommit {
    /// The commit.
    pub commit: Commit,
    /// Its part.
    pub effect: CommitEffect,
}

/// A commit's part in the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitEffect {
    /// What it asks for; `None` for nothing.
    pub bump: Option<Bump>,
    /// Why, as a fragment.
    pub why: String,
    /// It is neither a merge nor skipped nor cancelled nor elsewhere: its footers count.
    pub counts: bool,
    /// What it cancels (V5).
    pub cancels: Vec<CommitId>,
}

impl ClassifiedCommit {
    /// The change that speaks for the commit: the one with the highest bump, else the first.
    pub fn primary_change(&self, table: &BumpTable) -> Option<&Change> {
        let changes = &self.commit.message.changes;
        changes
            .iter()
            .rev()
            .max_by_key(|change| change.bump(table))
            .filter(|change| change.bump(table).is_some())
            .or_else(|| changes.first())
    }

    /// What a person recognises the commit by; where a part of a squash is what counts, that part as well.
    pub fn headline(&self, table: &BumpTable) -> String {
        let subject = &self.commit.message.subject;
        match self.primary_change(table).filter(|change| change.part && self.effect.bump.is_some()) {
            Some(change) => {
                let bang = if change.breaking { "!" } else { "" };
                format!(
                    "{subject} › {}{bang}: {}",
                    change.kind.as_deref().unwrap_or_default(),
                    change.subject
                )
            }
            None => subject.clone(),
        }
    }
}

/// The quoted hashes that name nothing in the range: somebody who knows the repository must say what they name.
pub fn unresolved_hashes(commits: &[Commit]) -> HashSet<String> {
    cancelled(commits).outside.into_values().flatten().collect()
}

/// Weighs the commits of a range, children before parents. `hashes` answers what `unresolved_hashes` asked.
pub fn classify(
    commits: Vec<Commit>,
    table: &BumpTable,
    hashes: &HashMap<String, QuotedHash>,
) -> (Vec<ClassifiedCommit>, Vec<String>) {
    let cancelled = cancelled(&commits);
    let mut warnings = Vec::new();
    let mut strangers = Vec::new();
    let mut classified = Vec::with_capacity(commits.len());
    for commit in commits {
        let cancels = cancelled.cancels.get(&commit.id).cloned().unwrap_or_default();
        let outside = cancelled.outside.get(&commit.id).map(Vec::as_slice).unwrap_or_default();
        let dead =
            |why: String, cancels: Vec<CommitId>| CommitEffect { bump: None, why, counts: false, cancels };
        let effect = if commit.own {
            dead("rel's own release commit".into(), Vec::new())
        } else if commit.parents.len() > 1 {
            dead("a merge; what it brings counts itself".into(), Vec::new())
        } else if let Some(revert) = cancelled.by.get(&commit.id) {
            dead(format!("reverted by {}", revert.short()), Vec::new())
        } else if commit.message.skipped {
            dead("marked [skip release]".into(), cancels)
        } else if !commit.touches {
            dead("touches no path of this package".into(), cancels)
        } else if !cancels.is_empty() && outside.is_empty() {
            let first = cancels.first().map_or_else(String::new, CommitId::short);
            let more =
                if cancels.len() > 1 { format!(" and {} more", cancels.len() - 1) } else { String::new() };
            dead(format!("reverts {first}{more}, so both are nothing"), cancels)
        } else {
            let mut effect = own_words(&commit, table);
            for hash in outside {
                let short = hash.get(..7).unwrap_or(hash);
                let unknown = hashes.get(hash) == Some(&QuotedHash::Unknown);
                let patch = table.bump("revert");
                if patch > effect.bump {
                    effect.bump = patch;
                    let what = if unknown { "is not in this repository" } else { "was released already" };
                    effect.why = format!("reverts {short}, which {what}");
                }
                if unknown && patch.is_some() {
                    strangers.push(format!("{} reverts {short}", commit.id.short()));
                }
            }
            effect.cancels = cancels;
            effect
        };
        if effect.counts {
            warnings.extend(
                commit.message.warnings.iter().map(|warning| format!("{}: {warning}", commit.id.short())),
            );
        }
        classified.push(ClassifiedCommit { commit, effect });
    }
    warnings.extend(told(&strangers));
    (classified, warnings)
}

/// Reverts of what is not here, in one sentence however many there are.
fn told(strangers: &[String]) -> Option<String> {
    let first = strangers.first()?;
    let more = strangers.len() - 1;
    Some(match more {
        0 => format!("{first}, which is not in this repository; it counts as a patch"),
        _ => format!(
            "{first}, which is not in this repository, and {more} more do the like; each counts as a patch"
        ),
    })
}

/// What a commit says for itself.
fn own_words(commit: &Commit, table: &BumpTable) -> CommitEffect {
    let changes = &commit.message.changes;
    let loudest = changes.iter().rev().max_by_key(|change| change.bump(table));
    let said = loudest.and_then(|change| change.bump(table));
    let why = match loudest {
        None => "not a conventional commit".to_owned(),
        Some(change) => words(change, said, table),
    };
    let why = if changes.len() > 1 { format!("{why}, in a squash of {}", changes.len()) } else { why };
    // A change that asked to be left out is left out.
    let otherwise =
        table.otherwise.filter(|_| said.is_none() && !changes.iter().any(|change| change.skipped));
    let why = if otherwise.is_some() { format!("otherwise ({why})") } else { why };
    let bump = said.or(otherwise);
    CommitEffect { bump, why, counts: true, cancels: Vec::new() }
}

fn words(change: &Change, bump: Option<Bump>, table: &BumpTable) -> String {
    match (&change.kind, bump) {
        (_, None) if change.skipped => "marked [skip release]".into(),
        (_, Some(_)) if change.breaking => "breaking change".into(),
        (Some(kind), _) if table.knows(kind) => kind.clone(),
        (Some(kind), _) => format!("{kind} is no known type"),
        (None, _) => "not a conventional commit".into(),
    }
}
