//! Where the commits lead: the core of the next version, and on a prerelease line its channel. Pure.

use super::base::Base;
use super::classify::ClassifiedCommit;
use super::facts::{ReleaseLine, VersionRequest, VersionTag};
use super::release_as::{self, RequestedVersion};
use crate::error::{Error, Result};
use crate::model::{Bump, Channel, CommitId, TagFormat, TagName, Version, Zero};

/// The settings that decide.
#[derive(Clone, Copy)]
pub struct DecisionRules<'a> {
    /// The first version.
    pub initial: &'a Version,
    /// The law below 1.0.
    pub zero: Zero,
    /// Cores of prereleases that were given up (V2).
    pub abandoned: &'a [Version],
    /// How tags are written.
    pub format: &'a TagFormat,
    /// Names the branches that contain a commit; asked only where something is refused.
    pub branches: &'a dyn Fn(CommitId) -> Vec<String>,
    /// Names who made a tag; asked only where something is refused.
    pub tagger: &'a dyn Fn(&TagName) -> Option<String>,
}

/// Where the commits lead.
#[derive(Clone, Debug)]
pub struct TargetVersion {
    /// The core of the next version; `None` where nothing is to release.
    pub core: Option<Version>,
    /// A whole prerelease that `Release-As` asked for.
    pub exact: Option<Version>,
    /// The channel, and the highest prerelease of this core and channel that HEAD reaches.
    pub channel: Option<(Channel, Option<VersionTag>)>,
    /// The commit whose `Release-As` decided.
    pub requested_by: Option<CommitId>,
    /// How it came about, one sentence a step.
    pub steps: Vec<String>,
    /// Sentences for a person.
    pub warnings: Vec<String>,
}

/// Finds where the commits lead.
pub fn compute_core(
    base: &Base,
    commits: &[ClassifiedCommit],
    line: &ReleaseLine,
    request: &VersionRequest,
    rules: DecisionRules<'_>,
) -> Result<TargetVersion> {
    let mut warnings = Vec::new();
    let mut steps = Vec::new();
    let bump = commits.iter().filter_map(|classified| classified.effect.bump).max();
    let asked = release_as::asked(commits, rules.format, &mut warnings);
    let asked = asked.and_then(|asked| usable(asked, base, line, &mut warnings));
    let minimum = minimum(base, rules.abandoned);
    // Whatever it says: a commit of this package that is not rel's own (V14).
    let present = commits.iter().any(|classified| classified.commit.touches && !classified.commit.own);
    let mut exact = None;
    let mut requested_by = None;
    let wished = request.initial.clone().flatten();
    if let Some(wished) = wished.as_ref().filter(|_| base.last.is_some()) {
        warnings.push(format!(
            "--initial={wished} is for a first release, and {} is released: it is ignored",
            base.last.as_ref().map_or("", |last| last.name.as_str())
        ));
    }
    let core = if let Some(named) = &line.named {
        steps.push(format!("the branch's name says {named}"));
        if request.bump.is_some() || asked.is_some() {
            warnings.push(format!("the branch's name says {named}, so --bump and Release-As are ignored"));
        }
        below(named, minimum.as_ref(), "the branch's name", &mut warnings);
        Some(named.clone())
    } else if let Some(wished) = wished.filter(|_| base.last.is_none()) {
        if let Some(asked) = &asked {
            warnings.push(format!(
                "--initial={wished} wins over Release-As: {} of {}",
                asked.version,
                asked.commit.short()
            ));
        }
        below(&wished, minimum.as_ref(), "--initial", &mut warnings);
        steps.push(format!("the first version is asked for: {wished}"));
        present.then_some(wished)
    } else if let Some(wish) = request.bump {
        let core = present.then(|| bumped(base, wish, rules, &mut steps)).transpose()?;
        lower_than(core.as_ref(), wish, bump, asked.as_ref(), (base, rules.zero), &mut warnings);
        core.map(|core| raise(core, minimum.as_ref(), &mut steps))
    } else if let Some(asked) = asked {
        steps.push(format!("{} asks for it with Release-As: {}", asked.commit.short(), asked.version));
        below(&asked.version, minimum.as_ref(), "Release-As", &mut warnings);
        requested_by = Some(asked.commit);
        exact = (!asked.version.is_final()).then(|| asked.version.clone());
        Some(asked.version.core())
    } else if base.last.is_none() {
        present.then(|| {
            let initial = rules.initial.clone();
            steps.push(format!("nothing is released yet: the first version is {initial}"));
            raise(initial, minimum.as_ref(), &mut steps)
        })
    } else if let Some(bump) = bump {
        Some(raise(bumped_by_commits(base, bump, rules, &mut steps)?, minimum.as_ref(), &mut steps))
    } else {
        // A prerelease line goes on at its core: a commit that takes something back is a change to it (V5).
        let on = |tag: &VersionTag| {
            let core = tag.version.core();
            line.channel.as_ref().and_then(|channel| last_of(&base.prereleases, &core, channel)).map(|_| core)
        };
        minimum.as_ref().and_then(on)
    };
    let channel = line.channel.clone().map(|channel| {
        let last = core.as_ref().and_then(|core| last_of(&base.prereleases, core, &channel));
        (channel, last)
    });
    Ok(TargetVersion { core, exact, channel, requested_by, steps, warnings })
}

