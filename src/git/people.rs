//! Who wrote a commit or made a tag, and when. Leans on `git2`.

use super::graph::oid;
use super::repo::Repo;
use crate::error::{Error, Result};
use crate::model::{CommitId, Person, TagName};

impl Repo {
    /// The author and the committer of a commit.
    pub fn people(&self, id: CommitId) -> Result<(Person, Person)> {
        let commit = self.git.find_commit(oid(&self.replacement(id))).map_err(|error| {
            Error::refused(format!("commit {id} cannot be read"))
                .cause(error.message())
                .hint("`git fsck` shows what is damaged")
        })?;
        Ok((person(&commit.author()), person(&commit.committer())))
    }

    /// When an annotated tag was made; `None` for a lightweight one, or one that is not here.
    pub fn tagged(&self, name: &TagName) -> Option<i64> {
        let reference = self.git.find_reference(&format!("refs/tags/{name}")).ok()?;
        let tag = reference.peel_to_tag().ok()?;
        Some(tag.tagger()?.when().seconds())
    }

    /// Who made an annotated tag.
    pub fn tagger(&self, name: &TagName) -> Option<String> {
        let tag = self.git.find_reference(&format!("refs/tags/{name}")).ok()?.peel_to_tag().ok()?;
        Some(person(&tag.tagger()?).name)
    }
}

impl Repo {
    /// Who works here, as git would sign a commit: `user.name` and `user.email`, or what the environment puts in their
    /// place.
    pub fn author(&self) -> Result<Person> {
        let answer = self.program.command("var").option("GIT_AUTHOR_IDENT").run()?;
        let parsed = || {
            let (name, rest) = answer.stdout.trim_end().rsplit_once(" <")?;
            let (email, when) = rest.split_once("> ")?;
            let seconds = when.split(' ').next()?.parse().ok()?;
            Some(Person { name: name.to_owned(), email: email.to_owned(), seconds })
        };
        parsed().filter(|person| answer.ok && !person.email.is_empty()).ok_or_else(|| {
            Error::refused("git does not know who you are, and what is recorded names who did it")
                .cause(&answer.message)
                .hint("git config user.name \"…\" && git config user.email \"…\"")
        })
    }
}

/// Bytes that are not UTF-8 are replaced, as in messages (V26).
fn person(signature: &git2::Signature<'_>) -> Person {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Person {
        name: text(signature.name_bytes()),
        email: text(signature.email_bytes()),
        seconds: signature.when().seconds(),
    }
}
