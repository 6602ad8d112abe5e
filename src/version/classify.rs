//! Classifies the commits of a range: the effect of each on the version, and why.

use super::commit_reason::{ChangeReason, CommitReason};
use super::facts::{Commit, QuotedHash};
use super::reverts::{Cancellations, cancellations};
use crate::model::message::Change;
use crate::model::{BumpTable, CommitId};
use std::collections::{HashMap, HashSet};

/// A commit with its effect on the version.
#[derive(Clone, Debug)]
pub struct ClassifiedCommit {
    /// The commit.
    pub commit: Commit,
    /// Its effect.
    pub effect: CommitEffect,
}

/// The effect of a commit on the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitEffect {
    /// The bump that it requires; `None` for none.
    pub bump: Option<crate::model::Bump>,
    /// Why.
    pub reason: CommitReason,
    /// Its footers count: it is neither a merge, nor skipped, cancelled, or of other packages only.
    pub counts: bool,
    /// The commits that it cancels (V5).
    pub cancels: Vec<CommitId>,
}

impl ClassifiedCommit {
    /// Returns the change that decides for the commit: the one with the highest bump, otherwise the first.
    pub fn primary_change(&self, table: &BumpTable) -> Option<&Change> {
        let changes = &self.commit.message.changes;
        highest(changes, table).filter(|change| change.bump(table).is_some()).or_else(|| changes.first())
    }

    /// Returns the subject; if a part of a squash decides, followed by that part.
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

/// Returns the quoted hashes that name no commit in the range. The caller looks them up in the repository for `classify`.
pub fn unresolved_hashes(commits: &[Commit]) -> HashSet<String> {
    cancellations(commits).outside.into_values().flatten().collect()
}

/// Classifies the commits of a range, ordered children before parents. `hashes` answers `unresolved_hashes`. Also returns
/// warnings for the user.
pub fn classify(
    commits: Vec<Commit>,
    table: &BumpTable,
    hashes: &HashMap<String, QuotedHash>,
) -> (Vec<ClassifiedCommit>, Vec<String>) {
    let cancelled = cancellations(&commits);
    let (mut warnings, mut unknown) = (Vec::new(), Vec::new());
    let mut classified = Vec::with_capacity(commits.len());
    for commit in commits {
        let effect = match without_effect(&commit, &cancelled) {
            Some(effect) => effect,
            None => effect(&commit, table, &cancelled, hashes, &mut unknown),
        };
        if effect.counts {
            let notices = commit.message.warnings.iter();
            warnings.extend(notices.map(|notice| format!("{}: {notice}", commit.id.short())));
        }
        classified.push(ClassifiedCommit { commit, effect });
    }
    warnings.extend(unknown_reverts(&unknown));
    (classified, warnings)
}

/// The effect of a commit that does not count; `None` if its message decides.
fn without_effect(commit: &Commit, cancelled: &Cancellations) -> Option<CommitEffect> {
    let cancels = cancelled.cancels.get(&commit.id).map(Vec::as_slice).unwrap_or_default();
    let reason = if commit.own {
        CommitReason::ReleaseCommit
    } else if commit.parents.len() > 1 {
        CommitReason::Merge
    } else if let Some(revert) = cancelled.by.get(&commit.id) {
        CommitReason::RevertedBy(*revert)
    } else if commit.message.skipped {
        CommitReason::Skipped
    } else if !commit.touches {
        CommitReason::OtherPaths
    } else if let Some((first, more)) =
        cancels.split_first().filter(|_| !cancelled.outside.contains_key(&commit.id))
    {
        CommitReason::Reverts { first: *first, more: more.len() }
    } else {
        return None;
    };
    // A revert cancels although it is skipped or touches other packages only (V16, V19).
    let reverts =
        matches!(reason, CommitReason::Skipped | CommitReason::OtherPaths | CommitReason::Reverts { .. });
    let cancels = if reverts { cancels.to_vec() } else { Vec::new() };
    Some(CommitEffect { bump: None, reason, counts: false, cancels })
}

/// The effect of a commit that counts: that of its message, or a patch for a revert of something outside the range (V20).
/// Appends reverts of unknown commits to `unknown`.
fn effect(
    commit: &Commit,
    table: &BumpTable,
    cancelled: &Cancellations,
    hashes: &HashMap<String, QuotedHash>,
    unknown: &mut Vec<String>,
) -> CommitEffect {
    let mut effect = message_effect(commit, table);
    for hash in cancelled.outside.get(&commit.id).into_iter().flatten() {
        let short = hash.get(..7).unwrap_or(hash);
        let is_unknown = hashes.get(hash) == Some(&QuotedHash::Unknown);
        let patch = table.bump("revert");
        if patch > effect.bump {
            effect.bump = patch;
            effect.reason = match is_unknown {
                true => CommitReason::RevertsUnknown(short.to_owned()),
                false => CommitReason::RevertsReleased(short.to_owned()),
            };
        }
        if is_unknown && patch.is_some() {
            unknown.push(format!("{} reverts {short}", commit.id.short()));
        }
    }
    effect.cancels = cancelled.cancels.get(&commit.id).cloned().unwrap_or_default();
    effect
}

/// One warning about all reverts of commits that are not in the repository.
fn unknown_reverts(reverts: &[String]) -> Option<String> {
    let (first, more) = reverts.split_first()?;
    Some(match more.len() {
        0 => format!("{first}, which is not in this repository; it counts as a patch"),
        more => {
            format!("{first}, which is not in this repository, and so do {more} more; each counts as a patch")
        }
    })
}

/// The effect that the message itself asks for.
fn message_effect(commit: &Commit, table: &BumpTable) -> CommitEffect {
    let changes = &commit.message.changes;
    let highest = highest(changes, table);
    let required = highest.and_then(|change| change.bump(table));
    let change = match highest {
        None => ChangeReason::NotConventional,
        Some(change) => change_reason(change, table),
    };
    // A change that is marked [skip release] is not released by `otherwise` either.
    let otherwise =
        table.otherwise.filter(|_| required.is_none() && !changes.iter().any(|change| change.skipped));
    let reason = CommitReason::Message { change, changes: changes.len(), otherwise: otherwise.is_some() };
    CommitEffect { bump: required.or(otherwise), reason, counts: true, cancels: Vec::new() }
}

fn change_reason(change: &Change, table: &BumpTable) -> ChangeReason {
    match &change.kind {
        _ if change.skipped => ChangeReason::Skipped,
        _ if change.bump(table).is_some() && change.breaking => ChangeReason::Breaking,
        Some(kind) if table.knows(kind) => ChangeReason::Type(kind.clone()),
        Some(kind) => ChangeReason::UnknownType(kind.clone()),
        None => ChangeReason::NotConventional,
    }
}

/// The change with the highest bump, the first of several.
fn highest<'c>(changes: &'c [Change], table: &BumpTable) -> Option<&'c Change> {
    changes.iter().rev().max_by_key(|change| change.bump(table))
}
