//! The past, computed anew: what `rel` would have said at each release, and which lines of `release.toml` explain the
//! history best. Leans on `release_context`.

use super::package::Package;
use super::release_context::ReleaseContext;
use super::tags;
use crate::config::VersionRules;
use crate::error::Result;
use crate::git::{RawTag, Target};
use crate::model::{Bump, BumpTable, CommitId, Squash, TagFormat, Version, Zero};
use crate::version::{VersionDecision, VersionTag, unmatched_tags};
use std::collections::BTreeSet;

/// A release of the past beside what the rules make of it.
#[derive(Debug)]
pub struct Replayed {
    /// What was tagged.
    pub tag: VersionTag,
    /// What is computed; `None` for nothing to release, or a refusal.
    pub computed: Option<Version>,
    /// Both are the same.
    pub agrees: bool,
    /// Why they differ, as a sentence; empty where they agree.
    pub why: String,
    /// Where too little was computed: the types of commits that did nothing, and might have.
    idle: BTreeSet<String>,
}

/// Lines that explain more of a history than the configuration does.
#[derive(Debug)]
pub struct Proposal {
    /// Below `[version]`, one each.
    pub lines: Vec<String>,
    /// The history under these lines.
    pub releases: Vec<Replayed>,
}

/// What a replay found.
#[derive(Debug)]
pub struct Replay {
    /// The last releases, the newest first, by the configuration as it is.
    pub releases: Vec<Replayed>,
    /// What would explain more.
    pub proposal: Option<Proposal>,
}

/// The formats and rules that one try is made with.
#[derive(Clone)]
struct Try {
    package: Package,
    rules: VersionRules,
    lines: Vec<String>,
}

/// The best try so far, with what it found.
struct Best {
    try_: Try,
    releases: Option<Vec<Replayed>>,
    score: (usize, usize),
}

/// How many releases agree.
pub fn match_count(releases: &[Replayed]) -> usize {
    releases.iter().filter(|release| release.agrees).count()
}

/// Replays the last `most` finals of a package that HEAD reaches; `step` is told before each.
pub fn replay(
    release_context: &ReleaseContext<'_>,
    package: &Package,
    most: usize,
    step: &mut dyn FnMut(&str),
) -> Result<Replay> {
    let now = Try { package: package.clone(), rules: release_context.rules().clone(), lines: Vec::new() };
    let releases = run(release_context, &now, most, step)?;
    let mut best = Best { score: (match_count(&releases), releases.len()), try_: now, releases: None };
    let short = releases.len() < most;
    for try_ in other_formats(release_context, &best.try_, short) {
        best.try_decide(release_context, try_, most, step)?;
    }
    if below_one(best.releases.as_ref().unwrap_or(&releases)) {
        for zero in [Zero::Minor, Zero::Major, Zero::Cargo] {
            let try_ = best.try_.with(&format!("zero = \"{}\"", zero.word()), |rules| rules.zero = zero);
            best.try_decide(release_context, try_, most, step)?;
        }
    }
    let squash = if best.try_.rules.bump.squash == Squash::Parts { Squash::Title } else { Squash::Parts };
    let try_ = best.try_.with(&format!("squash = \"{}\"", squash.word()), |rules| rules.bump.squash = squash);
    best.try_decide(release_context, try_, most, step)?;
    let without_types = best.try_.clone();
    // One type at a time, the one that explains the most first.
    loop {
        let now = best.releases.as_ref().unwrap_or(&releases);
        let idle: BTreeSet<String> = now.iter().flat_map(|release| release.idle.clone()).collect();
        let before = best.score;
        let start = best.try_.clone();
        for kind in idle {
            let mut rules = start.rules.clone();
            rules.bump.set(&kind, Some(Bump::Patch));
            let try_ = start.with(&bump_line(&rules.bump), |rules| rules.bump.set(&kind, Some(Bump::Patch)));
            best.try_decide(release_context, try_, most, step)?;
        }
        if best.score == before {
            break;
        }
    }
    // Last, because it is the widest: what nothing else explains may be a team that releases whatever it pushes. In the
    // place of single types where that explains as much.
    for start in [without_types, best.try_.clone()] {
        let try_ = start.with("otherwise = \"patch\"", |rules| rules.bump.otherwise = Some(Bump::Patch));
        best.try_decide(release_context, try_, most, step)?;
    }
    let proposal = best.releases.map(|releases| Proposal { lines: best.try_.lines, releases });
    Ok(Replay { releases, proposal })
}

impl Try {
    /// The same with one line more; a line for the same key gives way.
    fn with(&self, line: &str, change: impl FnOnce(&mut VersionRules)) -> Try {
        let mut next = self.clone();
        let key = line.split('=').next().unwrap_or(line);
        next.lines.retain(|other| !other.starts_with(key));
        next.lines.push(line.to_owned());
        change(&mut next.rules);
        next
    }
}

impl Best {
    /// Takes a try that explains more.
    fn try_decide(
        &mut self,
        release_context: &ReleaseContext<'_>,
        try_: Try,
        most: usize,
        step: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let found = run(release_context, &try_, most, step)?;
        let score = (match_count(&found), found.len());
        if score > self.score {
            *self = Best { try_, releases: Some(found), score };
        }
        Ok(())
    }
}

/// The entries that differ from the default table, as one line: the file holds the key once.
fn bump_line(table: &BumpTable) -> String {
    let default = BumpTable::default();
    let word = |bump: Option<Bump>| bump.map_or_else(|| "none".to_owned(), |bump| bump.to_string());
    let differs = table.types().filter(|kind| !default.knows(kind) || default.bump(kind) != table.bump(kind));
    let entries: Vec<String> =
        differs.map(|kind| format!("{kind} = \"{}\"", word(table.bump(kind)))).collect();
    format!("bump = {{ {} }}", entries.join(", "))
}

