//! The state of a repository that decisions are made from: HEAD, the tags, the packages, the rules.

use super::commits::CommitReader;
use super::package::{self, Package};
use super::{final_branches, release_line, tags};
use crate::config::{Config, VersionRules};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Depth, FetchTimeout, Head, LsRemote, RawTag, Repo, Target, Wanted};
use crate::model::{BranchName, Bump, Channel, CommitId, TagFormat, TagName, Version};
use crate::version::{
    self, Base, Candidates, ClassifiedCommit, DecisionInput, DecisionRules, QuotedHash, ReleaseLine,
    VersionDecision, VersionRequest, VersionTag,
};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What a command line asks for.
#[derive(Clone, Debug, Default)]
pub struct HistoryOptions {
    /// `--branch`.
    pub branch: Option<String>,
    /// `--pre`.
    pub channel: Option<String>,
    /// `--bump`.
    pub bump: Option<Bump>,
    /// `--initial`, with or without a version.
    pub initial: Option<Option<Version>>,
    /// `--offline`.
    pub offline: bool,
    /// The version itself, whatever the commits say.
    pub version: Option<Version>,
    /// What the remote advertises, if it was asked already. A release needs it: the local refs may be outdated.
    pub advertised: Option<LsRemote>,
    /// Tags to ignore: left by a release that was interrupted before its push.
    pub ignored_tags: Vec<TagName>,
}

/// The state of a repository, for decisions about any of its packages.
pub struct ReleaseContext<'w> {
    pub(super) context: &'w Context,
    pub(super) repo: &'w Repo,
    pub(super) config: &'w Config,
    head: Head,
    tags: Vec<RawTag>,
    packages: Vec<Package>,
    pub(super) reader: Rc<CommitReader<'w>>,
    rules: VersionRules,
    pub(super) options: HistoryOptions,
    /// What the remote has, where this clone lacks the branches that make finals (V31).
    pub(super) listed: Option<LsRemote>,
    /// This is an earlier state, made by `at_commit`.
    historical: bool,
}

impl<'w> ReleaseContext<'w> {
    /// Reads HEAD and the tags; also those of the remote if the local ones may be incomplete (V29).
    pub fn new(context: &'w Context, options: HistoryOptions) -> Result<Self> {
        let repo = context.repo()?;
        let head = repo.head()?;
        let packages = package::packages(context, None)?;
        let config = context.config()?;
        let mut tags = tags::known(repo, &packages, &options)?;
        let listed = final_branches::ask_remote(repo, config, &options)?;
        if let Some(listed) = &listed {
            tags = tags::merged(listed.tags.clone(), tags);
        }
        let rules = config.version.clone();
        let reader = Rc::new(CommitReader::new(repo, config, rules.bump.clone()));
        Ok(ReleaseContext {
            context,
            repo,
            config,
            head,
            tags,
            packages,
            reader,
            rules,
            options,
            listed,
            historical: false,
        })
    }

