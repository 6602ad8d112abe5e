//! With `allowed_signers` set, a tip is only accepted if one of them signed it.

use crate::error::{Error, Kind, Result, ResultExt};
use crate::git::Repo;
use crate::model::CommitId;
use std::path::{Path, PathBuf};

/// The keys that may sign events.
pub(super) struct Signers {
    /// The name of the file in the repository, for messages.
    name: String,
    /// ssh keys, in a file outside every work tree.
    file: PathBuf,
    /// Fingerprints of OpenPGP keys.
    fingerprints: Vec<String>,
}

impl Signers {
    /// Parses a file of the format ALLOWED SIGNERS (ssh-keygen(1)) that may also have lines `gpg FINGERPRINT`, and writes its
    /// ssh keys into `folder`.
    ///
    /// # Errors
    ///
    /// 4 if that file cannot be written.
    pub(super) fn new(name: &str, text: &str, folder: &Path) -> Result<Self> {
        let gpg = |line: &&str| line.split_whitespace().next() == Some("gpg");
        let ssh: String = text.lines().filter(|line| !gpg(line)).map(|line| format!("{line}\n")).collect();
        let fingerprint = |line: &str| {
            let digits = line.split_whitespace().nth(1).unwrap_or_default();
            digits.trim_start_matches("0x").to_uppercase()
        };
        let fingerprints = text.lines().filter(gpg).map(fingerprint).filter(|digits| digits.len() >= 40);
        let file = folder.join("allowed_signers");
        let written = std::fs::read_to_string(&file).is_ok_and(|held| held == ssh);
        if !written {
            // Another process of this clone may be reading it.
            let part = folder.join(format!("allowed_signers.{}", std::process::id()));
            let write = || std::fs::write(&part, ssh).and_then(|()| std::fs::rename(&part, &file));
            write().context(Kind::Refused, format!("cannot write {}", file.display()))?;
        }
        Ok(Signers { name: name.to_owned(), file, fingerprints: fingerprints.collect() })
    }

    /// Checks the signature of a commit.
    ///
    /// # Errors
    ///
    /// 5 if none of the allowed signers made it.
    pub(super) fn check(&self, repo: &Repo, commit: CommitId) -> Result<()> {
        let (good, said) = repo.verify_commit(commit, &self.file)?;
        // `[GNUPG:] VALIDSIG <fingerprint> … <fingerprint of the primary key>` (gnupg doc/DETAILS). A good signature of
        // a key that is only in somebody's keyring is not accepted.
        let valid = said.lines().find_map(|line| line.strip_prefix("[GNUPG:] VALIDSIG "));
        let known = |word: &str| self.fingerprints.iter().any(|fingerprint| fingerprint == word);
        let accepted = match valid {
            Some(words) => good && words.split_whitespace().any(known),
            None => good,
        };
        if accepted {
            return Ok(());
        }
        let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(3).collect();
        let said = if said.is_empty() { "it has no signature".to_owned() } else { said.join("; ") };
        Err(Error::conflict(format!(
            "the ledger's event {} is not signed by an allowed signer of {}",
            commit.short(),
            self.name
        ))
        .cause(said)
        .hint("rel ledger verify   # shows which events are signed")
        .hint("the audit log of your git host shows who pushed it"))
    }
}
