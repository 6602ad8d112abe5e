//! What every commit does to the version, and why. Pure.

use super::cancel::cancelled;
use super::facts::{Commit, Hash};
use crate::model::message::Unit;
use crate::model::{Bump, BumpTable, CommitId};
use std::collections::{HashMap, HashSet};

/// A commit with its part in the decision.
#[derive(Clone, Debug)]
pub struct ClassifiedCommit {
    /// The commit.
    pub commit: Commit,
    /// Its part.
    pub verdict: Verdict,
}

/// A commit's part in the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it asks for; `None` for nothing.
    pub bump: Option<Bump>,
    /// Why, as a fragment.
    pub why: String,
    /// It is neither a merge nor skipped nor cancelled nor elsewhere: its footers count.
    pub alive: bool,
    /// What it cancels (V5).
    pub cancels: Vec<CommitId>,
}

impl ClassifiedCommit {
    /// The unit that speaks for the commit: the one with the highest bump, else the first.
    pub fn voice(&self, table: &BumpTable) -> Option<&Unit> {
        let units = &self.commit.message.units;
        units
            .iter()
            .rev()
            .max_by_key(|unit| unit.bump(table))
            .filter(|unit| unit.bump(table).is_some())
            .or_else(|| units.first())
    }

    /// What a person recognises the commit by; where a part of a squash is what counts, that part as well.
    pub fn headline(&self, table: &BumpTable) -> String {
        let subject = &self.commit.message.subject;
        match self.voice(table).filter(|unit| unit.part && self.verdict.bump.is_some()) {
            Some(unit) => {
                let bang = if unit.breaking { "!" } else { "" };
                format!("{subject} › {}{bang}: {}", unit.kind.as_deref().unwrap_or_default(), unit.subject)
            }
            None => subject.clone(),
        }
    }
}

/// The quoted hashes that name nothing in the range: somebody who knows the repository must say what they name.
pub fn unresolved(commits: &[Commit]) -> HashSet<String> {
    cancelled(commits).outside.into_values().flatten().collect()
}

/// Weighs the commits of a range, children before parents. `hashes` answers what `unresolved` asked.
pub fn weigh(
    commits: Vec<Commit>,
    table: &BumpTable,
    hashes: &HashMap<String, Hash>,
) -> (Vec<ClassifiedCommit>, Vec<String>) {
    let cancelled = cancelled(&commits);
    let mut warnings = Vec::new();
    let mut strangers = Vec::new();
    let mut weighed = Vec::with_capacity(commits.len());
    for commit in commits {
        let takes = cancelled.takes.get(&commit.id).cloned().unwrap_or_default();
        let outside = cancelled.outside.get(&commit.id).map(Vec::as_slice).unwrap_or_default();
        let dead = |why: String, cancels: Vec<CommitId>| Verdict { bump: None, why, alive: false, cancels };
        let verdict = if commit.own {
            dead("rel's own release commit".into(), Vec::new())
        } else if commit.parents.len() > 1 {
            dead("a merge; what it brings counts itself".into(), Vec::new())
        } else if let Some(revert) = cancelled.by.get(&commit.id) {
            dead(format!("reverted by {}", revert.short()), Vec::new())
        } else if commit.message.skipped {
            dead("marked [skip release]".into(), takes)
        } else if !commit.touches {
            dead("touches no path of this package".into(), takes)
        } else if !takes.is_empty() && outside.is_empty() {
            let first = takes.first().map_or_else(String::new, CommitId::short);
            let more = if takes.len() > 1 { format!(" and {} more", takes.len() - 1) } else { String::new() };
            dead(format!("reverts {first}{more}, so both are nothing"), takes)
        } else {
            let mut verdict = own_words(&commit, table);
            for hash in outside {
                let short = hash.get(..7).unwrap_or(hash);
                let unknown = hashes.get(hash) == Some(&Hash::Unknown);
                let patch = table.bump("revert");
                if patch > verdict.bump {
                    verdict.bump = patch;
                    let what = if unknown { "is not in this repository" } else { "was released already" };
                    verdict.why = format!("reverts {short}, which {what}");
                }
                if unknown && patch.is_some() {
                    strangers.push(format!("{} reverts {short}", commit.id.short()));
                }
            }
            verdict.cancels = takes;
            verdict
        };
        if verdict.alive {
            warnings.extend(
                commit.message.warnings.iter().map(|warning| format!("{}: {warning}", commit.id.short())),
            );
        }
        weighed.push(ClassifiedCommit { commit, verdict });
    }
    warnings.extend(told(&strangers));
    (weighed, warnings)
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
fn own_words(commit: &Commit, table: &BumpTable) -> Verdict {
    let units = &commit.message.units;
    let loudest = units.iter().rev().max_by_key(|unit| unit.bump(table));
    let said = loudest.and_then(|unit| unit.bump(table));
    let why = match loudest {
        None => "not a conventional commit".to_owned(),
        Some(unit) => words(unit, said, table),
    };
    let why = if units.len() > 1 { format!("{why}, in a squash of {}", units.len()) } else { why };
    // A unit that asked to be left out is left out.
    let otherwise = table.otherwise.filter(|_| said.is_none() && !units.iter().any(|unit| unit.skipped));
    let why = if otherwise.is_some() { format!("otherwise ({why})") } else { why };
    let bump = said.or(otherwise);
    Verdict { bump, why, alive: true, cancels: Vec::new() }
}

fn words(unit: &Unit, bump: Option<Bump>, table: &BumpTable) -> String {
    match (&unit.kind, bump) {
        (_, None) if unit.skipped => "marked [skip release]".into(),
        (_, Some(_)) if unit.breaking => "breaking change".into(),
        (Some(kind), _) if table.knows(kind) => kind.clone(),
        (Some(kind), _) => format!("{kind} is no known type"),
        (None, _) => "not a conventional commit".into(),
    }
}
