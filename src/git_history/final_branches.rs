//! The branches that make final versions, as the remote has them: prereleases start from what they have released (V31), and
//! a commit that one of their releases contains is not released again (V32).

use super::release_context::{HistoryOptions, ReleaseContext};
use crate::config::Config;
use crate::error::Result;
use crate::git::{Depth, FetchTimeout, LsRemote, Refs, Remote, Repo};
use crate::model::{BranchName, CommitId};
use crate::version::{Base, ReleaseLine, VersionTag};

/// How many releases that this clone does not have are fetched to find out whether they contain HEAD.
const MAX_FETCHED: usize = 64;

/// Asks the remote for its branches and tags, if prereleases start from branches that this clone does not have: a job often
/// clones its own branch only.
pub(super) fn ask_remote(repo: &Repo, config: &Config, options: &HistoryOptions) -> Result<Option<LsRemote>> {
    let tells_apart = config.branches.iter().any(|rule| rule.channel.is_some())
        && config.branches.iter().any(|rule| rule.channel.is_none());
    if !tells_apart || options.offline || options.advertised.is_some() {
        return Ok(None);
    }
    let Some(remote) = repo.remote()? else { return Ok(None) };
    let known = repo.branches(Some(&remote))?;
    if known.iter().any(|(branch, _)| makes_finals(config, branch)) {
        return Ok(None);
    }
    repo.ls_remote(&remote, Refs::HeadsAndTags).map(Some)
}

/// Returns whether release.toml lists a branch, and gives it no channel.
fn makes_finals(config: &Config, branch: &BranchName) -> bool {
    let rule = config.branches.iter().find(|rule| rule.matches.matches(branch.as_str()));
    rule.is_some_and(|rule| rule.channel.is_none())
}

impl ReleaseContext<'_> {
    /// Starts a prerelease from the highest release of the branches that make finals, if that is higher than every release
    /// reachable from HEAD: such a branch is merged, and never gets anything back (V31).
    pub(super) fn start_from_final_branches(&self, line: &ReleaseLine, base: &mut Base) -> Result<()> {
        if line.channel.is_none() || self.is_historical() {
            return Ok(());
        }
        let higher: Vec<VersionTag> = base
            .all
            .iter()
            .filter(|tag| tag.version.is_final() && line.can_start_from(&tag.version))
            .take_while(|tag| base.last.as_ref().is_none_or(|last| tag.version > last.version))
            .cloned()
            .collect();
        if higher.is_empty() {
            return Ok(());
        }
        let Some(tips) = self.final_tips()? else { return Ok(()) };
        if let Some(highest) = self.on_branches(&tips, higher)?.into_iter().next() {
            base.start_from(highest);
        }
        Ok(())
    }

    /// Returns the lowest release of this line that contains HEAD: a job that comes late has nothing to release (V32).
    pub(super) fn containing_release(&self, line: &ReleaseLine, base: &Base) -> Result<Option<VersionTag>> {
        let head = self.head();
        let on_head = |tag: &VersionTag| tag.commit == head;
        if self.is_historical() || base.all.iter().any(on_head) {
            return Ok(None);
        }
        let is_base = |tag: &VersionTag| base.last.as_ref().is_some_and(|last| last.name == tag.name);
        let higher = |tag: &&VersionTag| {
            base.last.as_ref().is_none_or(|last| tag.version > last.version) || base.elsewhere && is_base(tag)
        };
        let reached = |tag: &VersionTag| base.prereleases.iter().any(|other| other.name == tag.name);
        let of_line = |tag: &&VersionTag| match tag.version.channel() {
            None => line.range.is_none_or(|range| range.contains(&tag.version)),
            Some((channel, _)) => line.channel.as_ref() == Some(&channel) && !reached(tag),
        };
        let later: Vec<VersionTag> = base.all.iter().filter(higher).filter(of_line).cloned().collect();
        if later.is_empty() {
            return Ok(None);
        }
        let (finals, prereleases): (Vec<_>, Vec<_>) =
            later.into_iter().partition(|tag| tag.version.is_final());
        let mut later = match self.final_tips()? {
            Some(tips) => self.on_branches(&tips, finals)?,
            None => finals,
        };
        later.extend(prereleases);
        later.sort_by(|a, b| a.version.cmp(&b.version));
        self.fetch_missing(&later)?;
        later.retain(|tag| self.repo.has(tag.commit));
        let commits: Vec<CommitId> = later.iter().map(|tag| tag.commit).collect();
        // Most HEADs are in none of them, which one walk tells.
        if commits.is_empty() || self.reached_from(&commits, &[head])? != [true] {
            return Ok(None);
        }
        for tag in later {
            if self.contains(tag.commit, head)? {
                return Ok(Some(tag));
            }
        }
        Ok(None)
    }

    /// Returns the tips of the branches that make finals; `None` if release.toml does not tell branches apart.
    fn final_tips(&self) -> Result<Option<Vec<CommitId>>> {
        if self.config.branches.is_empty() {
            return Ok(None);
        }
        let remote = self.repo.remote()?;
        let mut branches = match self.options.advertised.as_ref().or(self.listed.as_ref()) {
            Some(advertised) => advertised.branches(),
            None => self.repo.branches(remote.as_ref())?,
        };
        branches.retain(|(branch, _)| makes_finals(self.config, branch));
        if let Some(remote) = remote.filter(|_| !self.options.offline) {
            self.fetch_branches(&remote, &branches)?;
        }
        // Releases that are not pushed yet count too.
        let local = self.repo.branches(None)?;
        branches.extend(local.into_iter().filter(|(branch, _)| makes_finals(self.config, branch)));
        Ok(Some(branches.into_iter().map(|(_, tip)| tip).collect()))
    }

    fn fetch_branches(&self, remote: &Remote, branches: &[(BranchName, CommitId)]) -> Result<()> {
        for (branch, _) in branches.iter().filter(|(_, tip)| !self.repo.has(*tip)) {
            self.repo.fetch(remote, &format!("refs/heads/{branch}"), Depth::Missing, FetchTimeout::Long)?;
        }
        Ok(())
    }

    /// Fetches the tagged commits that this clone does not have, the lowest versions first.
    fn fetch_missing(&self, tags: &[VersionTag]) -> Result<()> {
        let Some(remote) = self.repo.remote()?.filter(|_| !self.options.offline) else { return Ok(()) };
        for tag in tags.iter().filter(|tag| !self.repo.has(tag.commit)).take(MAX_FETCHED) {
            // An earlier fetch may have brought it.
            if !self.repo.has(tag.commit) {
                let name = format!("refs/tags/{}", tag.name);
                self.repo.fetch(&remote, &name, Depth::Missing, FetchTimeout::Long)?;
            }
        }
        Ok(())
    }

    /// Returns the tags that are reachable from one of `tips`, in the same order.
    fn on_branches(&self, tips: &[CommitId], tags: Vec<VersionTag>) -> Result<Vec<VersionTag>> {
        let commits: Vec<CommitId> = tags.iter().map(|tag| tag.commit).collect();
        let reached = self.reached_from(tips, &commits)?;
        Ok(tags.into_iter().zip(reached).filter(|(_, reached)| *reached).map(|(tag, _)| tag).collect())
    }
}
