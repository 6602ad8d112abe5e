//! `Release-As: X.Y.Z`: a version asked for by a commit (V15). Pure.

use super::classify::ClassifiedCommit;
use crate::model::{CommitId, TagFormat, Version};
use std::collections::{HashMap, HashSet};

/// A version that a commit asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestedVersion {
    pub version: Version,
    pub commit: CommitId,
}

/// The request that counts: the newest of the range; of several on unrelated lines, the highest.
pub(super) fn asked(
    commits: &[ClassifiedCommit],
    format: &TagFormat,
    warnings: &mut Vec<String>,
) -> Option<RequestedVersion> {
    let mut all: Vec<RequestedVersion> = Vec::new();
    for classified in commits.iter().filter(|classified| classified.effect.counts) {
        let Some(trailer) = classified.commit.message.release_as.last() else { continue };
        let value = &trailer.value;
        match read(value, format) {
            Some(version) => all.push(RequestedVersion { version, commit: classified.commit.id }),
            None => warnings.push(format!(
                "{}: Release-As: {value} is no version, so it is ignored",
                classified.commit.id.short()
            )),
        }
    }
    let older = ancestors(commits, &all);
    all.retain(|asked| !older.contains(&asked.commit));
    all.into_iter().max_by(|a, b| a.version.cmp(&b.version))
}

/// A version with or without the tag's prefix, or with a `v`.
fn read(value: &str, format: &TagFormat) -> Option<Version> {
    let value = value.trim();
    format.read(value).or_else(|| Version::parse(value.strip_prefix(['v', 'V']).unwrap_or(value)))
}

/// The commits of the range that lie behind one that asks.
fn ancestors(commits: &[ClassifiedCommit], asking: &[RequestedVersion]) -> HashSet<CommitId> {
    if asking.len() < 2 {
        return HashSet::new();
    }
    let parents: HashMap<CommitId, &[CommitId]> = commits
        .iter()
        .map(|classified| (classified.commit.id, classified.commit.parents.as_slice()))
        .collect();
    let of = |id: &CommitId| parents.get(id).copied().unwrap_or_default().iter().copied();
    let mut older = HashSet::new();
    let mut open: Vec<CommitId> = asking.iter().flat_map(|asked| of(&asked.commit)).collect();
    while let Some(id) = open.pop() {
        if parents.contains_key(&id) && older.insert(id) {
            open.extend(of(&id));
        }
    }
    older
}
