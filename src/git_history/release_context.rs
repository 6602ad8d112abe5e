//! Looks at a repository for one package: tags, base, commits, decision. Deepens a shallow history just enough, or
//! refuses with the line that the workflow needs; it never computes on a history that lacks its base.
//! Leans on the other files of the room, `git` and `version`.

use super::commits::CommitReader;
use super::package::{self, Package};
use super::{release_line, tags};
use crate::config::{Config, VersionRules};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Advertised, Head, RawTag, Remote, Repo, Wanted};
use crate::model::{BranchName, Bump, CommitId, TagFormat, TagName, Version};
use crate::version::{
    self, Base, DecisionInput, DecisionRules, QuotedHash, ReleaseLine, VersionDecision, VersionRequest,
};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What a command line asks of a release_context.
#[derive(Clone, Debug, Default)]
pub struct HistoryOptions {
    /// `--branch`.
    pub branch: Option<String>,
    /// `--pre`.
    pub channel: Option<String>,
    /// `--bump`.
    pub bump: Option<Bump>,
    /// `--initial`, with a version or without.
    pub initial: Option<Option<Version>>,
    /// `--offline`.
    pub offline: bool,
    /// The version itself, whatever the commits say.
    pub version: Option<Version>,
    /// What the remote has, where it was asked already: for whoever makes a release, what is here is not enough.
    pub there: Option<Advertised>,
    /// Tags that do not count: left by a release that died before its push.
    pub ignore: Vec<TagName>,
}

/// One look at a repository; packages are asked one after the other.
pub struct ReleaseContext<'w> {
    context: &'w Context,
    pub(super) repo: &'w Repo,
    pub(super) config: &'w Config,
    head: Head,
    tags: Vec<RawTag>,
    all: Vec<Package>,
    pub(super) reader: Rc<CommitReader<'w>>,
    rules: VersionRules,
    ask: HistoryOptions,
    past: bool,
}

/// How far back the first step into a shallow history goes; each further one goes four times as far.
const FIRST_STEP: u32 = 100;
/// After so many steps the rest is fetched at once.
const STEPS: u32 = 4;

impl<'w> ReleaseContext<'w> {
    /// Looks at HEAD, and at the remote's tags where those that are here cannot be all.
    pub fn new(context: &'w Context, ask: HistoryOptions) -> Result<Self> {
        let repo = context.repo()?;
        let head = repo.head()?;
        let all = package::packages(context, None)?;
        let mut tags = repo.tags()?;
        tags.retain(|tag| !ask.ignore.contains(&tag.name));
        let none = all.iter().all(|package| tags::of(package, &tags).is_empty())
            && tags::unmatched(&all, &tags).formats.is_empty();
        let wants_remote = repo.is_shallow() && !ask.offline || none && ask.initial.is_none();
        if let Some(there) = &ask.there {
            tags = joined(there.tags.clone(), tags);
        } else if let Some(remote) = repo.remote()?.filter(|_| wants_remote) {
            tags = with_remote(repo, &remote, tags, ask.offline)?;
        }
        let config = context.config()?;
        let rules = config.version.clone();
        let reader = Rc::new(CommitReader::new(repo, config, rules.bump.clone()));
        Ok(ReleaseContext { context, repo, config, head, tags, all, reader, rules, ask, past: false })
    }

