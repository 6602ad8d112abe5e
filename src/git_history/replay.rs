//! Computes past releases again, and finds the lines of `release.toml` that explain the history best.

use super::package::Package;
use super::release_context::ReleaseContext;
use super::{replay_difference, tags};
use crate::config::VersionRules;
use crate::error::Result;
use crate::git::{RawTag, Target};
use crate::model::{Bump, BumpTable, CommitId, Squash, TagFormat, Version, Zero};
use crate::version::{VersionTag, unmatched_tags};
use std::collections::BTreeSet;

/// A past release beside what the rules compute.
#[derive(Debug)]
pub struct Replayed {
    /// What was tagged.
    pub tag: VersionTag,
    /// What is computed; `None` for nothing to release, or an error.
    pub computed: Option<Version>,
    /// Both are the same.
    pub agrees: bool,
    /// Why they differ, in one sentence; empty if they agree.
    pub why: String,
    /// If too little was computed: the known types of commits that required no bump.
    pub(super) idle_types: BTreeSet<String>,
}

/// Lines that explain more of a history than the configuration does.
#[derive(Debug)]
pub struct Proposal {
    /// Lines of the table `[version]`.
    pub lines: Vec<String>,
    /// The releases, computed with these lines.
    pub releases: Vec<Replayed>,
}

/// The result of a replay.
#[derive(Debug)]
pub struct Replay {
    /// The last releases, newest first, computed with the configuration as it is.
    pub releases: Vec<Replayed>,
    /// What would explain more.
    pub proposal: Option<Proposal>,
}

/// Returns how many releases agree.
pub fn match_count(releases: &[Replayed]) -> usize {
    releases.iter().filter(|release| release.agrees).count()
}

