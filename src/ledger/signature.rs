//! Who is believed: with `allowed_signers` set, a tip counts only with a good signature of one of them. Leans on `git`.

use crate::error::{Error, Kind, Result, ResultExt};
use crate::git::Repo;
use crate::model::CommitId;
use std::path::{Path, PathBuf};

/// The keys that are believed.
pub(super) struct Signers {
    /// The name of the file in the repository, for messages.
    name: String,
    /// ssh keys, in a file of our own: what is believed does not come from a work tree.
    file: PathBuf,
    /// Fingerprints of OpenPGP keys: lines that begin with `gpg`.
    fingerprints: Vec<String>,
}

impl Signers {
    /// Of the text of `ALLOWED SIGNERS` (ssh-keygen(1)), with lines `gpg FINGERPRINT` beside it.
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
            let half = folder.join(format!("allowed_signers.{}", std::process::id()));
            let write = || std::fs::write(&half, ssh).and_then(|()| std::fs::rename(&half, &file));
            write().context(Kind::Refused, format!("{} cannot be written", file.display()))?;
        }
        Ok(Signers { name: name.to_owned(), file, fingerprints: fingerprints.collect() })
    }

    /// Checks the signature of a commit.
    pub(super) fn check(&self, repo: &Repo, commit: CommitId) -> Result<()> {
        let (good, said) = repo.signature(commit, &self.file)?;
        // `[GNUPG:] VALIDSIG <fingerprint> … <fingerprint of the primary key>` (gnupg doc/DETAILS). A good signature of
        // a key that merely lies in somebody's keyring is not believed.
        let valid = said.lines().find_map(|line| line.strip_prefix("[GNUPG:] VALIDSIG "));
        let known = |word: &str| self.fingerprints.iter().any(|fingerprint| fingerprint == word);
        let believed = match valid {
            Some(words) => good && words.split_whitespace().any(known),
            None => good,
        };
        if believed {
            return Ok(());
        }
        let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(3).collect();
        let said = if said.is_empty() { "it bears no signature".to_owned() } else { said.join("; ") };
        Err(Error::conflict(format!(
            "event {} of the ledger is not signed by anybody whom {} names",
            commit.short(),
            self.name
        ))
        .cause(said)
        .hint("nothing that the ledger says is believed until that is settled; `rel ledger verify` shows which events are signed")
        .hint("whoever pushed it: `git log` of the branch and the log of the forge say"))
    }
}
