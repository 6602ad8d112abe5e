//! The last step: the version itself, or why there is none; what stands in the way. Pure.

use super::base::{Base, Rejected};
use super::classify::ClassifiedCommit;
use super::facts::{ReleaseLine, VersionRequest, VersionTag};
use super::target_version::{DecisionRules, TargetVersion};
use crate::error::{Error, Result};
use crate::model::{Bump, Channel, CommitId, TagFormat, TagName, Version};
use std::collections::HashSet;

/// The next version, or why there is none, with all that led there.
#[derive(Clone, Debug)]
pub struct VersionDecision {
    /// The package.
    pub package: String,
    /// The commit that the version is for.
    pub head: CommitId,
    /// The line of releases.
    pub line: ReleaseLine,
    /// What it stands on.
    pub base: Option<VersionTag>,
    /// What was released last on this line: the base, else a prerelease.
    pub current: Option<VersionTag>,
    /// How tags are written.
    pub format: TagFormat,
    /// The answer; `None` where nothing is to release.
    pub next: Option<Next>,
    /// From the base to the next version.
    pub bump: Option<Bump>,
    /// What is in the way of a version that the commits lead to (V3, V9); there is no next one then.
    pub refusal: Option<Error>,
    /// One sentence: why this version, or why none.
    pub reason: String,
    /// How it came about, one sentence a step.
    pub steps: Vec<String>,
    /// Tags that are not the base, the highest first.
    pub rejected: Vec<Rejected>,
    /// The commits since the base, children before parents.
    pub commits: Vec<ClassifiedCommit>,
    /// Sentences for a person.
    pub warnings: Vec<String>,
}

/// A version to be released, or already so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// HEAD bears it already (V5).
    pub already: bool,
}

/// All that a conclusion is drawn from.
#[derive(Debug)]
pub struct DecisionInput<'a> {
    /// The package.
    pub package: String,
    /// The commit that the version is for.
    pub head: CommitId,
    /// The line of releases.
    pub line: ReleaseLine,
    /// What a person asked for.
    pub request: &'a VersionRequest,
    /// What it stands on.
    pub base: Base,
    /// The commits since the base.
    pub commits: Vec<ClassifiedCommit>,
    /// Where they lead.
    pub target: TargetVersion,
    /// The commits since the last prerelease of that core and channel, where there is one.
    pub since: Option<HashSet<CommitId>>,
}

/// Draws the conclusion. A refusal is part of it, so that whoever asks why is shown how it came about.
pub fn decide(case: DecisionInput<'_>, rules: DecisionRules<'_>) -> Result<VersionDecision> {
    let mut warnings = case.base.warnings.clone();
    warnings.extend(case.target.warnings.iter().cloned());
    let (next, refusal, reason) = match answer(&case, rules, &mut warnings) {
        Ok(Ok(next)) => {
            let reason = reason(&case, &next);
            (Some(next), None, reason)
        }
        Ok(Err(reason)) => (None, None, reason),
        Err(error) => {
            let reason = error.message.clone();
            (None, Some(error), reason)
        }
    };
    let mut steps = case.target.steps;
    steps.extend(next.as_ref().and_then(|next| channel_step(&case.base, next)));
    let current = case.base.current().cloned();
    let from = case.base.last.as_ref();
    let bump = next.as_ref().zip(from).and_then(|(next, from)| Bump::between(&from.version, &next.version));
    Ok(VersionDecision {
        package: case.package,
        head: case.head,
        line: case.line,
        base: case.base.last,
        current,
        format: rules.format.clone(),
        next,
        bump,
        refusal,
        reason,
        steps,
        rejected: case.base.rejected,
        commits: case.commits,
        warnings,
    })
}

