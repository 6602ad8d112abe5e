//! Finds which commits of a range cancel each other: reverts by hash, transitively, and of a merge with all the commits that
//! it brought in (V19, V20).

use super::facts::Commit;
use crate::model::CommitId;
use std::collections::{HashMap, HashSet};

/// Which commits of a range are cancelled, and by which reverts.
#[derive(Debug, Default)]
pub(super) struct Cancellations {
    /// The revert that cancelled a commit.
    pub by: HashMap<CommitId, CommitId>,
    /// The commits that a revert cancels, if it is not cancelled itself.
    pub cancels: HashMap<CommitId, Vec<CommitId>>,
    /// Quoted hashes that name no commit in the range, by the commit that quotes them.
    pub outside: HashMap<CommitId, Vec<String>>,
}

/// For each revert, by index: the indices of the commits that it reverts.
type Targets = HashMap<usize, Vec<usize>>;

/// Finds the cancelled commits of a range. `commits` are ordered children before parents.
pub(super) fn cancellations(commits: &[Commit]) -> Cancellations {
    if commits.iter().all(|commit| commit.message.reverts.is_empty()) {
        return Cancellations::default();
    }
    let range = HashIndex::new(commits);
    let mut merged: HashMap<(usize, Option<&str>), Vec<usize>> = HashMap::new();
    let mut targets = Targets::new();
    let mut outside: HashMap<CommitId, Vec<String>> = HashMap::new();
    for (index, commit) in commits.iter().enumerate().filter(|(_, commit)| commit.parents.len() < 2) {
        let mut quoted = HashSet::new();
        for reverted in commit.message.reverts.iter().filter(|reverted| quoted.insert(&reverted.hash)) {
            match range.find(&reverted.hash).filter(|target| *target != index) {
                None => outside.entry(commit.id).or_default().push(reverted.hash.clone()),
                Some(target) => {
                    let mainline = reverted.mainline.as_deref();
                    let brought = merged.entry((target, mainline));
                    let brought =
                        brought.or_insert_with(|| merged_commits(commits, &range.indices, target, mainline));
                    let list = targets.entry(index).or_default();
                    list.push(target);
                    list.extend(brought.iter());
                }
            }
        }
    }
    resolve(commits, &targets, outside)
}

/// Decides which reverts have an effect: those that no revert with an effect cancels. A hash can only quote an older
/// commit, so there are no cycles.
fn resolve(commits: &[Commit], targets: &Targets, outside: HashMap<CommitId, Vec<String>>) -> Cancellations {
    let mut undecided: HashMap<usize, usize> = HashMap::new();
    for target in targets.values().flatten() {
        *undecided.entry(*target).or_default() += 1;
    }
    let mut ready: Vec<usize> =
        targets.keys().copied().filter(|index| !undecided.contains_key(index)).collect();
    ready.sort_unstable();
    let mut found = Cancellations { outside, ..Cancellations::default() };
    while let Some(index) = ready.pop() {
        let Some(revert) = commits.get(index) else { continue };
        let has_effect = !found.by.contains_key(&revert.id);
        for target in targets.get(&index).into_iter().flatten() {
            let Some(commit) = commits.get(*target) else { continue };
            if has_effect {
                found.by.entry(commit.id).or_insert(revert.id);
                found.cancels.entry(revert.id).or_default().push(commit.id);
            }
            let left = undecided.entry(*target).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 && targets.contains_key(target) {
                ready.push(*target);
            }
        }
    }
    found
}

/// The commits of a range by hash. Finding one takes logarithmic time, however many are quoted.
struct HashIndex {
    indices: HashMap<CommitId, usize>,
    sorted: Vec<(String, usize)>,
}

impl HashIndex {
    fn new(commits: &[Commit]) -> Self {
        let indices = commits.iter().enumerate().map(|(index, commit)| (commit.id, index)).collect();
        let mut sorted: Vec<_> =
            commits.iter().enumerate().map(|(index, commit)| (commit.id.to_string(), index)).collect();
        sorted.sort_unstable();
        HashIndex { indices, sorted }
    }

    /// Returns the index of the commit that a full hash or an unambiguous prefix names.
    fn find(&self, hash: &str) -> Option<usize> {
        if let Some(id) = CommitId::parse(hash) {
            return self.indices.get(&id).copied();
        }
        let first = self.sorted.partition_point(|(id, _)| id.as_str() < hash);
        let mut matches = self.sorted.get(first..)?.iter().take(2).filter(|(id, _)| id.starts_with(hash));
        match (matches.next(), matches.next()) {
            (Some((_, index)), None) => Some(*index),
            _ => None,
        }
    }
}

/// Returns the commits that a merge brought into its mainline, within the range and by no other path (V19). The mainline is
/// the parent that `mainline` names, otherwise the first one.
fn merged_commits(
    commits: &[Commit],
    indices: &HashMap<CommitId, usize>,
    merge: usize,
    mainline: Option<&str>,
) -> Vec<usize> {
    let Some(commit) = commits.get(merge).filter(|commit| commit.parents.len() > 1) else {
        return Vec::new();
    };
    let kept_parent = mainline
        .and_then(|hash| commit.parents.iter().position(|parent| parent.to_string().starts_with(hash)))
        .unwrap_or(0);
    let in_range = |id: &CommitId| indices.get(id).copied();
    let parents =
        |index: usize| commits.get(index).map(|commit| commit.parents.as_slice()).unwrap_or_default();
    // The first commit is HEAD. What it reaches if the merge has only its mainline parent is not cancelled.
    let kept = reachable(vec![0], |index| {
        let followed = parents(index).iter().enumerate();
        let followed = followed.filter(|(at, _)| index != merge || *at == kept_parent);
        followed.filter_map(|(_, parent)| in_range(parent)).collect()
    });
    let sides = commit.parents.iter().enumerate().filter(|(at, _)| *at != kept_parent);
    let sides: Vec<usize> = sides.filter_map(|(_, parent)| in_range(parent)).collect();
    let is_merged = |index: &usize| !kept.contains(index);
    let merged = reachable(sides.into_iter().filter(is_merged).collect(), |index| {
        parents(index).iter().filter_map(in_range).filter(is_merged).collect()
    });
    let mut merged: Vec<usize> = merged.into_iter().collect();
    merged.sort_unstable();
    merged
}

/// Returns everything reachable from `open` by `next`.
fn reachable(mut open: Vec<usize>, next: impl Fn(usize) -> Vec<usize>) -> HashSet<usize> {
    let mut seen = HashSet::new();
    while let Some(index) = open.pop() {
        if seen.insert(index) {
            open.extend(next(index));
        }
    }
    seen
}
