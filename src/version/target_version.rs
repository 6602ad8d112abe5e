//! Computes where the commits lead: the core of the next version, and on a prerelease line its channel.

use super::base::Base;
use super::classify::ClassifiedCommit;
use super::facts::{ReleaseLine, VersionRequest, VersionTag};
use super::prerelease::latest;
use super::release_as::{self, RequestedVersion};
use crate::error::{Error, Result};
use crate::model::{Bump, Channel, CommitId, TagFormat, TagName, Version, Zero};
use std::collections::HashSet;

/// The settings that decide, and the questions that only git can answer.
#[derive(Clone, Copy)]
pub struct DecisionRules<'a> {
    /// The first version.
    pub initial: &'a Version,
    /// The rule below 1.0.0 (V13).
    pub zero: Zero,
    /// Cores of prereleases that were abandoned (V2).
    pub abandoned: &'a [Version],
    /// The format of new tags.
    pub format: &'a TagFormat,
    /// Names the branches that contain a commit; called only for an error.
    pub branches: &'a dyn Fn(CommitId) -> Vec<String>,
    /// Names the person who made a tag; called only for an error.
    pub tagger: &'a dyn Fn(&TagName) -> Option<String>,
}

/// Where the commits lead.
#[derive(Clone, Debug)]
pub struct TargetVersion {
    /// The core of the next version; `None` if there is nothing to release.
    pub core: Option<Version>,
    /// The whole prerelease that `Release-As` asked for.
    pub exact: Option<Version>,
    /// The channel, and the highest prerelease of this core and channel that is reachable from HEAD.
    pub channel: Option<(Channel, Option<VersionTag>)>,
    /// The commit whose `Release-As` decided.
    pub requested_by: Option<CommitId>,
    /// How the core was computed, one sentence for each step.
    pub steps: Vec<String>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// Why the commits must not lead there without an explicit version (V34).
    pub refusal: Option<Error>,
}

/// The prereleases of one core that a final version may complete (V34).
#[derive(Debug)]
pub struct Candidates {
    /// The newest of them.
    pub newest: TagName,
    /// Their core.
    pub core: Version,
    /// The commits that none of them contains.
    pub since: HashSet<CommitId>,
}

/// Computes where the commits lead.
///
/// # Errors
///
/// A number of the version would overflow (2).
pub fn compute_core(
    base: &Base,
    commits: &[ClassifiedCommit],
    line: &ReleaseLine,
    request: &VersionRequest,
    candidates: Option<&Candidates>,
    rules: DecisionRules<'_>,
) -> Result<TargetVersion> {
    let mut warnings = Vec::new();
    let release_as = release_as::requested(base, commits, line, rules.format, &mut warnings);
    let minimum = base.prereleases.iter().find(|tag| !rules.abandoned.contains(&tag.version.core()));
    let steps = Vec::new();
    let refusal = None;
    let mut computation = Computation {
        base,
        commits,
        line,
        request,
        candidates,
        rules,
        release_as,
        minimum,
        steps,
        warnings,
        refusal,
    };
    let (core, source) = computation.core()?;
    let channel = line.channel.clone().map(|channel| {
        let last = core.as_ref().and_then(|core| latest(&base.prereleases, core, &channel)).cloned();
        (channel, last)
    });
    let requested = computation.release_as.filter(|_| source == Source::ReleaseAs);
    Ok(TargetVersion {
        core,
        exact: requested.as_ref().map(|found| found.version.clone()).filter(|version| !version.is_final()),
        channel,
        requested_by: requested.map(|found| found.commit),
        steps: computation.steps,
        warnings: computation.warnings,
        refusal: computation.refusal,
    })
}

/// Where a core comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    ReleaseAs,
    Other,
}

/// What the core is computed from, and what there is to say about it.
struct Computation<'a> {
    base: &'a Base,
    commits: &'a [ClassifiedCommit],
    line: &'a ReleaseLine,
    request: &'a VersionRequest,
    candidates: Option<&'a Candidates>,
    rules: DecisionRules<'a>,
    release_as: Option<RequestedVersion>,
    /// The prerelease whose core no final goes below (V2).
    minimum: Option<&'a VersionTag>,
    steps: Vec<String>,
    warnings: Vec<String>,
    refusal: Option<Error>,
}