/// The next version, or a sentence that says why there is none.
fn answer(
    case: &DecisionInput<'_>,
    rules: DecisionRules<'_>,
    warnings: &mut Vec<String>,
) -> Result<std::result::Result<Next, String>> {
    let DecisionInput { base, target, head, line, request, .. } = case;
    if let Some(version) = &request.version {
        return asked_for(case, version, rules).map(Ok);
    }
    if let Some(last) = base.last.as_ref().filter(|last| last.commit == *head) {
        return Ok(Err(format!("HEAD is {} already", last.name)));
    }
    let Some(core) = &target.core else { return Ok(Err(nothing(case))) };
    let version = match &target.channel {
        None => core.clone(),
        Some((channel, last)) => {
            if let Some(last) = last {
                if last.commit == *head {
                    return Ok(Ok(Next {
                        version: last.version.clone(),
                        tag: last.name.clone(),
                        already: true,
                    }));
                }
                if !counts_since(case) {
                    return Ok(Err(format!("nothing that counts since {}", last.name)));
                }
            }
            prerelease(base, core, channel, target.exact.as_ref(), warnings)
        }
    };
    in_range(case, &version)?;
    let tag = rules.format.print(&version);
    taken(base, &tag, &version, *head, rules)?;
    above(base, line, &version)?;
    Ok(Ok(Next { version, tag, already: false }))
}

/// The version that a person asked for, where nothing is in its way.
fn asked_for(case: &DecisionInput<'_>, version: &Version, rules: DecisionRules<'_>) -> Result<Next> {
    let DecisionInput { base, head, .. } = case;
    let made = base.all.iter().find(|tag| tag.version == *version && tag.commit == *head);
    if let Some(made) = made {
        return Ok(Next { version: version.clone(), tag: made.name.clone(), already: true });
    }
    in_range(case, version)?;
    let tag = rules.format.print(version);
    taken(base, &tag, version, *head, rules)?;
    if let Some(last) = base.last.as_ref().filter(|last| version.precedence(&last.version).is_le()) {
        return Err(Error::refused(format!("{version} is not above {}, which HEAD reaches", last.name))
            .hint("a release only goes forward; `rel next --explain` says what comes next"));
    }
    Ok(Next { version: version.clone(), tag, already: false })
}

/// How the counter of a prerelease came about.
fn channel_step(base: &Base, next: &Next) -> Option<String> {
    let (channel, counter) = next.version.channel().filter(|_| !next.already)?;
    let core = next.version.core();
    let before = base.all.iter().filter(|tag| {
        tag.version.core() == core && tag.version.channel().is_some_and(|(name, _)| name == channel)
    });
    Some(match before.max_by_key(|tag| tag.version.clone()) {
        Some(tag) => format!("{} exists, so this is {channel}.{counter}", tag.name),
        None => format!("the first {channel} of {core}"),
    })
}

/// A commit since the last prerelease moves the version, asks for one, or takes back something that the last
/// prerelease contains (V5).
fn counts_since(case: &DecisionInput<'_>) -> bool {
    let Some(since) = &case.since else { return true };
    // What the last prerelease contains of this package: what takes away something else changes nothing.
    let theirs = case.commits.iter().map(|classified| &classified.commit);
    let counted = theirs.filter(|commit| {
        commit.touches && !commit.own && !commit.message.skipped && commit.parents.len() < 2
    });
    let contained: HashSet<CommitId> = counted.map(|commit| commit.id).collect();
    let new = case.commits.iter().filter(|classified| since.contains(&classified.commit.id));
    new.into_iter().any(|classified| {
        classified.effect.bump.is_some()
            || (classified.effect.counts
                && !classified.commit.message.release_as.is_empty()
                && case.target.requested_by == Some(classified.commit.id))
            || classified.effect.cancels.iter().any(|id| !since.contains(id) && contained.contains(id))
    })
}

