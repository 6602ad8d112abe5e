//! `Release-As: X.Y.Z`: a version that a commit asks for (V15).

use super::base::Base;
use super::classify::ClassifiedCommit;
use super::facts::ReleaseLine;
use crate::model::{CommitId, TagFormat, Version};
use std::collections::{HashMap, HashSet};

/// A version that a commit asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestedVersion {
    pub version: Version,
    pub commit: CommitId,
}

/// Returns the request that applies: the newest of the range, and of several on unrelated lines the highest. Values that
/// are not versions, and a request that this line cannot follow, are ignored with a warning.
pub(super) fn requested(
    base: &Base,
    commits: &[ClassifiedCommit],
    line: &ReleaseLine,
    format: &TagFormat,
    warnings: &mut Vec<String>,
) -> Option<RequestedVersion> {
    let mut all: Vec<RequestedVersion> = Vec::new();
    for classified in commits.iter().filter(|classified| classified.effect.counts) {
        let Some(trailer) = classified.commit.message.release_as.last() else { continue };
        let (id, value) = (classified.commit.id, &trailer.value);
        match parse(value, format) {
            Some(version) => all.push(RequestedVersion { version, commit: id }),
            None => {
                warnings.push(format!("{}: Release-As: {value} is ignored: it is not a version", id.short()))
            }
        }
    }
    let older = ancestors(commits, &all);
    all.retain(|requested| !older.contains(&requested.commit));
    let requested = all.into_iter().max_by(|a, b| a.version.cmp(&b.version))?;
    let Some(why) = unusable(&requested.version, base, line) else { return Some(requested) };
    let RequestedVersion { version, commit } = requested;
    warnings.push(format!("{}: Release-As: {version} is ignored: it is {why}", commit.short()));
    None
}

/// Why this line cannot release a requested version; `None` if it can.
fn unusable(version: &Version, base: &Base, line: &ReleaseLine) -> Option<String> {
    match (&base.last, version.channel(), &line.channel) {
        (Some(last), ..) if version.precedence(&last.version).is_le() => {
            Some(format!("not higher than {}", last.name))
        }
        (_, Some((requested, _)), Some(channel)) if requested != *channel => {
            Some(format!("a prerelease of the channel {requested}, but this branch makes {channel}"))
        }
        (_, Some(_), None) => Some("a prerelease, and this branch makes final versions".to_owned()),
        _ => None,
    }
}

/// Reads a version with or without the prefix of the tag, or with a `v`.
fn parse(value: &str, format: &TagFormat) -> Option<Version> {
    let value = value.trim();
    format.read(value).or_else(|| Version::parse(value.strip_prefix(['v', 'V']).unwrap_or(value)))
}

/// The commits of the range that are ancestors of a commit with a request.
fn ancestors(commits: &[ClassifiedCommit], requests: &[RequestedVersion]) -> HashSet<CommitId> {
    if requests.len() < 2 {
        return HashSet::new();
    }
    let parents: HashMap<CommitId, &[CommitId]> = commits
        .iter()
        .map(|classified| (classified.commit.id, classified.commit.parents.as_slice()))
        .collect();
    let of = |id: &CommitId| parents.get(id).copied().unwrap_or_default().iter().copied();
    let mut older = HashSet::new();
    let mut open: Vec<CommitId> = requests.iter().flat_map(|requested| of(&requested.commit)).collect();
    while let Some(id) = open.pop() {
        if parents.contains_key(&id) && older.insert(id) {
            open.extend(of(&id));
        }
    }
    older
}
