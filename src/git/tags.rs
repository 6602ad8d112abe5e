//! Tags and what they point at; nested tags are peeled.

use super::damage::check_object;
use super::graph::from_oid;
use crate::error::{Kind, Result, ResultExt};
use crate::model::{CommitId, TagName};

/// What a tag points at in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A commit; for a packed ref this is not checked, because it does not say what it points at.
    Commit(CommitId),
    /// A blob, a tree, or an object that is not here.
    Other,
}

/// A tag of a repository.
#[derive(Clone, Debug)]
pub struct RawTag {
    /// Its short name.
    pub name: TagName,
    /// What it points at.
    pub target: Target,
}

/// Returns all tags of a repository. Names that are not UTF-8 are skipped: no version has one.
pub(super) fn local(git: &git2::Repository) -> Result<Vec<RawTag>> {
    let odb = git.odb().context(Kind::Refused, "the object database cannot be opened")?;
    let refs = git.references_glob("refs/tags/*").context(Kind::Refused, "the tags cannot be read")?;
    let mut tags = Vec::new();
    for reference in refs {
        let Ok(reference) = reference else { continue };
        let name =
            std::str::from_utf8(reference.name_bytes()).ok().and_then(|name| name.strip_prefix("refs/tags/"));
        let Some(name) = name else { continue };
        let target = match (reference.target_peel(), reference.target()) {
            (Some(peeled), _) => Target::Commit(from_oid(peeled)),
            (None, Some(direct)) => match odb.read_header(direct) {
                Ok((_, git2::ObjectType::Commit)) => Target::Commit(from_oid(direct)),
                Ok((_, git2::ObjectType::Tag)) => peel(git, direct),
                _ => Target::Other,
            },
            (None, None) => reference
                .resolve()
                .ok()
                .and_then(|named| named.target())
                .map_or(Target::Other, |id| peel(git, id)),
        };
        tags.push(RawTag { name: TagName::new(name), target });
    }
    Ok(tags)
}

/// Follows tags to what the last one points at, which is not read: it may be damaged.
fn peel(git: &git2::Repository, from: git2::Oid) -> Target {
    let Ok(odb) = git.odb() else { return Target::Other };
    let mut at = from;
    loop {
        match odb.read_header(at) {
            Ok((_, git2::ObjectType::Commit)) => return Target::Commit(from_oid(at)),
            Ok((_, git2::ObjectType::Tag)) if check_object(git, at).is_ok() => match git.find_tag(at) {
                Ok(tag) => at = tag.target_id(),
                Err(_) => return Target::Other,
            },
            _ => return Target::Other,
        }
    }
}