/// Computes the last `limit` finals of a package that are reachable from HEAD. Calls `progress` with each tag.
pub fn replay(
    release_context: &ReleaseContext<'_>,
    package: &Package,
    limit: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<Replay> {
    let rules = release_context.rules().clone();
    let settings = Settings { package: package.clone(), rules, lines: Vec::new() };
    let releases = compute(release_context, &settings, limit, progress)?;
    let score = score(&releases);
    let mut search =
        Search { release_context, limit, progress, settings, current: releases, improved: None, score };
    search.try_formats()?;
    search.try_zero()?;
    search.try_squash()?;
    let without_types = search.settings.clone();
    search.try_types()?;
    let with_types = search.settings.clone();
    // This is tried last because it is the widest setting, and first in place of the single types.
    search.try_otherwise(&without_types)?;
    search.try_otherwise(&with_types)?;
    let Search { settings, current, improved, .. } = search;
    let proposal = improved.map(|releases| Proposal { lines: settings.lines, releases });
    Ok(Replay { releases: current, proposal })
}

/// The formats and rules that releases are computed with.
#[derive(Clone)]
struct Settings {
    package: Package,
    rules: VersionRules,
    /// How they differ from the configuration, as lines of the table `[version]`.
    lines: Vec<String>,
}

impl Settings {
    /// Returns these settings with one more line; it replaces a line with the same key.
    fn with(&self, line: &str, change: impl FnOnce(&mut VersionRules)) -> Settings {
        let mut next = self.clone();
        let key = line.split('=').next().unwrap_or(line);
        next.lines.retain(|other| !other.starts_with(key));
        next.lines.push(line.to_owned());
        change(&mut next.rules);
        next
    }
}

/// A search for the settings with the highest score.
struct Search<'a, 'w> {
    release_context: &'a ReleaseContext<'w>,
    limit: usize,
    progress: &'a mut dyn FnMut(&str),
    /// The best settings so far.
    settings: Settings,
    /// The releases, computed with the configuration as it is.
    current: Vec<Replayed>,
    /// The releases, computed with the best settings, if they explain more.
    improved: Option<Vec<Replayed>>,
    score: Score,
}

/// How many releases agree, and how many were found.
type Score = (usize, usize);

fn score(releases: &[Replayed]) -> Score {
    (match_count(releases), releases.len())
}

impl Search<'_, '_> {
    /// Keeps settings that explain more than the best ones so far.
    fn consider(&mut self, settings: Settings) -> Result<()> {
        let found = compute(self.release_context, &settings, self.limit, self.progress)?;
        if score(&found) > self.score {
            self.score = score(&found);
            self.settings = settings;
            self.improved = Some(found);
        }
        Ok(())
    }

    fn best(&self) -> &[Replayed] {
        self.improved.as_ref().unwrap_or(&self.current)
    }

    /// Tries formats that tags have and the package does not read, unless it reads enough releases already.
    fn try_formats(&mut self) -> Result<()> {
        let too_few = self.current.len() < self.limit;
        for settings in other_formats(self.release_context, &self.settings, too_few) {
            self.consider(settings)?;
        }
        Ok(())
    }

    /// Tries the rules below 1.0.0, if a release was below it or was the first above it.
    fn try_zero(&mut self) -> Result<()> {
        let mut versions = self.best().iter().map(|release| &release.tag.version);
        if !versions.any(|version| version.major() == 0 || *version == Version::new(1, 0, 0)) {
            return Ok(());
        }
        for zero in [Zero::Minor, Zero::Major, Zero::Cargo] {
            let line = format!("zero = \"{}\"", zero.word());
            self.consider(self.settings.with(&line, |rules| rules.zero = zero))?;
        }
        Ok(())
    }

    /// Tries the other way to read a squash (V24).
    fn try_squash(&mut self) -> Result<()> {
        let squash = match self.settings.rules.bump.squash {
            Squash::Parts => Squash::Title,
            Squash::Title => Squash::Parts,
        };
        let line = format!("squash = \"{}\"", squash.word());
        self.consider(self.settings.with(&line, |rules| rules.bump.squash = squash))
    }

    /// Tries a patch for types without a bump: one type at a time, the one that explains the most first.
    fn try_types(&mut self) -> Result<()> {
        loop {
            let types: BTreeSet<String> =
                self.best().iter().flat_map(|release| release.idle_types.clone()).collect();
            let (before, start) = (self.score, self.settings.clone());
            for kind in types {
                let mut table = start.rules.bump.clone();
                table.set(&kind, Some(Bump::Patch));
                self.consider(start.with(&bump_line(&table), |rules| rules.bump = table.clone()))?;
            }
            if self.score == before {
                return Ok(());
            }
        }
    }

    /// Tries a patch for everything that has no bump: a team may release whatever it pushes.
    fn try_otherwise(&mut self, start: &Settings) -> Result<()> {
        let settings = start.with("otherwise = \"patch\"", |rules| rules.bump.otherwise = Some(Bump::Patch));
        self.consider(settings)
    }
}

/// Returns the entries that differ from the default table as one line, because the file can have the key only once.
fn bump_line(table: &BumpTable) -> String {
    let default = BumpTable::default();
    let word = |bump: Option<Bump>| bump.map_or_else(|| "none".to_owned(), |bump| bump.to_string());
    let differs = table.types().filter(|kind| !default.knows(kind) || default.bump(kind) != table.bump(kind));
    let entries: Vec<String> =
        differs.map(|kind| format!("{kind} = \"{}\"", word(table.bump(kind)))).collect();
    format!("bump = {{ {} }}", entries.join(", "))
}

/// Returns settings with the formats that tags have and the package does not read: as the format of new tags if it reads no
/// tag at all, otherwise as a legacy format if `too_few` releases are read.
fn other_formats(release_context: &ReleaseContext<'_>, settings: &Settings, too_few: bool) -> Vec<Settings> {
    let names = release_context.tags().iter().map(|tag| tag.name.as_str());
    let is_read = |name: &&str| settings.package.formats.iter().any(|format| format.read(name).is_some());
    let none = !names.clone().any(|name| is_read(&name));
    if !none && !too_few {
        return Vec::new();
    }
    let found = unmatched_tags(names.filter(|name| !is_read(name))).formats;
    let with_format = |format: TagFormat| {
        let mut next = settings.clone();
        let template = template(&format, &settings.package);
        if none {
            next.package.formats = vec![format];
            next.package.configured = true;
            next.lines.push(format!("tag = \"{template}\""));
        } else {
            next.package.formats.push(format);
            next.lines.push(format!("legacy_tags = [\"{template}\"]"));
        }
        next
    };
    found.into_iter().take(3).map(|found| with_format(found.format)).collect()
}

/// Returns the template of a format; in a repository with several packages it applies to all of them.
fn template(format: &TagFormat, package: &Package) -> String {
    let template = format.to_string();
    if package.rule.is_some() { template.replacen(&package.name, "{package}", 1) } else { template }
}

/// Computes the last releases with some settings, newest first.
fn compute(
    release_context: &ReleaseContext<'_>,
    settings: &Settings,
    limit: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Replayed>> {
    let release_context = release_context.with_rules(settings.rules.clone());
    let mut finals = tags::of(&settings.package, release_context.tags());
    finals.retain(|tag| tag.version.is_final());
    finals.sort_by(|a, b| b.version.cmp(&a.version));
    let commits: Vec<CommitId> = finals.iter().map(|tag| tag.commit).collect();
    let reached = release_context.reached(&commits)?;
    let mut releases = Vec::new();
    let reachable = finals.into_iter().zip(reached).filter(|(_, reached)| *reached);
    for (tag, _) in reachable.take(limit) {
        progress(tag.name.as_str());
        releases.push(compute_one(&release_context, settings, tag));
    }
    Ok(releases)
}

/// Computes one release as if its tag did not exist.
fn compute_one(release_context: &ReleaseContext<'_>, settings: &Settings, tag: VersionTag) -> Replayed {
    let all = tags::of(&settings.package, release_context.tags());
    let later: Vec<_> =
        all.iter().filter(|other| other.commit == tag.commit && other.version >= tag.version).collect();
    let existed = |raw: &&RawTag| {
        raw.target != Target::Commit(tag.commit) || later.iter().all(|other| other.name != raw.name)
    };
    let known: Vec<RawTag> = release_context.tags().iter().filter(existed).cloned().collect();
    match release_context.at_commit(tag.commit, known).decide(&settings.package, false) {
        Ok(decision) => replay_difference::compare(tag, &decision, &settings.rules.bump),
        Err(error) => {
            let (why, idle_types) = (error.message, BTreeSet::new());
            Replayed { why, computed: None, agrees: false, tag, idle_types }
        }
    }
}