    /// The same repository as if HEAD were at `commit`, on no branch, and `tags` were all tags. What `commit` does not
    /// reach does not exist there.
    #[must_use]
    pub fn at_commit(&self, commit: CommitId, tags: Vec<RawTag>) -> ReleaseContext<'w> {
        ReleaseContext {
            head: Head { commit, branch: None },
            tags,
            all: self.all.clone(),
            reader: Rc::clone(&self.reader),
            rules: self.rules.clone(),
            ask: HistoryOptions { initial: Some(None), ..self.ask.clone() },
            past: true,
            ..*self
        }
    }

    /// The same repository under other version rules.
    #[must_use]
    pub fn with_rules(&self, rules: VersionRules) -> ReleaseContext<'w> {
        ReleaseContext {
            head: self.head.clone(),
            tags: self.tags.clone(),
            all: self.all.clone(),
            reader: Rc::new(self.reader.with_table(rules.bump.clone())),
            rules,
            ask: self.ask.clone(),
            ..*self
        }
    }

    /// Which commits HEAD reaches. Deepens a shallow history to know it.
    pub fn reached(&self, commits: &[CommitId]) -> Result<Vec<bool>> {
        let wanted: Vec<Wanted> =
            commits.iter().map(|commit| Wanted { commit: *commit, settles: false }).collect();
        self.deep_enough(self.head.commit, || {
            let reach = self.repo.reach(self.head.commit, &wanted)?;
            Ok((reach.complete, reach.reached.iter().map(Option::is_some).collect()))
        })
    }

    /// Whether `tip` reaches a commit. Deepens a shallow history to know it.
    pub fn contains(&self, tip: CommitId, commit: CommitId) -> Result<bool> {
        let wanted = [Wanted { commit, settles: true }];
        self.deep_enough(tip, || {
            let reach = self.repo.reach(tip, &wanted)?;
            Ok((reach.complete, reach.reached.first().is_some_and(Option::is_some)))
        })
    }

    /// The rules that a decision follows.
    pub fn rules(&self) -> &VersionRules {
        &self.rules
    }

    /// All tags that are known.
    pub fn tags(&self) -> &[RawTag] {
        &self.tags
    }

    /// The commit that is looked at.
    pub fn head(&self) -> CommitId {
        self.head.commit
    }

    /// The tags of a package, and which of them is the base.
    pub fn base(&self, package: &Package, line: &ReleaseLine) -> Result<Base> {
        let wanted = version::search_order(tags::of(package, &self.tags), line);
        let list: Vec<Wanted> =
            wanted.iter().map(|(tag, settles)| Wanted { commit: tag.commit, settles: *settles }).collect();
        let reach = self.deep_enough(self.head.commit, || {
            let reach = self.repo.reach(self.head.commit, &list)?;
            Ok((reach.complete, reach))
        })?;
        let mut base = version::select_base(&wanted, &reach.reached, reach.settled, line);
        if self.past {
            base.retain_reachable();
        }
        Ok(base)
    }

    /// The next version of a package, with its reasons. `places`: say where rejected tags lie, which costs a call of git.
    /// What is in its way is an error.
    pub fn decide(&self, package: &Package, places: bool) -> Result<VersionDecision> {
        let mut decision = self.try_decide(package, places)?;
        decision.refusal.take().map_or(Ok(decision), Err)
    }

    /// The same, with what is in the way of the version as a part of the answer.
    pub fn try_decide(&self, package: &Package, places: bool) -> Result<VersionDecision> {
        let mut warnings = Vec::new();
        let line = self.line(&mut warnings)?;
        let mut base = self.base(package, &line)?;
        let first = base.current().is_none() && self.ask.initial.is_none();
        if first && base.rejected.iter().all(|rejected| rejected.unreachable) && !base.all.is_empty() {
            return Err(tags::none_reached(package, &base, self.repo));
        }
        if first && base.all.is_empty() {
            tags::no_version(package, &tags::unmatched(&self.all, &self.tags), &mut warnings)?;
        }
        if places {
            self.name_places(&mut base);
        }
        let format = tags::format(package, &base);
        let hidden: Vec<CommitId> = base.last.iter().map(|tag| tag.commit).collect();
        let (commits, said) = self.commits(package, &hidden)?;
        warnings.extend(said);
        let request = VersionRequest {
            version: self.ask.version.clone(),
            bump: self.ask.bump,
            initial: self.ask.initial.clone(),
        };
        let mut decision = self.conclude(package, line, base, commits, &request, &format)?;
        if let Some(error) = self.free(&decision) {
            decision.reason.clone_from(&error.message);
            (decision.next, decision.refusal) = (None, Some(error));
        }
        warnings.extend(decision.warnings);
        Ok(VersionDecision { warnings, ..decision })
    }

    fn conclude(
        &self,
        package: &Package,
        line: ReleaseLine,
        base: Base,
        commits: Vec<version::ClassifiedCommit>,
        request: &VersionRequest,
        format: &TagFormat,
    ) -> Result<VersionDecision> {
        let rules = &self.rules;
        let branches = |commit| self.repo.branches_with(commit, 5);
        let rules = DecisionRules {
            initial: &rules.initial,
            zero: rules.zero,
            abandoned: &rules.abandoned,
            format,
            branches: &branches,
            tagger: &|name| self.repo.tagger(name),
        };
        let target = version::compute_core(&base, &commits, &line, request, rules)?;
        let last = target.channel.as_ref().and_then(|(_, last)| last.as_ref());
        let since = last.map(|tag| self.between(&[tag.commit])).transpose()?;
        let since = since.map(|links| links.into_iter().map(|link| link.id).collect::<HashSet<_>>());
        let package = package.name.clone();
        version::decide(
            DecisionInput { package, head: self.head.commit, line, request, base, commits, target, since },
            rules,
        )
    }

    /// A tag of that name may stand on something that is no commit (V3).
    fn free(&self, decision: &VersionDecision) -> Option<Error> {
        let next = decision.next.as_ref().filter(|next| !next.already)?;
        let other = |tag: &&RawTag| tag.name == next.tag && tag.target == crate::git::Target::Other;
        self.tags.iter().find(other)?;
        let (version, tag) = (&next.version, &next.tag);
        let message =
            format!("the next version is {version}, and tag {tag} exists on something that is no commit");
        Some(
            Error::conflict(message).hint(format!(
                "`git show {tag}` shows it; take it away, or release another version with --bump"
            )),
        )
    }

    /// The commits that HEAD reaches and none of `hidden` does, classified.
    pub(super) fn commits(
        &self,
        package: &Package,
        hidden: &[CommitId],
    ) -> Result<(Vec<version::ClassifiedCommit>, Vec<String>)> {
        let commits = self.reader.read(self.between(hidden)?, package, &self.tags)?;
        let known = |hash: &String| match CommitId::parse(hash) {
            Some(id) => self.repo.has(id),
            None => self.repo.find_prefix(hash).is_some(),
        };
        let hashes: HashMap<String, QuotedHash> = version::unresolved_hashes(&commits)
            .into_iter()
            .map(|hash| {
                let answer = if known(&hash) { QuotedHash::Known } else { QuotedHash::Unknown };
                (hash, answer)
            })
            .collect();
        Ok(version::classify(commits, &self.rules.bump, &hashes))
    }

    fn between(&self, hidden: &[CommitId]) -> Result<Vec<crate::git::Link>> {
        self.deep_enough(self.head.commit, || {
            let range = self.repo.range(self.head.commit, hidden)?;
            Ok((range.complete, range.commits))
        })
    }

    /// The line of releases that HEAD stands on, and what is to be said about how it was found.
    pub fn release_line(&self) -> Result<(ReleaseLine, Vec<String>)> {
        let mut warnings = Vec::new();
        let line = self.line(&mut warnings)?;
        Ok((line, warnings))
    }

    /// The line of releases that HEAD stands on; the past is asked for finals.
    pub(super) fn line(&self, warnings: &mut Vec<String>) -> Result<ReleaseLine> {
        if self.past {
            return Ok(ReleaseLine::default());
        }
        let remote = release_line::RemoteBranches {
            tip: &|branch| self.tip(branch),
            contains: &|tip, commit| self.contains(tip, commit),
            // Who makes a release needs a branch; who asks for a version only where branches differ.
            always: self.ask.there.is_some(),
        };
        let (branch, channel) = (self.ask.branch.as_deref(), self.ask.channel.as_deref());
        release_line::find(self.context, &self.head, branch, channel, &remote, warnings)
    }

    /// Where a branch stands on the remote: as it says now where it was asked, else by the last fetch. Brings the commit
    /// here.
    pub fn tip(&self, branch: &BranchName) -> Result<Option<CommitId>> {
        let Some(remote) = self.repo.remote()? else { return Ok(None) };
        let Some(there) = &self.ask.there else { return Ok(self.repo.remote_branch(&remote, branch)) };
        let reference = format!("refs/heads/{branch}");
        let tip = there.refs.get(&reference).copied();
        if tip.is_some_and(|tip| !self.repo.has(tip)) {
            self.repo.fetch(&remote, &reference)?;
        }
        Ok(tip)
    }

    /// Says for the first rejected tags which branches hold them.
    fn name_places(&self, base: &mut Base) {
        for rejected in base.rejected.iter_mut().filter(|rejected| rejected.unreachable).take(3) {
            let branches = self.repo.branches_with(rejected.tag.commit, 3);
            if !branches.is_empty() {
                rejected.why = format!("{}; it is on {}", rejected.why, branches.join(", "));
            }
        }
    }

    /// Looks until the answer stands; between two looks more history is fetched.
    fn deep_enough<T>(&self, from: CommitId, look: impl Fn() -> Result<(bool, T)>) -> Result<T> {
        let mut by = FIRST_STEP;
        for step in 0..=STEPS {
            let (complete, found) = look()?;
            if complete {
                return Ok(found);
            }
            let remote = self.repo.remote()?;
            let Some(remote) = remote.filter(|_| !self.ask.offline) else {
                return Err(too_shallow(self.head.branch.as_ref()));
            };
            self.context
                .ui()
                .detail(format!("this clone is shallow: fetching older history from {}", remote.name));
            self.repo.deepen(&remote, from, (step < STEPS).then_some(by))?;
            by = by.saturating_mul(4);
        }
        // Unshallowed, and still not whole: the remote itself is shallow.
        match look()? {
            (true, found) => Ok(found),
            (false, _) => {
                Err(too_shallow(self.head.branch.as_ref()).cause("the remote's history is shallow as well"))
            }
        }
    }
}

