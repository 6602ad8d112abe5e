//! Decides the next version: the version itself, or why there is nothing to release, or what prevents it.

use super::base::{Base, Rejected};
use super::classify::ClassifiedCommit;
use super::facts::{ReleaseLine, VersionRequest, VersionTag};
use super::target_version::{DecisionRules, TargetVersion};
use super::{checks, prerelease};
use crate::error::{Error, Result};
use crate::model::{Bump, CommitId, TagName, Version};
use std::collections::HashSet;

/// The next version, or why there is none, with everything that led to it.
#[derive(Clone, Debug)]
pub struct VersionDecision {
    /// The package.
    pub package: String,
    /// The commit that the version is for.
    pub head: CommitId,
    /// The line of releases.
    pub line: ReleaseLine,
    /// The base: the highest final version reachable from HEAD, or on a branch with a channel of a branch that makes finals.
    pub base: Option<VersionTag>,
    /// The base is not reachable from HEAD (V31).
    pub base_elsewhere: bool,
    /// What was released last on this line: the base, or else a prerelease.
    pub current: Option<VersionTag>,
    /// The next version; `None` if there is nothing to release.
    pub next: Option<Next>,
    /// The bump from the base to the next version.
    pub bump: Option<Bump>,
    /// What prevents the version that was computed (V3, V9); `next` is `None` then.
    pub refusal: Option<Error>,
    /// Why this version, or why none, in one sentence.
    pub reason: String,
    /// How the version was computed, one sentence for each step.
    pub steps: Vec<String>,
    /// Tags that are not the base, highest first.
    pub rejected: Vec<Rejected>,
    /// The commits since the base, children before parents.
    pub commits: Vec<ClassifiedCommit>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

/// A version to release, or one that HEAD has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// HEAD has this tag already (V5).
    pub already: bool,
}

/// Everything that a decision is made from.
#[derive(Debug)]
pub struct DecisionInput<'a> {
    /// The package.
    pub package: String,
    /// The commit that the version is for.
    pub head: CommitId,
    /// The line of releases.
    pub line: ReleaseLine,
    /// What the command line asks for.
    pub request: &'a VersionRequest,
    /// The base and the other tags.
    pub base: Base,
    /// A later release of this line that contains HEAD (V32).
    pub contained_in: Option<VersionTag>,
    /// The commits since the base.
    pub commits: Vec<ClassifiedCommit>,
    /// Where the commits lead.
    pub target: TargetVersion,
    /// The commits since the last prerelease of the target's core and channel, if there is one.
    pub since_prerelease: Option<HashSet<CommitId>>,
}

/// What the input leads to, unless something prevents it.
enum Outcome {
    Release(Next),
    /// Why there is nothing to release.
    Nothing(String),
}

/// Decides the next version. What prevents it is part of the decision, so that `--explain` can show how it came about.
pub fn decide(input: DecisionInput<'_>, rules: DecisionRules<'_>) -> VersionDecision {
    let mut warnings = input.base.warnings.clone();
    warnings.extend(input.target.warnings.iter().cloned());
    let (next, refusal, reason) = match outcome(&input, rules, &mut warnings) {
        Ok(Outcome::Release(next)) => {
            let reason = release_reason(&input, &next);
            (Some(next), None, reason)
        }
        Ok(Outcome::Nothing(reason)) => (None, None, reason),
        Err(error) => {
            let reason = error.message.clone();
            (None, Some(error), reason)
        }
    };
    let mut steps = input.target.steps;
    let new = next.as_ref().filter(|next| !next.already);
    steps.extend(new.and_then(|next| prerelease::counter_step(&input.base, &next.version)));
    let from = input.base.last.as_ref();
    let bump = next.as_ref().zip(from).and_then(|(next, from)| Bump::between(&from.version, &next.version));
    VersionDecision {
        package: input.package,
        head: input.head,
        line: input.line,
        current: input.base.current().cloned(),
        base_elsewhere: input.base.elsewhere,
        base: input.base.last,
        next,
        bump,
        refusal,
        reason,
        steps,
        rejected: input.base.rejected,
        commits: input.commits,
        warnings,
    }
}