/// What a person asked for may lie below a prerelease of this line; that is said (V2).
fn below(version: &Version, minimum: Option<&VersionTag>, who: &str, warnings: &mut Vec<String>) {
    if let Some(tag) = minimum.filter(|tag| version.core() < tag.version.core()) {
        warnings.push(format!("{who}: {version} is below {}, which HEAD reaches", tag.name));
    }
}

/// The highest prerelease that HEAD reaches and that was not given up (V2).
fn minimum(base: &Base, abandoned: &[Version]) -> Option<VersionTag> {
    base.prereleases.iter().find(|tag| !abandoned.contains(&tag.version.core())).cloned()
}

fn raise(core: Version, minimum: Option<&VersionTag>, steps: &mut Vec<String>) -> Version {
    match minimum {
        Some(tag) if core < tag.version.core() => {
            let raised = tag.version.core();
            steps.push(format!("{} is on this line, so it is raised to {raised}", tag.name));
            raised
        }
        _ => core,
    }
}

/// A bump that a person asked for: taken as it is, below 1.0 too.
fn bumped(base: &Base, bump: Bump, rules: DecisionRules<'_>, steps: &mut Vec<String>) -> Result<Version> {
    let from = base.last.as_ref().map_or_else(|| Version::new(0, 0, 0), |tag| tag.version.clone());
    let next = from.bumped(bump).ok_or_else(|| overflow(&from, bump, rules))?;
    steps.push(format!("--bump {bump}: {from} → {next}"));
    Ok(next)
}

fn bumped_by_commits(
    base: &Base,
    bump: Bump,
    rules: DecisionRules<'_>,
    steps: &mut Vec<String>,
) -> Result<Version> {
    let from = base.last.as_ref().map_or_else(|| rules.initial.clone(), |tag| tag.version.clone());
    let real = rules.zero.apply(&from, bump);
    let next = from.bumped(real).ok_or_else(|| overflow(&from, real, rules))?;
    if real == bump {
        steps.push(format!("the commits make a {bump}: {} → {next}", from.core()));
    } else {
        steps.push(format!(
            "the commits make a {bump}, which below 1.0 is a {real} (zero = \"{}\"): {} → {next}",
            rules.zero.word(),
            from.core()
        ));
    }
    Ok(next)
}

fn overflow(from: &Version, bump: Bump, rules: DecisionRules<'_>) -> Error {
    Error::usage(format!(
        "{} has no {bump} above it: a number would be larger than 64 bits",
        rules.format.print(from)
    ))
}

/// Whether a `Release-As` can be followed here (V15); why not is told.
fn usable(
    asked: RequestedVersion,
    base: &Base,
    line: &ReleaseLine,
    warnings: &mut Vec<String>,
) -> Option<RequestedVersion> {
    let RequestedVersion { version, commit } = &asked;
    let why = match (&base.last, version.channel(), &line.channel) {
        (Some(last), ..) if version.precedence(&last.version).is_le() => format!("not above {}", last.name),
        (_, Some((asked, _)), Some(channel)) if asked != *channel => {
            format!("a prerelease of {asked}, and this line is {channel}")
        }
        (_, Some(_), None) => "a prerelease, and this line makes finals".to_owned(),
        _ => return Some(asked),
    };
    warnings.push(format!("{}: Release-As: {version} is {why}, so it is ignored", commit.short()));
    None
}

/// `--bump` wins, also downwards; that is said (V14).
fn lower_than(
    core: Option<&Version>,
    wish: Bump,
    bump: Option<Bump>,
    asked: Option<&RequestedVersion>,
    (base, zero): (&Base, Zero),
    warnings: &mut Vec<String>,
) {
    if let Some(asked) = asked.filter(|asked| core.is_some_and(|core| *core < asked.version.core())) {
        warnings.push(format!(
            "--bump {wish} is lower than Release-As: {} of {}",
            asked.version,
            asked.commit.short()
        ));
    } else if let Some(bump) = bump
        .map(|bump| base.last.as_ref().map_or(bump, |last| zero.apply(&last.version, bump)))
        .filter(|bump| wish < *bump && base.last.is_some())
    {
        warnings.push(format!("--bump {wish} is lower than the {bump} that the commits make"));
    }
}

/// The highest prerelease of one core and channel.
fn last_of(prereleases: &[VersionTag], core: &Version, channel: &Channel) -> Option<VersionTag> {
    let counter = |tag: &VersionTag| {
        tag.version
            .channel()
            .filter(|(name, _)| name == channel && tag.version.core() == *core)
            .map(|(_, counter)| counter)
    };
    prereleases.iter().filter(|tag| counter(tag).is_some()).max_by_key(|tag| counter(tag)).cloned()
}