/// V29, and every shallow clone: what the remote has counts, and tags that are only here.
fn with_remote(repo: &Repo, remote: &Remote, local: Vec<RawTag>, offline: bool) -> Result<Vec<RawTag>> {
    if offline {
        return Err(Error::unreachable(format!("no version tag is here, and with --offline {} cannot be asked for its tags", remote.name))
            .hint(format!("`git fetch --tags {}` brings them; in a workflow: `with: {{ fetch-depth: 0, fetch-tags: true }}`", remote.name))
            .hint("--initial makes a first release all the same"));
    }
    Ok(joined(repo.remote_tags(remote)?, local))
}

/// The tags of the remote, and those that are only here.
fn joined(mut remote: Vec<RawTag>, local: Vec<RawTag>) -> Vec<RawTag> {
    let names: HashSet<_> = remote.iter().map(|tag| tag.name.clone()).collect();
    remote.extend(local.into_iter().filter(|tag| !names.contains(&tag.name)));
    remote
}

fn too_shallow(branch: Option<&BranchName>) -> Error {
    let branch = branch.map_or_else(String::new, |branch| format!(" of {branch}"));
    Error::refused(format!(
        "the history{branch} in this clone is cut off before the last release, so no version can be computed"
    ))
    .hint("with actions/checkout, add `with: { fetch-depth: 0 }`; in GitLab, `variables: { GIT_DEPTH: 0 }`")
    .hint("by hand: `git fetch --unshallow --tags`")
}