    /// Returns the state of the repository as if HEAD were at `commit`, on no branch, and only `tags` existed. A commit that
    /// is not reachable from `commit` does not exist there.
    #[must_use]
    pub fn at_commit(&self, commit: CommitId, tags: Vec<RawTag>) -> ReleaseContext<'w> {
        ReleaseContext {
            head: Head { commit, branch: None },
            tags,
            packages: self.packages.clone(),
            reader: Rc::clone(&self.reader),
            rules: self.rules.clone(),
            options: HistoryOptions { initial: Some(None), ..self.options.clone() },
            listed: None,
            historical: true,
            ..*self
        }
    }

    /// Returns the same state under other version rules.
    #[must_use]
    pub fn with_rules(&self, rules: VersionRules) -> ReleaseContext<'w> {
        ReleaseContext {
            head: self.head.clone(),
            tags: self.tags.clone(),
            packages: self.packages.clone(),
            reader: Rc::new(self.reader.with_table(rules.bump.clone())),
            rules,
            options: self.options.clone(),
            listed: self.listed.clone(),
            ..*self
        }
    }

    /// Whether this is an earlier state of the repository, which knows no later releases.
    pub(super) fn is_historical(&self) -> bool {
        self.historical
    }

    /// The rules that decisions follow.
    pub fn rules(&self) -> &VersionRules {
        &self.rules
    }

    /// All tags that are known.
    pub fn tags(&self) -> &[RawTag] {
        &self.tags
    }

    /// The commit at HEAD.
    pub fn head(&self) -> CommitId {
        self.head.commit
    }

    /// The branch at HEAD; `None` if HEAD is detached.
    pub(super) fn branch(&self) -> Option<&BranchName> {
        self.head.branch.as_ref()
    }

    /// Returns the tags of a package, and which of them is the base.
    pub fn base(&self, package: &Package, line: &ReleaseLine) -> Result<Base> {
        let order = version::search_order(tags::of(package, &self.tags), line);
        let wanted: Vec<Wanted> =
            order.iter().map(|(tag, settles)| Wanted { commit: tag.commit, settles: *settles }).collect();
        let reach = self.until_complete(&[self.head.commit], || {
            let reach = self.repo.reach(&[self.head.commit], &wanted)?;
            Ok((reach.complete, reach))
        })?;
        let mut base = version::select_base(&order, &reach.reached, reach.settled, line);
        if self.historical {
            base.retain_reachable();
        }
        Ok(base)
    }

    /// Decides the next version of a package. What prevents it is an error. `with_branches` names the branches of rejected
    /// tags, which runs git once for each.
    pub fn decide(&self, package: &Package, with_branches: bool) -> Result<VersionDecision> {
        let mut decision = self.try_decide(package, with_branches)?;
        decision.refusal.take().map_or(Ok(decision), Err)
    }

    /// Decides the next version of a package. What prevents it is part of the decision.
    pub fn try_decide(&self, package: &Package, with_branches: bool) -> Result<VersionDecision> {
        let (line, mut warnings) = self.release_line()?;
        let mut base = self.base(package, &line)?;
        self.start_from_final_branches(&line, &mut base)?;
        let requested = self.options.version.is_some() || self.options.bump.is_some();
        let contained_in = if requested { None } else { self.containing_release(&line, &base)? };
        if contained_in.is_none() {
            self.check_first_release(package, &base, &mut warnings)?;
        }
        if with_branches {
            self.name_branches(&mut base);
        }
        let format = tags::format(package, &base);
        let hidden: Vec<CommitId> = base.last.iter().map(|tag| tag.commit).collect();
        let (commits, notices) = match &contained_in {
            None => self.commits(package, &hidden)?,
            Some(_) => Default::default(),
        };
        warnings.extend(notices);
        let mut decision = self.decide_by(package, line, base, contained_in, commits, &format)?;
        if let Some(error) = self.tag_on_other_object(&decision) {
            decision.reason.clone_from(&error.message);
            (decision.next, decision.refusal) = (None, Some(error));
        }
        warnings.extend(decision.warnings);
        Ok(VersionDecision { warnings, ..decision })
    }

    /// Refuses a first release that is probably a mistake (V6, V7).
    fn check_first_release(&self, package: &Package, base: &Base, warnings: &mut Vec<String>) -> Result<()> {
        if base.current().is_some() || self.options.initial.is_some() {
            return Ok(());
        }
        if base.all.is_empty() {
            return tags::check_unmatched(package, &tags::unmatched(&self.packages, &self.tags), warnings);
        }
        match base.rejected.iter().all(|rejected| rejected.unreachable) {
            true => Err(tags::none_reachable(package, base, self.repo)),
            false => Ok(()),
        }
    }

    fn decide_by(
        &self,
        package: &Package,
        line: ReleaseLine,
        base: Base,
        contained_in: Option<VersionTag>,
        commits: Vec<ClassifiedCommit>,
        format: &TagFormat,
    ) -> Result<VersionDecision> {
        let HistoryOptions { version, bump, initial, .. } = self.options.clone();
        let request = VersionRequest { version, bump, initial };
        let rules = DecisionRules {
            initial: &self.rules.initial,
            zero: self.rules.zero,
            abandoned: &self.rules.abandoned,
            format,
            branches: &|commit| self.repo.branches_containing(commit, 5),
            tagger: &|name| self.repo.tagger(name),
        };
        let candidates = self.candidates(&line, &base)?;
        let target = version::compute_core(&base, &commits, &line, &request, candidates.as_ref(), rules)?;
        let last = target.channel.as_ref().and_then(|(_, last)| last.as_ref());
        let since = last.map(|tag| self.commits_since(&[tag.commit])).transpose()?;
        let since_prerelease =
            since.map(|links| links.into_iter().map(|link| link.id).collect::<HashSet<_>>());
        let (package, head) = (package.name.clone(), self.head.commit);
        let input = DecisionInput {
            package,
            head,
            line,
            request: &request,
            base,
            contained_in,
            commits,
            target,
            since_prerelease,
        };
        Ok(version::decide(input, rules))
    }

    /// Returns the prereleases that a final version may complete, and the commits after them: those of the configured channels,
    /// if they are all of one core above the base (V34).
    fn candidates(&self, line: &ReleaseLine, base: &Base) -> Result<Option<Candidates>> {
        if line.channel.is_some() || line.named.is_some() {
            return Ok(None);
        }
        let configured = |channel: &Channel| {
            self.config.branches.iter().any(|rule| rule.channel.as_ref() == Some(channel))
        };
        let mut tags = base.prereleases.iter().filter(|tag| {
            tag.version.channel().is_some_and(|(channel, _)| configured(&channel))
                && !self.rules.abandoned.contains(&tag.version.core())
        });
        let Some(newest) = tags.next().cloned() else { return Ok(None) };
        let core = newest.version.core();
        let mut commits = vec![newest.commit];
        for tag in tags {
            if tag.version.core() != core {
                return Ok(None);
            }
            commits.push(tag.commit);
        }
        let since = self.commits_since(&commits)?.into_iter().map(|link| link.id).collect();
        Ok(Some(Candidates { newest: newest.name, core, since }))
    }

    /// Refuses a version whose tag exists on an object that is not a commit (V3).
    fn tag_on_other_object(&self, decision: &VersionDecision) -> Option<Error> {
        let next = decision.next.as_ref().filter(|next| !next.already)?;
        self.tags.iter().find(|tag| tag.name == next.tag && tag.target == Target::Other)?;
        let (version, tag) = (&next.version, &next.tag);
        Some(
            Error::conflict(format!(
                "the next version is {version}, but tag {tag} exists but does not point to a commit"
            ))
            .hint(format!("`git show {tag}` shows it; delete it, or choose another version with --bump")),
        )
    }

    /// Returns the commits that are reachable from HEAD and from none of `hidden`, classified, and warnings.
    pub(super) fn commits(
        &self,
        package: &Package,
        hidden: &[CommitId],
    ) -> Result<(Vec<ClassifiedCommit>, Vec<String>)> {
        let commits = self.reader.read(self.commits_since(hidden)?, package, &self.tags)?;
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

    /// Returns the line of releases of HEAD, and warnings about how it was found. An earlier state makes finals.
    pub fn release_line(&self) -> Result<(ReleaseLine, Vec<String>)> {
        let mut warnings = Vec::new();
        if self.historical {
            return Ok((ReleaseLine::default(), warnings));
        }
        let remote = release_line::RemoteBranches {
            tip: &|branch| self.tip(branch),
            contains: &|tip, commit| self.contains(tip, commit),
            // A release needs a branch; a version only if branches have different rules.
            branch_needed: self.options.advertised.is_some(),
        };
        let (branch, channel) = (self.options.branch.as_deref(), self.options.channel.as_deref());
        let line = release_line::find(self.context, &self.head, branch, channel, &remote, &mut warnings)?;
        Ok((line, warnings))
    }

    /// Returns the tip of a branch on the remote: as advertised if the remote was asked, otherwise as of the last fetch.
    /// Fetches the commit if it is missing.
    pub fn tip(&self, branch: &BranchName) -> Result<Option<CommitId>> {
        let Some(remote) = self.repo.remote()? else { return Ok(None) };
        let Some(advertised) = &self.options.advertised else {
            return Ok(self.repo.remote_branch(&remote, branch));
        };
        let reference = format!("refs/heads/{branch}");
        let tip = advertised.refs.get(&reference).copied();
        if tip.is_some_and(|tip| !self.repo.has(tip)) {
            self.repo.fetch(&remote, &reference, Depth::Missing, FetchTimeout::Long)?;
        }
        Ok(tip)
    }

    /// Adds to the first unreachable tags the branches that contain them.
    fn name_branches(&self, base: &mut Base) {
        for rejected in base.rejected.iter_mut().filter(|rejected| rejected.unreachable).take(3) {
            let branches = self.repo.branches_containing(rejected.tag.commit, 3);
            if !branches.is_empty() {
                rejected.why = format!("{}; it is on {}", rejected.why, branches.join(", "));
            }
        }
    }
}