fn outcome(
    input: &DecisionInput<'_>,
    rules: DecisionRules<'_>,
    warnings: &mut Vec<String>,
) -> Result<Outcome> {
    let DecisionInput { base, target, head, request, .. } = input;
    if let Some(version) = &request.version {
        return requested_version(input, version, rules).map(Outcome::Release);
    }
    if let Some(last) = base.last.as_ref().filter(|last| last.commit == *head) {
        return Ok(Outcome::Nothing(format!("HEAD is already released as {}", last.name)));
    }
    if let Some(tag) = &input.contained_in {
        return Ok(Outcome::Nothing(format!("already in {}", tag.name)));
    }
    if let Some(refusal) = &target.refusal {
        return Err(refusal.clone());
    }
    let Some(core) = &target.core else { return Ok(Outcome::Nothing(nothing_reason(input))) };
    let version = match &target.channel {
        None => core.clone(),
        Some((_, Some(last))) if last.commit == *head => {
            let (version, tag) = (last.version.clone(), last.name.clone());
            return Ok(Outcome::Release(Next { version, tag, already: true }));
        }
        Some((_, Some(last))) if !counts_since_prerelease(input) => {
            return Ok(Outcome::Nothing(format!("no commit since {} counts", last.name)));
        }
        Some((channel, _)) => prerelease::next(base, core, channel, target.exact.as_ref(), warnings),
    };
    checks::in_range(input, &version)?;
    let tag = rules.format.print(&version);
    checks::tag_is_free(base, &tag, &version, *head, rules)?;
    checks::above_base(input, &version)?;
    checks::final_is_free(input, &version)?;
    Ok(Outcome::Release(Next { version, tag, already: false }))
}

/// The version that the command line names, unless something prevents it.
fn requested_version(input: &DecisionInput<'_>, version: &Version, rules: DecisionRules<'_>) -> Result<Next> {
    let DecisionInput { base, head, .. } = input;
    if let Some(tag) = base.all.iter().find(|tag| tag.version == *version && tag.commit == *head) {
        return Ok(Next { version: version.clone(), tag: tag.name.clone(), already: true });
    }
    checks::in_range(input, version)?;
    let tag = rules.format.print(version);
    checks::tag_is_free(base, &tag, version, *head, rules)?;
    if let Some(last) = base.last.as_ref().filter(|last| version.precedence(&last.version).is_le()) {
        return Err(Error::refused(format!(
            "{version} is not higher than {}, which is reachable from HEAD",
            last.name
        ))
        .hint("`rel next --explain` shows which version is next"));
    }
    Ok(Next { version: version.clone(), tag, already: false })
}

/// Whether a commit since the last prerelease counts: it requires a bump, decides with `Release-As`, or reverts something
/// that the prerelease contains (V5).
fn counts_since_prerelease(input: &DecisionInput<'_>) -> bool {
    let Some(since) = &input.since_prerelease else { return true };
    if input.line.named.is_some() {
        // Every commit of a release branch goes into what is tested next (V35).
        let new = input.commits.iter().map(|classified| &classified.commit);
        return new.filter(|commit| since.contains(&commit.id)).any(|commit| {
            commit.touches && !commit.own && !commit.message.skipped && commit.parents.len() < 2
        });
    }
    // What the prerelease contains of this package: a revert of anything else changes nothing.
    let commits = input.commits.iter().map(|classified| &classified.commit);
    let contained: HashSet<CommitId> = commits
        .filter(|commit| commit.touches && !commit.own && !commit.message.skipped && commit.parents.len() < 2)
        .map(|commit| commit.id)
        .filter(|id| !since.contains(id))
        .collect();
    let mut new = input.commits.iter().filter(|classified| since.contains(&classified.commit.id));
    new.any(|ClassifiedCommit { commit, effect }| {
        effect.bump.is_some()
            || (effect.counts && input.target.requested_by == Some(commit.id))
            || effect.cancels.iter().any(|id| contained.contains(id))
    })
}

/// Why there is nothing to release.
fn nothing_reason(input: &DecisionInput<'_>) -> String {
    let since = input.base.current().map_or_else(String::new, |tag| format!(" since {}", tag.name));
    let counting = input.commits.iter().filter(|classified| classified.effect.counts).count();
    match (input.commits.len(), counting) {
        (0, _) => format!("no commits{since}"),
        (1, _) => format!("the only commit{since} does not require a release"),
        (all, 0) => format!("none of the {all} commits{since} counts for {}", input.package),
        (all, _) => format!("none of the {all} commits{since} requires a release"),
    }
}

/// Why this version, in one sentence.
fn release_reason(input: &DecisionInput<'_>, next: &Next) -> String {
    if next.already {
        return format!("HEAD is already released as {}", next.tag);
    }
    if input.request.version.is_some() {
        return "the version was given on the command line".to_owned();
    }
    let since = input.base.last.as_ref().map_or_else(String::new, |tag| format!(" since {}", tag.name));
    let counted = input.commits.iter().filter(|classified| classified.effect.bump.is_some()).count();
    let (noun, verb) = if counted == 1 { ("commit", "counts") } else { ("commits", "count") };
    match input.target.steps.last() {
        Some(step) => format!("{step} ({counted} {noun}{since} {verb})"),
        None => format!("{counted} {noun}{since} {verb}"),
    }
}
