//! The branch itself: fetched, remembered, grown. A tip that does not descend from the one that this clone saw last is
//! refused. Leans on `git`.

use super::signature::Signers;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::git::{Grown, Remote, Repo, Told};
use crate::model::{BranchName, CommitId};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// The last tip that was seen, in the repository beside the user's.
const SEEN: &str = "refs/rel/tip";

/// So often a ref may move between being asked for and being fetched.
const CHASES: u32 = 5;

/// The ledger's branch on its remote, and the copy of it here.
pub(super) struct Store {
    pub(super) repo: Rc<Repo>,
    pub(super) remote: Remote,
    pub(super) reference: String,
    signers: Option<Signers>,
}

impl Store {
    pub(super) fn new(repo: Repo, remote: Remote, branch: &BranchName, signers: Option<Signers>) -> Self {
        Store { repo: Rc::new(repo), remote, reference: format!("refs/heads/{branch}"), signers }
    }

    /// The folder of the repository beside the user's.
    pub(super) fn folder(&self) -> PathBuf {
        self.repo.own_place()
    }

    /// The tip that was seen last.
    pub(super) fn seen(&self) -> Option<CommitId> {
        self.repo.reference(SEEN)
    }

    /// What the copy says, checked like what comes from outside.
    pub(super) fn copy(&self) -> Result<Snapshot> {
        let seen = self.seen();
        if let Some(seen) = seen {
            self.believe(seen)?;
        }
        Snapshot::new(&self.repo, seen)
    }

    /// Asks the remote where the branch stands.
    pub(super) fn ask(&self) -> Result<Told> {
        self.repo.ask(&self.remote, &[&self.reference])
    }

    /// Brings the branch here as the remote has it, and remembers it.
    pub(super) fn follow(&self, told: &Told) -> Result<Snapshot> {
        let mut told = told.refs.get(&self.reference).copied();
        let mut earlier = None;
        for _ in 0..CHASES {
            let seen = self.seen();
            let Some(tip) = told else {
                let Some(seen) = seen else { return Snapshot::new(&self.repo, None) };
                // Another process of this clone may have begun the ledger since the remote was asked.
                told = self.asked_again(&mut earlier, seen, || self.gone(seen))?;
                continue;
            };
            if !self.repo.has(tip) {
                self.bring(seen.is_none())?;
            }
            if !self.repo.has(tip) {
                told = self.ask()?.refs.get(&self.reference).copied();
                continue;
            }
            if let Some(seen) = seen.filter(|seen| *seen != tip) {
                self.linear(tip, seen)?;
                if !self.below(tip, seen) {
                    told = self.asked_again(&mut earlier, seen, || self.rewritten(tip, seen))?;
                    continue;
                }
            }
            self.believe(tip)?;
            if seen != Some(tip) {
                self.remember(tip)?;
            }
            return Snapshot::new(&self.repo, Some(tip));
        }
        Err(Error::unreachable(format!("{} moves faster than it can be fetched", self.reference)))
    }

    /// Asks once more, because the answer may be older than what another process of this clone saw; the second time the
    /// fault is one.
    fn asked_again(
        &self,
        earlier: &mut Option<CommitId>,
        seen: CommitId,
        fault: impl Fn() -> Error,
    ) -> Result<Option<CommitId>> {
        if earlier.replace(seen) == Some(seen) {
            return Err(fault());
        }
        Ok(self.ask()?.refs.get(&self.reference).copied())
    }

    /// A copy that exists grows by what is new; the first one takes the tip alone. Another process of this clone may be
    /// at it: then its result will do.
    fn bring(&self, first: bool) -> Result<()> {
        match self.repo.bring(&self.remote, &self.reference, first.then_some(1)) {
            Err(error) if error.causes.iter().any(|cause| cause.contains(".lock")) => {
                std::thread::sleep(Duration::from_millis(50));
                self.repo.reread()
            }
            end => end,
        }
    }

    /// Brings one commit of the chain, without those before it.
    pub(super) fn bring_one(&self, commit: CommitId) -> Result<()> {
        self.repo.bring(&self.remote, &commit.to_string(), Some(1))
    }

    /// Remembers a tip.
    pub(super) fn remember(&self, tip: CommitId) -> Result<()> {
        self.repo.set_reference(SEEN, tip)
    }

    /// Whether `commit` is the tip, or lies below it, as far as is known here.
    pub(super) fn below(&self, tip: CommitId, commit: CommitId) -> bool {
        let mut at = Some(tip);
        while let Some(here) = at {
            if here == commit {
                return true;
            }
            at = self.repo.chained(here).and_then(|found| found.parents.first().copied());
        }
        false
    }

    /// Grows the branch on the remote from `from` to `to`.
    pub(super) fn grow(&self, from: Option<CommitId>, to: CommitId) -> Grown {
        self.repo.grow(&self.remote, &self.reference, from, to)
    }

    /// Makes a shallow copy deeper, or whole.
    pub(super) fn deepen(&self, by: Option<u32>) -> Result<()> {
        self.repo.deeper(&self.remote, &self.reference, by)
    }

    /// Whether the keys that are believed signed a tip.
    pub(super) fn believe(&self, tip: CommitId) -> Result<()> {
        match &self.signers {
            Some(signers) => signers.check(&self.repo, tip),
            None => Ok(()),
        }
    }

    /// Whether events must be signed.
    pub(super) fn wants_signatures(&self) -> bool {
        self.signers.is_some()
    }

    /// Refuses a merge between two tips: somebody pushed with something else than `rel`.
    fn linear(&self, tip: CommitId, seen: CommitId) -> Result<()> {
        let mut at = Some(tip);
        while let Some(here) = at.filter(|here| *here != seen) {
            let parents = self.repo.chained(here).map(|found| found.parents).unwrap_or_default();
            if parents.len() > 1 {
                return Err(Error::conflict(format!(
                    "the ledger at {} is no chain any more: {} is a merge",
                    self.remote.name,
                    here.short()
                ))
                .hint("somebody pushed to it with something else than rel; `rel ledger verify` shows all faults"));
            }
            at = parents.first().copied();
        }
        Ok(())
    }

    fn rewritten(&self, tip: CommitId, seen: CommitId) -> Error {
        let folder = self.folder().display().to_string();
        Error::conflict(format!(
            "the ledger at {} was rewritten: it stands at {}, which does not lead to {} that this clone saw last",
            self.remote.name,
            tip.short(),
            seen.short()
        ))
        .cause("a ledger only grows, so somebody replaced it, or restored an old copy of it")
        .hint(format!("what was lost: git -C {folder} log {}..{}", tip.short(), seen.short()))
        .hint(format!("to bring it back: git -C {folder} push --force {} {seen}:{}", self.address(), self.reference))
        .hint(format!("to believe the new one, in this clone alone: git -C {folder} update-ref -d {SEEN}"))
    }

    fn gone(&self, seen: CommitId) -> Error {
        let folder = self.folder().display().to_string();
        Error::conflict(format!(
            "the ledger at {} is gone: this clone saw it at {}",
            self.remote.name,
            seen.short()
        ))
        .cause(format!("there is no {} any more", self.reference))
        .hint(format!("to bring it back: git -C {folder} push {} {seen}:{}", self.address(), self.reference))
        .hint(format!("to begin anew, in this clone alone: git -C {folder} update-ref -d {SEEN}"))
    }

    fn address(&self) -> &str {
        self.remote.url.as_deref().unwrap_or(&self.remote.name)
    }
}