/// Whether the law below 1.0 had a say.
fn below_one(releases: &[Replayed]) -> bool {
    releases
        .iter()
        .any(|release| release.tag.version.major() == 0 || release.tag.version == Version::new(1, 0, 0))
}

/// Formats that tags bear and the package does not read: as the format of new tags where it reads none at all, else
/// as a legacy one.
fn other_formats(release_context: &ReleaseContext<'_>, now: &Try, short: bool) -> Vec<Try> {
    let names = release_context.tags().iter().map(|tag| tag.name.as_str());
    let ours = |name: &str| now.package.formats.iter().any(|format| format.read(name).is_some());
    let none = !release_context.tags().iter().any(|tag| ours(tag.name.as_str()));
    if !none && !short {
        return Vec::new();
    }
    let seen = unmatched_tags(names.filter(|name| !ours(name)));
    let tries = seen.formats.into_iter().take(3).map(|(format, ..)| {
        let mut next = now.clone();
        let template = generalised(&format, &now.package);
        if none {
            next.package.formats = vec![format];
            next.package.configured = true;
            next.lines.push(format!("tag = \"{template}\""));
        } else {
            next.package.formats.push(format);
            next.lines.push(format!("legacy_tags = [\"{template}\"]"));
        }
        next
    });
    tries.collect()
}

/// In a repository with several packages a format names them all.
fn generalised(format: &TagFormat, package: &Package) -> String {
    let template = format.to_string();
    if package.rule.is_some() { template.replacen(&package.name, "{package}", 1) } else { template }
}

fn run(
    release_context: &ReleaseContext<'_>,
    with: &Try,
    most: usize,
    step: &mut dyn FnMut(&str),
) -> Result<Vec<Replayed>> {
    let release_context = release_context.with_rules(with.rules.clone());
    let mut all = tags::of(&with.package, release_context.tags());
    all.retain(|tag| tag.version.is_final());
    all.sort_by(|a, b| b.version.cmp(&a.version));
    let mut releases = Vec::new();
    let commits: Vec<CommitId> = all.iter().map(|tag| tag.commit).collect();
    let reached = release_context.reached(&commits)?;
    for (tag, reached) in all.into_iter().zip(reached) {
        if releases.len() >= most {
            break;
        }
        if reached {
            step(tag.name.as_str());
            releases.push(one(&release_context, with, tag)?);
        }
    }
    Ok(releases)
}

/// Computes one release as if its tag were not there yet.
fn one(release_context: &ReleaseContext<'_>, with: &Try, tag: VersionTag) -> Result<Replayed> {
    let on_it: Vec<_> = tags::of(&with.package, release_context.tags())
        .into_iter()
        .filter(|other| other.commit == tag.commit && other.version >= tag.version)
        .collect();
    let known = |raw: &&RawTag| {
        !(raw.target == Target::Commit(tag.commit) && on_it.iter().any(|other| other.name == raw.name))
    };
    let tags: Vec<RawTag> = release_context.tags().iter().filter(known).cloned().collect();
    let past = release_context.at_commit(tag.commit, tags);
    Ok(match past.decide(&with.package, false) {
        Ok(decision) => judge(tag, &decision, &with.rules.bump),
        Err(error) => {
            Replayed { why: error.message, computed: None, agrees: false, tag, idle: BTreeSet::new() }
        }
    })
}

fn judge(tag: VersionTag, decision: &VersionDecision, table: &BumpTable) -> Replayed {
    let computed = decision.next.as_ref().map(|next| next.version.clone());
    let agrees = computed.as_ref() == Some(&tag.version.core());
    let why = if agrees { String::new() } else { difference(&tag, decision, computed.as_ref(), table) };
    let too_little = !agrees && computed.as_ref().is_none_or(|computed| *computed < tag.version);
    let idle = if too_little { idle(decision, table) } else { BTreeSet::new() };
    Replayed { tag, computed, agrees, why, idle }
}

/// The known types of commits that could have moved the version and did not.
fn idle(decision: &VersionDecision, table: &BumpTable) -> BTreeSet<String> {
    let still = decision
        .commits
        .iter()
        .filter(|classified| classified.effect.counts && classified.effect.bump.is_none());
    let kinds = still.flat_map(|classified| {
        classified.commit.message.changes.iter().filter_map(|change| change.kind.clone())
    });
    kinds.filter(|kind| table.knows(kind)).collect()
}

/// Names the commit that asked for more, or says that none asked for as much.
fn difference(
    tag: &VersionTag,
    decision: &VersionDecision,
    computed: Option<&Version>,
    table: &BumpTable,
) -> String {
    let Some(computed) = computed else { return decision.reason.clone() };
    let Some(base) = &decision.base else { return decision.reason.clone() };
    let tagged = Bump::between(&base.version, &tag.version);
    let wanted = decision.commits.iter().filter(|classified| classified.effect.bump.is_some());
    let loudest = wanted.max_by_key(|classified| classified.effect.bump);
    match (tagged, loudest) {
        (Some(tagged), Some(loudest)) if *computed > tag.version => {
            let bump = loudest.effect.bump.map_or_else(String::new, |bump| bump.to_string());
            format!(
                "released as a {tagged}, though {} asks for a {bump}: {}",
                loudest.commit.id.short(),
                loudest.headline(table)
            )
        }
        (Some(tagged), _) => format!(
            "released as a {tagged}, which no commit asks for; {} of {} count",
            decision.commits.iter().filter(|classified| classified.effect.bump.is_some()).count(),
            decision.commits.len()
        ),
        (None, _) => format!("{} is not above {}, which it stands on", tag.name, base.name),
    }
}
