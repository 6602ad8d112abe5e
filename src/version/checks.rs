//! What can prevent a computed version: the range of the branch, a tag that exists, a higher release on the line.

use super::base::Base;
use super::decide::DecisionInput;
use super::facts::VersionTag;
use super::target_version::DecisionRules;
use crate::error::{Error, Result};
use crate::model::{CommitId, TagName, Version};

/// Refuses a version outside the range of the branch (V9).
pub(super) fn in_range(input: &DecisionInput<'_>, version: &Version) -> Result<()> {
    let Some(range) = input.line.range.filter(|range| !range.contains(version)) else { return Ok(()) };
    let branch = branch_words(input, "this branch");
    let mut error =
        Error::refused(format!("{branch} releases only {range}, but the next version would be {version}"));
    let requested = input
        .target
        .requested_by
        .and_then(|id| input.commits.iter().find(|classified| classified.commit.id == id));
    let highest = input.commits.iter().rev().max_by_key(|classified| classified.effect.bump);
    if let Some(classified) = requested.or(highest).filter(|_| input.request.bump.is_none()) {
        let commit = &classified.commit;
        error = error.cause(format!("{} requires it: {}", commit.id.short(), commit.message.subject));
    }
    Err(error.hint("move the change to another branch, or choose the version with --bump"))
}

/// Refuses a version whose tag exists on another commit (V3).
pub(super) fn tag_is_free(
    base: &Base,
    tag: &TagName,
    version: &Version,
    head: CommitId,
    rules: DecisionRules<'_>,
) -> Result<()> {
    let same = |other: &&VersionTag| other.name == *tag || other.version.precedence(version).is_eq();
    let Some(other) = base.all.iter().find(same).filter(|other| other.commit != head) else { return Ok(()) };
    let branches = (rules.branches)(other.commit);
    let by = (rules.tagger)(&other.name).map_or_else(String::new, |name| format!(", by {name}"));
    let place = if branches.is_empty() {
        "no branch contains it".to_owned()
    } else {
        format!("branches that contain it: {}", branches.join(", "))
    };
    let name = &other.name;
    Err(Error::conflict(format!(
        "the next version is {version}, but tag {name} exists on another commit, {}{by}",
        other.commit.short()
    ))
    .cause(place)
    .hint(format!("`git log {name}..HEAD` and `git log HEAD..{name}` show how they differ"))
    .hint("merge that branch first, or choose another version with --bump"))
}

/// Refuses a version of the branch name that is not higher than what is released on this line.
pub(super) fn above_base(input: &DecisionInput<'_>, version: &Version) -> Result<()> {
    let Some(last) = input.base.last.as_ref().filter(|last| version.precedence(&last.version).is_le()) else {
        return Ok(());
    };
    let branch = branch_words(input, "the branch");
    Err(Error::refused(format!(
        "{branch} asks for {version}, but {} has already been released on this branch",
        last.name
    ))
    .hint("start a release branch with a higher version"))
}

/// Refuses a prerelease of a core whose final version exists: it would sort below it (V31).
pub(super) fn final_is_free(input: &DecisionInput<'_>, version: &Version) -> Result<()> {
    let core = version.core();
    let same = |tag: &&VersionTag| tag.version.is_final() && tag.version.core() == core;
    let Some(released) = input.base.all.iter().find(same).filter(|_| !version.is_final()) else {
        return Ok(());
    };
    let error = Error::conflict(format!(
        "the next version is {version}, but {} has already been released from {}",
        released.name,
        released.commit.short()
    ));
    Err(match input.line.named {
        Some(_) => error.hint("start a release branch with a higher version"),
        None => error.hint("merge the branch that has it first, or choose another version with --bump"),
    })
}

fn branch_words(input: &DecisionInput<'_>, otherwise: &str) -> String {
    input.line.branch.as_ref().map_or_else(|| otherwise.to_owned(), |branch| format!("branch {branch}"))
}
