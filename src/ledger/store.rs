//! The ledger's branch on its remote, and the copy of it here. A tip that does not descend from the last one that this
//! clone saw is refused.

use super::copy::{LAST_SEEN, LedgerCopy};
use super::signature::Signers;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::git::{Depth, FastForwardOutcome, FetchError, FetchTimeout, LsRemote, Refs, Remote, Repo, Writer};
use crate::model::{BranchName, CommitId};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// How often the branch may move between asking where it is and fetching it.
const MAX_FETCH_ATTEMPTS: u32 = 5;

/// By how many commits a shallow copy is deepened at each step; after the last step it fetches the rest.
pub(super) const DEEPEN_STEPS: [u32; 3] = [200, 2_000, 20_000];

/// The ledger's branch on its remote, and the copy of it here.
pub(super) struct Store {
    pub(super) repo: Rc<Repo>,
    pub(super) copy: LedgerCopy,
    pub(super) remote: Remote,
    pub(super) reference: String,
    signers: Option<Signers>,
    warning: RefCell<Option<String>>,
}

impl Store {
    pub(super) fn new(
        copy: LedgerCopy,
        remote: Remote,
        branch: &BranchName,
        signers: Option<Signers>,
    ) -> Self {
        let repo = Rc::clone(&copy.repo);
        let (reference, warning) = (format!("refs/heads/{branch}"), RefCell::default());
        Store { repo, copy, remote, reference, signers, warning }
    }

    /// Returns the folder of the repository that holds the copy.
    pub(super) fn folder(&self) -> PathBuf {
        self.repo.folder()
    }

    fn last_seen(&self) -> Option<CommitId> {
        self.repo.reference(LAST_SEEN).or(self.copy.seen_before)
    }

    /// Whether the copy is gone when the command ends.
    pub(super) fn is_temporary(&self) -> bool {
        self.copy.is_temporary()
    }

    /// Checks that all that the copy says of the last tip can be read.
    ///
    /// # Errors
    ///
    /// 4 if an object is damaged or missing, or the ref is.
    pub(super) fn check(&self) -> Result<()> {
        match self.repo.reference(LAST_SEEN) {
            Some(tip) => self.repo.check_commit(tip),
            None if self.folder().join(LAST_SEEN).exists() => {
                Err(Error::refused(format!("{LAST_SEEN} is damaged")))
            }
            None => Ok(()),
        }
    }

    /// Returns the copy as it is here; its signature is checked as if it came from the remote.
    ///
    /// # Errors
    ///
    /// 4 if its tip is damaged or missing: nothing is known of it, not even that it is not signed; 5 if its signature is not valid.
    pub(super) fn copy(&self) -> Result<Snapshot> {
        let last_seen = self.last_seen();
        if let Some(tip) = last_seen {
            self.check_is_here(tip)?;
            self.verify_signature(tip)?;
        }
        Snapshot::new(&self.repo, last_seen)
    }

    /// Refuses the default branch of the project as the branch of the ledger: every event would be pushed onto the code.
    ///
    /// # Errors
    ///
    /// 2 if they are the same.
    pub(super) fn check_branch(&self, project: Option<&Remote>, default: Option<&BranchName>) -> Result<()> {
        let same_remote =
            project.is_none_or(|project| project.name == self.remote.name || project.url == self.remote.url);
        match default.filter(|default| same_remote && format!("refs/heads/{default}") == self.reference) {
            None => Ok(()),
            Some(default) => Err(Error::usage(format!(
                "[ledger] branch = \"{default}\" is the default branch, and the ledger needs a branch of its own"
            ))
            .hint("set [ledger] branch = \"rel-ledger\"")),
        }
    }

    /// Asks the remote for the tip of the branch.
    ///
    /// # Errors
    ///
    /// 6 if it cannot be reached.
    pub(super) fn ask(&self) -> Result<LsRemote> {
        self.repo.ls_remote(&self.remote, Refs::Named(&[&self.reference]))
    }

