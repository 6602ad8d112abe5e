//! Which commits cancel each other: reverts by hash, transitively, merges with all they brought in (V19, V20). Pure.

use super::facts::Commit;
use crate::model::CommitId;
use std::collections::{HashMap, HashSet};

/// Who cancels whom within a range.
#[derive(Debug, Default)]
pub(super) struct Cancellations {
    /// The revert that took a commit away.
    pub by: HashMap<CommitId, CommitId>,
    /// What a living revert cancels away, itself aside.
    pub cancels: HashMap<CommitId, Vec<CommitId>>,
    /// Quoted hashes that name nothing in the range, by the commit that quotes them.
    pub outside: HashMap<CommitId, Vec<String>>,
}

/// Reads the reverts of a range; `commits` with children before parents.
pub(super) fn cancelled(commits: &[Commit]) -> Cancellations {
    let reverts = commits.iter().any(|commit| !commit.message.reverts.is_empty());
    if !reverts {
        return Cancellations::default();
    }
    let index = Index::new(commits);
    let mut sides: HashMap<(usize, Option<&str>), Vec<usize>> = HashMap::new();
    let mut targets: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut outside: HashMap<CommitId, Vec<String>> = HashMap::new();
    for (place, commit) in commits
        .iter()
        .enumerate()
        .filter(|(_, commit)| commit.parents.len() < 2 && !commit.message.reverts.is_empty())
    {
        let mut quoted = HashSet::new();
        for reverted in commit.message.reverts.iter().filter(|reverted| quoted.insert(&reverted.hash)) {
            match index.find(&reverted.hash).filter(|target| *target != place) {
                None => outside.entry(commit.id).or_default().push(reverted.hash.clone()),
                Some(target) => {
                    let mainline = reverted.mainline.as_deref();
                    let side = sides.entry((target, mainline));
                    let side = side.or_insert_with(|| brought_in(commits, &index.places, target, mainline));
                    let list = targets.entry(place).or_default();
                    list.push(target);
                    list.extend(side.iter());
                }
            }
        }
    }
    settle(commits, &targets, outside)
}

/// A revert acts if nothing living cancels it away. A hash can only quote what existed before, so there are no circles.
fn settle(
    commits: &[Commit],
    targets: &HashMap<usize, Vec<usize>>,
    outside: HashMap<CommitId, Vec<String>>,
) -> Cancellations {
    let mut waiting: HashMap<usize, usize> = HashMap::new();
    for target in targets.values().flatten() {
        *waiting.entry(*target).or_default() += 1;
    }
    let mut ready: Vec<usize> =
        targets.keys().copied().filter(|place| !waiting.contains_key(place)).collect();
    ready.sort_unstable();
    let mut done = Cancellations { outside, ..Cancellations::default() };
    while let Some(place) = ready.pop() {
        let Some(revert) = commits.get(place) else { continue };
        let acts = !done.by.contains_key(&revert.id);
        for target in targets.get(&place).into_iter().flatten() {
            let Some(commit) = commits.get(*target) else { continue };
            if acts {
                done.by.entry(commit.id).or_insert(revert.id);
                done.cancels.entry(revert.id).or_default().push(commit.id);
            }
            let left = waiting.entry(*target).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 && targets.contains_key(target) {
                ready.push(*target);
            }
        }
    }
    done
}

/// The commits of a range, to be found by hash in little time however many are quoted.
struct Index {
    places: HashMap<CommitId, usize>,
    sorted: Vec<(String, usize)>,
}

impl Index {
    fn new(commits: &[Commit]) -> Self {
        let places = commits.iter().enumerate().map(|(place, commit)| (commit.id, place)).collect();
        let mut sorted: Vec<_> =
            commits.iter().enumerate().map(|(place, commit)| (commit.id.to_string(), place)).collect();
        sorted.sort_unstable();
        Index { places, sorted }
    }

    /// The commit that a full hash or an unambiguous prefix names.
    fn find(&self, hash: &str) -> Option<usize> {
        if let Some(id) = CommitId::parse(hash) {
            return self.places.get(&id).copied();
        }
        let first = self.sorted.partition_point(|(id, _)| id.as_str() < hash);
        let mut matches = self.sorted.get(first..)?.iter().take(2).filter(|(id, _)| id.starts_with(hash));
        match (matches.next(), matches.next()) {
            (Some((_, place)), None) => Some(*place),
            _ => None,
        }
    }
}

/// What a merge brought into its mainline, within the range and by no other path (V19).
fn brought_in(
    commits: &[Commit],
    places: &HashMap<CommitId, usize>,
    merge: usize,
    mainline: Option<&str>,
) -> Vec<usize> {
    let Some(commit) = commits.get(merge).filter(|commit| commit.parents.len() > 1) else {
        return Vec::new();
    };
    let stays = mainline
        .and_then(|hash| commit.parents.iter().position(|parent| parent.to_string().starts_with(hash)))
        .unwrap_or(0);
    let inside = |id: &CommitId| places.get(id).copied();
    let side: Vec<usize> = commit
        .parents
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != stays)
        .filter_map(|(_, parent)| inside(parent))
        .collect();
    // The first commit is HEAD. Everything that it still reaches when the merge leads to its mainline alone stays.
    let mut kept = HashSet::new();
    let mut open: Vec<usize> = vec![0];
    while let Some(place) = open.pop() {
        if !kept.insert(place) {
            continue;
        }
        let parents = commits.get(place).map(|commit| commit.parents.as_slice()).unwrap_or_default();
        let leads = parents.iter().enumerate().filter(|(at, _)| place != merge || *at == stays);
        open.extend(leads.filter_map(|(_, parent)| inside(parent)));
    }
    let mut gone = Vec::new();
    let mut seen = HashSet::new();
    let mut open = side;
    while let Some(place) = open.pop() {
        if kept.contains(&place) || !seen.insert(place) {
            continue;
        }
        gone.push(place);
        open.extend(
            commits.get(place).into_iter().flat_map(|commit| commit.parents.iter().filter_map(inside)),
        );
    }
    gone
}
