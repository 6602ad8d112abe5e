//! Annotated tags: their message, who made them, and when.

use super::graph::{from_oid, oid};
use super::repo::Repo;
use super::signatures::person;
use crate::error::{Kind, Result, ResultExt};
use crate::model::{CommitId, TagName};

/// An annotated tag.
#[derive(Clone, Debug)]
pub struct AnnotatedTag {
    /// The tag object.
    pub object: CommitId,
    /// The commit that it points at.
    pub commit: CommitId,
    /// Its message, with the signature.
    pub message: String,
    /// The email address of who made it.
    pub by: Option<String>,
}

impl Repo {
    /// Returns whether a tag of this name is here.
    pub fn has_tag(&self, name: &TagName) -> bool {
        self.git.find_reference(&format!("refs/tags/{name}")).is_ok()
    }

    /// Returns an annotated tag; `None` for a lightweight one, or if there is none.
    pub fn annotated(&self, name: &TagName) -> Result<Option<AnnotatedTag>> {
        let Ok(reference) = self.git.find_reference(&format!("refs/tags/{name}")) else { return Ok(None) };
        let Ok(tag) = reference.peel_to_tag() else { return Ok(None) };
        let commit = reference
            .peel_to_commit()
            .context(Kind::Refused, format!("tag {name} does not point to a commit"))?;
        Ok(Some(AnnotatedTag {
            object: from_oid(tag.id()),
            commit: from_oid(commit.id()),
            message: String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned(),
            by: tag.tagger().map(|tagger| person(&tagger).email),
        }))
    }

    /// Returns the message of an annotated tag, with its signature; `None` for a lightweight one, or if there is none.
    /// Bytes that are not UTF-8 are replaced.
    pub fn tag_message(&self, name: &TagName) -> Option<String> {
        let tag = self.git.find_tag(oid(&self.reference(&format!("refs/tags/{name}"))?)).ok()?;
        Some(String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned())
    }

    /// Returns the message of a tag object, with its signature; `None` if it is not here, or is no tag object.
    pub fn tag_object_message(&self, object: CommitId) -> Option<String> {
        let tag = self.git.find_tag(oid(&object)).ok()?;
        Some(String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned())
    }

    /// Returns when an annotated tag was made, in seconds since 1970; `None` for a lightweight one, or if there is none.
    pub fn tag_time(&self, name: &TagName) -> Option<i64> {
        let tag = self.git.find_reference(&format!("refs/tags/{name}")).ok()?.peel_to_tag().ok()?;
        Some(tag.tagger()?.when().seconds())
    }

    /// Returns the name of who made an annotated tag.
    pub fn tagger(&self, name: &TagName) -> Option<String> {
        let tag = self.git.find_reference(&format!("refs/tags/{name}")).ok()?.peel_to_tag().ok()?;
        Some(person(&tag.tagger()?).name)
    }
}