    /// Fetches the tip that the remote has, checks it, and remembers it as the last one seen.
    ///
    /// # Errors
    ///
    /// 5 if the branch was deleted, rewritten or merged, or if the tip is not signed as it must be; 6 if the remote cannot
    /// be reached.
    pub(super) fn fetch_tip(&self, told: &LsRemote) -> Result<Snapshot> {
        let mut told = told.refs.get(&self.reference).copied();
        let mut earlier = None;
        for _ in 0..MAX_FETCH_ATTEMPTS {
            let last_seen = self.last_seen();
            let Some(tip) = told else {
                let Some(last_seen) = last_seen else { return Snapshot::new(&self.repo, None) };
                // Another process of this clone may have begun the ledger since the remote was asked.
                told = self.ask_again(&mut earlier, last_seen, || self.deleted(last_seen))?;
                continue;
            };
            if !self.has(tip) {
                self.fetch(last_seen.is_none_or(|last_seen| !self.has(last_seen)))?;
            }
            if !self.has(tip) {
                told = self.ask()?.refs.get(&self.reference).copied();
                continue;
            }
            if let Some(last_seen) = last_seen.filter(|last_seen| *last_seen != tip) {
                self.deepen_to(last_seen)?;
                self.check_linear(tip, last_seen)?;
                if !self.is_ancestor(last_seen, tip) {
                    told = self.ask_again(&mut earlier, last_seen, || self.rewritten(tip, last_seen))?;
                    continue;
                }
            }
            let snapshot = Snapshot::new(&self.repo, Some(tip))?;
            self.check_is_ledger(&snapshot, tip, last_seen)?;
            self.verify_signature(tip)?;
            if self.repo.reference(LAST_SEEN) != Some(tip) {
                self.remember(tip);
            }
            return Ok(snapshot);
        }
        Err(Error::unreachable(format!("{} changes faster than it can be fetched", self.reference)))
    }

    /// Fetches the tip that the remote has without checking or remembering it, to find out what is wrong with it.
    ///
    /// # Errors
    ///
    /// 5 if the branch was deleted; 6 if the remote cannot be reached.
    pub(super) fn fetch_unchecked(&self, told: &LsRemote) -> Result<Snapshot> {
        let mut told = told.refs.get(&self.reference).copied();
        for _ in 0..MAX_FETCH_ATTEMPTS {
            let last_seen = self.last_seen();
            let Some(tip) = told else {
                return match last_seen {
                    Some(last_seen) => Err(self.deleted(last_seen)),
                    None => Snapshot::new(&self.repo, None),
                };
            };
            if !self.has(tip) {
                self.fetch(last_seen.is_none())?;
            }
            if self.has(tip) {
                return Snapshot::new(&self.repo, Some(tip));
            }
            told = self.ask()?.refs.get(&self.reference).copied();
        }
        Err(Error::unreachable(format!("{} changes faster than it can be fetched", self.reference)))
    }

    /// Returns the last copy without checking it.
    ///
    /// # Errors
    ///
    /// 4 if its tip is damaged or missing.
    pub(super) fn unchecked_copy(&self) -> Result<Snapshot> {
        let last_seen = self.last_seen();
        last_seen.map_or(Ok(()), |tip| self.check_is_here(tip))?;
        Snapshot::new(&self.repo, last_seen)
    }

    fn check_is_here(&self, tip: CommitId) -> Result<()> {
        let unreadable = || Error::refused(format!("the tip {} of the copy cannot be read", tip.short()));
        self.repo.is_readable(tip).then_some(()).ok_or_else(unreadable)
    }

    /// Refuses a tip that no event made: another branch was pushed there, or an empty tree, in which no hold is set and no
    /// build is bad.
    ///
    /// # Errors
    ///
    /// 5 if the tip has no format or no event, or a state without that event.
    pub(super) fn check_is_ledger(
        &self,
        snapshot: &Snapshot,
        tip: CommitId,
        last_seen: Option<CommitId>,
    ) -> Result<()> {
        let Some(missing) = snapshot.missing_of_a_ledger()? else { return Ok(()) };
        let (remote, reference) = (&self.remote.name, &self.reference);
        let error = Error::conflict(format!("{reference} of {remote} is not a ledger"))
            .cause(format!("its tip {} {missing}", tip.short()))
            .cause("a program other than rel pushed it, or `[ledger] branch` names the wrong branch");
        let error = match last_seen.filter(|last_seen| *last_seen != tip) {
            Some(last_seen) => error.hint(format!(
                "to restore it: git -C {} push --force {} {last_seen}:{reference}",
                self.folder().display(),
                self.url()
            )),
            None => error,
        };
        Err(error.hint("rel ledger verify   # shows everything that is wrong"))
    }

    /// Returns the error for a tip that does not descend from the last one that this clone saw.
    pub(super) fn check_descends(&self, tip: CommitId) -> Result<()> {
        match self.last_seen() {
            Some(last_seen) if !self.is_ancestor(last_seen, tip) => Err(self.rewritten(tip, last_seen)),
            _ => Ok(()),
        }
    }

    /// Asks the remote once more, because its answer may be older than what another process of this clone saw since. The
    /// second time in a row, returns the error.
    fn ask_again(
        &self,
        earlier: &mut Option<CommitId>,
        last_seen: CommitId,
        error: impl Fn() -> Error,
    ) -> Result<Option<CommitId>> {
        if earlier.replace(last_seen) == Some(last_seen) {
            return Err(error());
        }
        Ok(self.ask()?.refs.get(&self.reference).copied())
    }