impl Computation<'_> {
    /// Returns the core from the first source that applies: the branch name, `--initial`, `--bump`, `Release-As`, a first
    /// release, the commits, a prerelease that goes on.
    fn core(&mut self) -> Result<(Option<Version>, Source)> {
        let initial = self.request.initial.clone().flatten();
        if let (Some(initial), Some(last)) = (&initial, &self.base.last) {
            self.warnings
                .push(format!("--initial={initial} is ignored: {} has already been released", last.name));
        }
        let core = if let Some(named) = self.line.named.clone() {
            Some(self.core_of_branch_name(named))
        } else if let Some(initial) = initial.filter(|_| self.base.last.is_none()) {
            self.core_of_initial_option(initial)
        } else if let Some(bump) = self.request.bump {
            self.core_of_bump_option(bump)?
        } else if let Some(RequestedVersion { version, commit }) = self.release_as.clone() {
            self.steps.push(format!("{} asks for {version} with Release-As", commit.short()));
            self.warn_below_minimum(&version, "Release-As");
            return Ok((Some(version.core()), Source::ReleaseAs));
        } else if let Some(tested) = self.core_of_candidates()? {
            Some(tested)
        } else if self.base.last.is_none() {
            self.core_of_first_release()
        } else if let Some(bump) = self.highest_bump() {
            let core = self.core_of_commits(bump)?;
            Some(self.at_least_minimum(core))
        } else {
            self.core_of_prerelease()
        };
        Ok((core, Source::Other))
    }

    fn core_of_branch_name(&mut self, named: Version) -> Version {
        self.steps.push(format!("the branch name says {named}"));
        if self.request.bump.is_some() || self.release_as.is_some() {
            self.warnings.push(format!("the branch name says {named}, so --bump and Release-As are ignored"));
        }
        self.warn_below_minimum(&named, "the branch name");
        named
    }

    fn core_of_initial_option(&mut self, initial: Version) -> Option<Version> {
        if let Some(RequestedVersion { version, commit }) = &self.release_as {
            self.warnings
                .push(format!("--initial={initial} overrides Release-As: {version} of {}", commit.short()));
        }
        self.warn_below_minimum(&initial, "--initial");
        self.steps.push(format!("--initial sets the first version: {initial}"));
        self.has_commits().then_some(initial)
    }

    /// `--bump` applies as it is, below 1.0.0 too, and to commits that do not count (V14).
    fn core_of_bump_option(&mut self, bump: Bump) -> Result<Option<Version>> {
        if !self.has_commits() {
            return Ok(None);
        }
        let from = self.base.last.as_ref().map_or_else(|| Version::new(0, 0, 0), |tag| tag.version.clone());
        let core = from.bumped(bump).ok_or_else(|| self.overflow(&from, bump))?;
        self.steps.push(format!("--bump {bump}: {from} → {core}"));
        self.warn_lower_bump(bump, &core);
        Ok(Some(self.at_least_minimum(core)))
    }

    /// Any commit that is not skipped makes a first release, whatever its type; after prereleases one must count (V33).
    fn core_of_first_release(&mut self) -> Option<Version> {
        if !self.base.prereleases.is_empty() && self.highest_bump().is_none() {
            return self.core_of_prerelease();
        }
        let makes_release = |classified: &ClassifiedCommit| {
            let commit = &classified.commit;
            commit.touches && !commit.own && !commit.message.skipped
        };
        if !self.commits.iter().any(makes_release) {
            return None;
        }
        let initial = self.rules.initial.clone();
        self.steps.push(format!("no release yet: the first version is {initial}"));
        Some(self.at_least_minimum(initial))
    }

    fn core_of_commits(&mut self, bump: Bump) -> Result<Version> {
        let last = self.base.last.as_ref();
        let from = last.map_or_else(|| self.rules.initial.clone(), |tag| tag.version.clone());
        let applied = self.rules.zero.apply(&from, bump);
        let next = from.bumped(applied).ok_or_else(|| self.overflow(&from, applied))?;
        let below_one = if applied == bump {
            String::new()
        } else {
            let zero = self.rules.zero.word();
            format!(", which below 1.0.0 is a {applied} bump (zero = \"{zero}\")")
        };
        self.steps.push(format!("the commits require a {bump} bump{below_one}: {} → {next}", from.core()));
        Ok(next)
    }

    /// What was tested is what is released: where nothing that counts came after the candidates, the final has their core,
    /// although the commits ask for more (V34).
    fn core_of_candidates(&mut self) -> Result<Option<Version>> {
        let Some(Candidates { newest, core: tested, since }) = self.candidates else { return Ok(None) };
        let counts = |classified: &ClassifiedCommit| {
            since.contains(&classified.commit.id) && classified.effect.bump.is_some()
        };
        if self.commits.iter().any(counts) {
            return Ok(None);
        }
        if let (Some(last), Some(bump)) = (&self.base.last, self.highest_bump()) {
            let applied = self.rules.zero.apply(&last.version, bump);
            let core = last.version.bumped(applied).ok_or_else(|| self.overflow(&last.version, applied))?;
            let require = format!("the commits require {core}, but what was tested is {newest}");
            if core > *tested && bump == Bump::Major {
                self.refusal = Some(
                    Error::refused(format!("{require}, and one of the changes is breaking"))
                        .hint(format!("rel cut {tested}   # releases what was tested"))
                        .hint(format!("rel cut {core}")),
                );
            } else if core > *tested {
                self.warnings.push(format!("{require}; `rel cut {core}` releases it as {core}"));
            }
        }
        self.steps.push(format!("no commit since {newest} counts, so the final version is {tested}"));
        Ok(Some(tested.clone()))
    }

    /// A prerelease goes on at its core: a commit that reverts something is a change to it (V5).
    fn core_of_prerelease(&self) -> Option<Version> {
        let (minimum, channel) = (self.minimum?, self.line.channel.as_ref()?);
        let core = minimum.version.core();
        latest(&self.base.prereleases, &core, channel).map(|_| core)
    }

    /// Whether the package has a commit since the base that `rel` did not make, whatever its message (V14).
    fn has_commits(&self) -> bool {
        self.commits.iter().any(|classified| classified.commit.touches && !classified.commit.own)
    }

    fn highest_bump(&self) -> Option<Bump> {
        self.commits.iter().filter_map(|classified| classified.effect.bump).max()
    }

    /// Raises a core to the minimum (V2).
    fn at_least_minimum(&mut self, core: Version) -> Version {
        match self.minimum {
            Some(tag) if core < tag.version.core() => {
                let raised = tag.version.core();
                self.steps.push(format!("raised to {raised}, because {} is on this branch", tag.name));
                raised
            }
            _ => core,
        }
    }

    /// Warns if a version that a person asked for is below a prerelease of this line (V2).
    fn warn_below_minimum(&mut self, version: &Version, source: &str) {
        if let Some(tag) = self.minimum.filter(|tag| version.core() < tag.version.core()) {
            self.warnings
                .push(format!("{source}: {version} is below {}, which is reachable from HEAD", tag.name));
        }
    }

    /// Warns if `--bump` is lower than `Release-As` or than the commits require (V14).
    fn warn_lower_bump(&mut self, bump: Bump, core: &Version) {
        if let Some(RequestedVersion { version, commit }) =
            self.release_as.as_ref().filter(|requested| *core < requested.version.core())
        {
            self.warnings
                .push(format!("--bump {bump} is lower than Release-As: {version} of {}", commit.short()));
            return;
        }
        let required = self.base.last.as_ref().zip(self.highest_bump());
        let required = required.map(|(last, required)| self.rules.zero.apply(&last.version, required));
        if let Some(required) = required.filter(|required| bump < *required) {
            self.warnings
                .push(format!("--bump {bump} is lower than the {required} bump that the commits require"));
        }
    }

    fn overflow(&self, from: &Version, bump: Bump) -> Error {
        Error::usage(format!(
            "{} has no next {bump} version: a number would not fit into 64 bits",
            self.rules.format.print(from)
        ))
    }
}