/// The next of a core and channel: the counter looks at all tags, reached or not (V4).
fn prerelease(
    base: &Base,
    core: &Version,
    channel: &Channel,
    exact: Option<&Version>,
    warnings: &mut Vec<String>,
) -> Version {
    let same_core = || base.all.iter().filter(|tag| tag.version.core() == *core);
    let highest = same_core()
        .filter_map(|tag| tag.version.channel())
        .filter(|(name, _)| name == channel)
        .map(|(_, counter)| counter)
        .max();
    let mut version = core.prerelease(channel, highest.map_or(1, |counter| counter.saturating_add(1)));
    if let Some(exact) = exact.filter(|exact| {
        **exact > version || !base.all.iter().any(|tag| tag.version == **exact) && highest.is_none()
    }) {
        version = exact.clone();
    }
    if let Some(above) = same_core()
        .filter(|tag| !tag.version.is_final() && tag.version > version)
        .max_by(|a, b| a.version.cmp(&b.version))
    {
        warnings.push(format!("{version} sorts below {}, which exists", above.name));
    }
    if let Some(last) = same_core().find(|tag| tag.version.is_final()) {
        warnings.push(format!(
            "{} is released already, on a line that HEAD does not reach: {version} sorts below it",
            last.name
        ));
    }
    version
}

/// V9.
fn in_range(case: &DecisionInput<'_>, version: &Version) -> Result<()> {
    let line = &case.line;
    let Some(range) = line.range.filter(|range| !range.contains(version)) else { return Ok(()) };
    let branch =
        line.branch.as_ref().map_or_else(|| "this branch".to_owned(), |branch| format!("branch {branch}"));
    let error = Error::refused(format!("{branch} releases {range}, and the next version would be {version}"));
    let asking = case
        .target
        .requested_by
        .and_then(|id| case.commits.iter().find(|classified| classified.commit.id == id));
    let loudest = case.commits.iter().rev().max_by_key(|classified| classified.effect.bump);
    let error = match asking.or(loudest).filter(|_| case.request.bump.is_none()) {
        Some(classified) => error.cause(format!(
            "{} asks for it: {}",
            classified.commit.id.short(),
            classified.commit.message.subject
        )),
        None => error,
    };
    Err(error.hint("it belongs on another branch, or `--bump` says otherwise"))
}

/// V3.
fn taken(
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
        "no branch holds it".to_owned()
    } else {
        format!("branches that hold it: {}", branches.join(", "))
    };
    let name = &other.name;
    Err(Error::conflict(format!(
        "the next version is {version}, and tag {name} exists on another commit, {}{by}",
        other.commit.short()
    ))
    .cause(place)
    .hint(format!("`git log {name}..HEAD` and `git log HEAD..{name}` show how far they are apart"))
    .hint("merge that line first, or release another version with --bump"))
}

/// A version that the branch's name says may lie below what is released on this very line.
fn above(base: &Base, line: &ReleaseLine, version: &Version) -> Result<()> {
    let Some(last) = base.last.as_ref().filter(|last| version.precedence(&last.version).is_le()) else {
        return Ok(());
    };
    let branch =
        line.branch.as_ref().map_or_else(|| "the branch".to_owned(), |branch| format!("branch {branch}"));
    Err(Error::refused(format!("{branch} asks for {version}, and {} is released on this line", last.name))
        .hint("start a release branch with a higher version"))
}

/// Why there is nothing to release.
fn nothing(case: &DecisionInput<'_>) -> String {
    let since = case.base.current().map_or_else(String::new, |tag| format!(" since {}", tag.name));
    let present = case.commits.iter().filter(|classified| classified.effect.counts).count();
    match (case.commits.len(), present) {
        (0, _) => format!("no commits{since}"),
        (1, _) => format!("the one commit{since} releases nothing"),
        (all, 0) => format!("none of the {all} commits{since} counts for {}", case.package),
        (all, _) => format!("none of the {all} commits{since} releases anything"),
    }
}

/// Why this version, in one sentence.
fn reason(case: &DecisionInput<'_>, next: &Next) -> String {
    if next.already {
        return format!("HEAD is {} already", next.tag);
    }
    if case.request.version.is_some() {
        return "the version was asked for".to_owned();
    }
    let since = case.base.last.as_ref().map_or_else(String::new, |tag| format!(" since {}", tag.name));
    let counted = case.commits.iter().filter(|classified| classified.effect.bump.is_some()).count();
    let plural = if counted == 1 { "commit counts" } else { "commits count" };
    match case.target.steps.last() {
        Some(step) => format!("{step} ({counted} {plural}{since})"),
        None => format!("{counted} {plural}{since}"),
    }
}