    /// Fetches the branch: only its tip the first time, later what is new. If another process of this clone is fetching, its
    /// result is used.
    fn fetch(&self, first: bool) -> Result<()> {
        let depth = if first { Depth::Last(1) } else { Depth::Missing };
        match self.repo.fetch(&self.remote, &self.reference, depth, FetchTimeout::Short) {
            Err(FetchError::Locked(_)) => {
                std::thread::sleep(Duration::from_millis(50));
                self.repo.remove_fetch_lock();
                self.repo.reload()
            }
            result => Ok(result?),
        }
    }

    /// Fetches one commit of the branch, without the commits before it.
    pub(super) fn fetch_commit(&self, commit: CommitId) -> Result<()> {
        Ok(self.repo.fetch(&self.remote, &commit.to_string(), Depth::Last(1), FetchTimeout::Short)?)
    }

    /// Deepens a shallow copy by some commits; `None` fetches all.
    pub(super) fn deepen(&self, by: Option<u32>) -> Result<()> {
        let depth = by.map_or(Depth::Unshallow, Depth::Deepen);
        Ok(self.repo.fetch(&self.remote, &self.reference, depth, FetchTimeout::Long)?)
    }

    /// Deepens a copy that replaces a damaged one, until it contains the last tip that was seen.
    fn deepen_to(&self, last_seen: CommitId) -> Result<()> {
        for step in DEEPEN_STEPS.map(Some).into_iter().chain([None]) {
            if self.has(last_seen) || !self.repo.is_shallow() {
                break;
            }
            self.deepen(step)?;
        }
        Ok(())
    }

    /// Fetches everything again, because objects that are here are damaged.
    pub(super) fn fetch_again(&self) -> Result<()> {
        Writer::new(&self.repo).remove_damaged_objects()?;
        Ok(self.repo.fetch(&self.remote, &self.reference, Depth::Again, FetchTimeout::Long)?)
    }

    /// Whether a commit is here.
    pub(super) fn has(&self, commit: CommitId) -> bool {
        self.repo.has(commit)
    }

    /// Remembers a tip as the last one seen. Where that cannot be written, there is a warning to take: it is no reason to
    /// stop what has begun.
    pub(super) fn remember(&self, tip: CommitId) {
        match Writer::new(&self.repo).set_reference(LAST_SEEN, tip) {
            Ok(()) => self.copy.forget_seen_before(),
            Err(error) => {
                let why = error.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
                let warning = format!("the newest tip of the ledger cannot be remembered{why}");
                self.warning.replace(Some(warning));
            }
        }
    }

    /// Returns the warning of the last command that could not remember a tip, once.
    pub(super) fn take_warning(&self) -> Option<String> {
        self.warning.take()
    }

    /// Whether `commit` is `tip` or an ancestor of it, as far as the history is here.
    pub(super) fn is_ancestor(&self, commit: CommitId, tip: CommitId) -> bool {
        let mut at = Some(tip);
        while let Some(here) = at {
            if here == commit {
                return true;
            }
            at = self.parent(here);
        }
        false
    }

    /// Returns the parent of a commit; `None` for the first event, and if the commit is not here.
    pub(super) fn parent(&self, commit: CommitId) -> Option<CommitId> {
        self.repo.raw_commit(commit).and_then(|found| found.parents.first().copied())
    }

    /// Pushes the branch from one tip to the next, as a fast-forward.
    pub(super) fn push(&self, from: Option<CommitId>, to: CommitId) -> FastForwardOutcome {
        Writer::new(&self.repo).push_fast_forward(&self.remote, &self.reference, from, to)
    }

    /// Checks the signature of a tip, if events must be signed.
    ///
    /// # Errors
    ///
    /// 5 if none of the allowed signers made it.
    pub(super) fn verify_signature(&self, tip: CommitId) -> Result<()> {
        match &self.signers {
            Some(signers) => signers.check(&self.repo, tip),
            None => Ok(()),
        }
    }

    /// Whether events must be signed.
    pub(super) fn needs_signatures(&self) -> bool {
        self.signers.is_some()
    }

    /// Refuses a merge between two tips: another program than `rel` pushed it.
    fn check_linear(&self, tip: CommitId, last_seen: CommitId) -> Result<()> {
        let mut at = Some(tip);
        while let Some(here) = at.filter(|here| *here != last_seen) {
            let parents = self.repo.raw_commit(here).map(|found| found.parents).unwrap_or_default();
            if parents.len() > 1 {
                return Err(Error::conflict(format!(
                    "the ledger at {} is not linear: {} is a merge",
                    self.remote.name,
                    here.short()
                ))
                .cause("it was pushed by a program other than rel")
                .hint("rel ledger verify   # shows everything that is wrong"));
            }
            at = parents.first().copied();
        }
        Ok(())
    }

    pub(super) fn url(&self) -> &str {
        self.remote.url.as_deref().unwrap_or(&self.remote.name)
    }
}
