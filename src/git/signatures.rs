//! Who wrote a commit, who works here, and what is signed.

use super::graph::oid;
use super::repo::Repo;
use super::settings::SettingType;
use super::writer::Sign;
use crate::error::{Error, Result};
use crate::model::{CommitId, Person};
use std::path::Path;

impl Repo {
    /// Returns the author and the committer of a commit.
    pub fn people(&self, id: CommitId) -> Result<(Person, Person)> {
        let id = self.replacement(id);
        self.check_object(oid(&id))?;
        let commit = self.git.find_commit(oid(&id)).map_err(|error| {
            Error::refused(format!("cannot read commit {id}"))
                .cause(error.message())
                .hint("`git fsck` shows what is damaged")
        })?;
        Ok((person(&commit.author()), person(&commit.committer())))
    }

    /// Returns who git would name as the author of a commit: `user.name` and `user.email`, or what the environment sets
    /// instead.
    ///
    /// # Errors
    ///
    /// Exit code 4: they are not set.
    pub fn author(&self) -> Result<Person> {
        let answer = self.program.command("var").option("GIT_AUTHOR_IDENT").run()?;
        let parsed = || {
            let (name, rest) = answer.stdout.trim_end().rsplit_once(" <")?;
            let (email, when) = rest.split_once("> ")?;
            let seconds = when.split(' ').next()?.parse().ok()?;
            Some(Person { name: name.to_owned(), email: email.to_owned(), seconds })
        };
        match parsed().filter(|person| answer.ok && !person.email.is_empty()) {
            Some(person) => Ok(person),
            None => Err(self.no_identity("the ledger records who did what")),
        }
    }

    /// Returns the email address of the committer, as git would use it.
    ///
    /// # Errors
    ///
    /// Exit code 4: it is not set.
    pub fn committer_email(&self) -> Result<String> {
        let answer = self.program.command("var").option("GIT_COMMITTER_IDENT").run()?;
        let email = answer.stdout.rsplit_once('>').and_then(|(who, _)| who.rsplit_once('<'));
        match email.filter(|_| answer.ok) {
            Some((_, email)) => Ok(email.to_owned()),
            None => Err(self.no_identity("a release commit and its tag name who made them")),
        }
    }

    /// Returns why git names no author: its configuration cannot be read, or does not say it.
    fn no_identity(&self, why: &str) -> Error {
        match self.setting("user.email", SettingType::Text) {
            Err(error) => error,
            Ok(_) => not_set(why),
        }
    }

    /// Returns `user.name` and `user.email` of git's configuration, where both are set.
    pub fn configured_user(&self) -> Option<(String, String)> {
        let setting = |name| self.setting(name, SettingType::Text).ok().flatten();
        Some((setting("user.name")?, setting("user.email")?))
    }

    /// Returns whether git is configured to sign commits.
    pub fn signs_commits(&self) -> Result<bool> {
        self.is_set("commit.gpgSign")
    }

    /// Returns whether annotated tags will be signed.
    pub fn signs_tags(&self, sign: Sign) -> Result<bool> {
        match sign {
            Sign::Always => Ok(true),
            Sign::Never => Ok(false),
            Sign::Auto => Ok(self.is_set("tag.gpgSign")? || self.is_set("tag.forceSignAnnotated")?),
        }
    }

    /// Verifies the signature of a commit: whether it is good, and what git and its signing program print. `signers` is
    /// the file of the ssh keys that are trusted.
    pub fn verify_commit(&self, commit: CommitId, signers: &Path) -> Result<(bool, String)> {
        let command = self.program.command("verify-commit").setting("gpg.ssh.allowedSignersFile", signers);
        let answer = command.option("--raw").operand(commit.to_string()).run()?;
        Ok((answer.ok, answer.stderr))
    }
}

fn not_set(why: &str) -> Error {
    Error::refused("git user.name and user.email are not set")
        .cause(why)
        .hint("git config user.name \"…\" && git config user.email \"…\"")
}

/// Bytes that are not UTF-8 are replaced, as in messages (V26).
pub(super) fn person(signature: &git2::Signature<'_>) -> Person {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Person {
        name: text(signature.name_bytes()),
        email: text(signature.email_bytes()),
        seconds: signature.when().seconds(),
    }
}
