//! The two walks: which tags are reachable from HEAD, and which commits are between a base and HEAD. Both stop as soon as
//! the result cannot change.
//!
//! Without a commit-graph only dates tell how old a commit is, and dates may be wrong. Git itself stops five commits after
//! the dates allow it (`SLOP` in revision.c). We look further: 64 commits, and everything behind a jump of more than a
//! year, because that is what a wrong clock looks like.

use super::graph::{Graph, Node};
use super::search::Search;
use crate::error::{Error, Result};
use crate::model::CommitId;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// On HEAD's side of a range.
const WITHIN: u8 = 1;
/// On the hidden side of a range.
const WITHOUT: u8 = 2;
/// Both sides.
const BOTH: u8 = 3;
/// Waiting in the queue.
const QUEUED: u8 = 4;
/// In a range: its date may be wrong.
const UNSURE: u8 = 8;
/// In a search: found.
const SEEN: u8 = 1;
/// In a search: found, and its date may be wrong.
const DOUBTFUL: u8 = 2;
/// How many generations behind every open end are read before dates are trusted.
const LOOK_AHEAD: usize = 64;
/// A clock that is wrong by less does not hide a tag, in seconds: a day.
const SLACK: i64 = 24 * 3600;
/// A parent that is older than its child by more may have a wrong date, in seconds: a year. Its ancestors are read until
/// the dates are plausible again.
const JUMP: i64 = 365 * 24 * 3600;

/// A tagged commit that a walk searches for. The list is sorted by version, highest first.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The tagged commit.
    pub commit: CommitId,
    /// Once it is reached, the rest of the list no longer matters.
    pub settles: bool,
}

/// What a search for tags found.
#[derive(Debug)]
pub struct Reach {
    /// For each wanted commit, when it was reached (smaller is nearer); `None` where it was not, and after the one that
    /// settled the search.
    pub reached: Vec<Option<usize>>,
    /// Where the search was settled: the rest of the list was not searched for.
    pub settled: usize,
    /// The result does not depend on what is behind the boundary of a shallow clone.
    pub complete: bool,
}

/// A commit of a range.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its hash.
    pub id: CommitId,
    /// All its parents, inside the range or not.
    pub parents: Vec<CommitId>,
}

/// The commits of a range.
#[derive(Debug)]
pub struct Range {
    /// Children before parents, newest first.
    pub commits: Vec<Link>,
    /// The range is complete, whatever is behind the boundary of a shallow clone.
    pub complete: bool,
}

/// A walk over a graph, newest first.
pub(super) struct Walk<'a> {
    graph: &'a mut Graph,
    git: &'a git2::Repository,
    queue: BinaryHeap<(i64, std::cmp::Reverse<Node>)>,
    parents: Vec<Node>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(graph: &'a mut Graph, git: &'a git2::Repository) -> Self {
        Walk { graph, git, queue: BinaryHeap::new(), parents: Vec::new() }
    }

    fn push(&mut self, node: Node) -> Result<()> {
        if !self.graph.load(self.git, node)? {
            return Err(Error::refused(format!(
                "commit {} is missing from this repository",
                self.graph.id(node)
            ))
            .hint(
                "`git fetch --refetch` brings back what a remote still has; `git fsck` shows what is damaged",
            ));
        }
        self.queue.push((self.graph.date(node), std::cmp::Reverse(node)));
        Ok(())
    }

    /// Puts the parents of a loaded node into `self.parents`.
    fn read_parents(&mut self, node: Node) -> Result<()> {
        self.parents.clear();
        self.graph.parents(node, &mut self.parents)
    }

    /// Searches `heads` and their ancestors for tagged commits.
    pub(super) fn reach(mut self, heads: &[CommitId], wanted: &[Wanted]) -> Result<Reach> {
        let mut search = Search::new(self.graph, wanted);
        let mut seen = Marks::default();
        let (mut order, mut edge) = (0, false);
        for head in heads {
            let head = self.graph.node(*head);
            if seen.get(head) == 0 {
                self.push(head)?;
                seen.set(head, SEEN);
            }
        }
        while search.open() {
            let Some((_, std::cmp::Reverse(node))) = self.queue.pop() else { break };
            search.visit(node, order);
            order += 1;
            edge |= self.graph.is_boundary(node);
            search.update(self.graph, self.git)?;
            let doubtful = seen.get(node) == DOUBTFUL;
            if self.leads_nowhere(node, doubtful, &search)? {
                continue;
            }
            let date = self.graph.date(node);
            self.read_parents(node)?;
            for parent in std::mem::take(&mut self.parents) {
                if seen.get(parent) == 0 {
                    seen.set(parent, SEEN);
                    self.push(parent)?;
                    if self.jumps(date, doubtful, parent) {
                        seen.set(parent, DOUBTFUL);
                    }
                }
            }
        }
        let complete = !edge || !search.open();
        Ok(Reach { reached: search.reached, settled: search.settled, complete })
    }

    /// Returns whether the date of a parent may be wrong: it is far older than its child, or an ancestor of such a commit.
    fn jumps(&self, child: i64, doubtful: bool, parent: Node) -> bool {
        let parent = self.graph.date(parent);
        child.saturating_sub(parent) > JUMP || (doubtful && parent.saturating_sub(child) <= JUMP)
    }

    /// Returns whether nothing that is still searched for is an ancestor of this node. In the commit-graph that is a proof:
    /// an ancestor has a lower generation number. Elsewhere it is decided by the dates of this node and of all within
    /// `LOOK_AHEAD` generations behind it.
    fn leads_nowhere(&mut self, node: Node, doubtful: bool, search: &Search) -> Result<bool> {
        if let Some(level) = self.graph.generation(node) {
            return Ok(level <= search.lowest);
        }
        let oldest = search.oldest.saturating_sub(SLACK);
        if doubtful || self.graph.date(node) >= oldest {
            return Ok(false);
        }
        let mut looked = HashSet::from([node]);
        let mut level = vec![node];
        for _ in 0..LOOK_AHEAD {
            let mut next = Vec::new();
            for node in level {
                self.read_parents(node)?;
                for parent in std::mem::take(&mut self.parents) {
                    if !looked.insert(parent) || !self.graph.load(self.git, parent)? {
                        continue;
                    }
                    match self.graph.generation(parent) {
                        Some(level) if level <= search.lowest => {}
                        Some(_) => return Ok(false),
                        None if self.graph.date(parent) >= oldest => return Ok(false),
                        None => next.push(parent),
                    }
                }
            }
            level = next;
        }
        Ok(true)
    }

    /// Returns what `hidden..head` means to git: `head` and its ancestors without `hidden` and their ancestors.
    pub(super) fn range(mut self, head: CommitId, hidden: &[CommitId]) -> Result<Range> {
        let mut marks = Marks::default();
        let mut inside: Vec<Node> = Vec::new();
        let (mut open, mut doubts, mut oldest_inside) = (0usize, 0usize, i64::MAX);
        let mut outer_edge: Option<i64> = None;
        let starts = std::iter::once((head, WITHIN)).chain(hidden.iter().map(|id| (*id, WITHOUT)));
        for (id, side) in starts {
            let node = self.graph.node(id);
            self.paint(&mut marks, node, side, &mut open)?;
        }
        let (mut tail, mut lowest_inside) = (LOOK_AHEAD, u32::MAX);
        while let Some((date, std::cmp::Reverse(node))) = self.queue.pop() {
            let unsure = marks.get(node) & UNSURE != 0;
            let mark = marks.get(node) & BOTH;
            marks.set(node, mark);
            doubts -= usize::from(unsure);
            let level = self.graph.generation(node);
            if mark == WITHIN {
                open -= 1;
                inside.push(node);
                oldest_inside = oldest_inside.min(date);
                lowest_inside = lowest_inside.min(level.unwrap_or(u32::MAX));
            } else if self.graph.is_boundary(node) {
                outer_edge = outer_edge.max(Some(date));
            }
            if open == 0 && mark != WITHIN {
                if level.is_some_and(|level| level <= lowest_inside) {
                    // An ancestor has a lower generation number, so no ancestor of this node is in the range.
                    continue;
                }
                if level.is_none() && doubts == 0 && date < oldest_inside {
                    if tail == 0 {
                        break;
                    }
                    tail -= 1;
                }
            }
            self.read_parents(node)?;
            for parent in std::mem::take(&mut self.parents) {
                let queued = self.paint(&mut marks, parent, mark, &mut open)?;
                if queued && self.graph.generation(parent).is_none() && self.jumps(date, unsure, parent) {
                    marks.set(parent, marks.get(parent) | UNSURE);
                    doubts += 1;
                }
            }
        }
        inside.retain(|node| marks.get(*node) & WITHOUT == 0);
        let edge = inside.iter().any(|node| self.graph.is_boundary(*node));
        let hidden_behind = outer_edge.is_some_and(|date| date >= oldest_inside);
        let commits = self.in_order(&inside)?;
        Ok(Range { commits, complete: !edge && !hidden_behind })
    }

    /// Adds a side to a node and queues it, again if it was done already; counts in `open` how many queued nodes are on
    /// HEAD's side only. Returns whether it was queued.
    fn paint(&mut self, marks: &mut Marks, node: Node, side: u8, open: &mut usize) -> Result<bool> {
        let before = marks.get(node);
        let after = before | side;
        if after & BOTH == before & BOTH {
            return Ok(false);
        }
        marks.set(node, after | QUEUED);
        if before & QUEUED != 0 {
            if before & WITHOUT == 0 {
                *open -= 1;
            }
            return Ok(false);
        }
        if after & BOTH == WITHIN {
            *open += 1;
        }
        self.push(node)?;
        Ok(true)
    }

    /// Sorts children before parents, and otherwise the newest first.
    fn in_order(&mut self, inside: &[Node]) -> Result<Vec<Link>> {
        let mut children = Marks::default();
        let mut member = Marks::default();
        inside.iter().for_each(|node| member.set(*node, 1));
        let mut counts: HashMap<Node, u32> = HashMap::with_capacity(inside.len());
        for node in inside {
            self.read_parents(*node)?;
            for parent in &self.parents {
                if member.get(*parent) != 0 {
                    children.set(*parent, 1);
                    *counts.entry(*parent).or_default() += 1;
                }
            }
        }
        self.queue.clear();
        for node in inside {
            if children.get(*node) == 0 {
                self.push(*node)?;
            }
        }
        let mut links = Vec::with_capacity(inside.len());
        while let Some((_, std::cmp::Reverse(node))) = self.queue.pop() {
            self.read_parents(node)?;
            let parents = std::mem::take(&mut self.parents);
            for parent in &parents {
                if let Some(count) = counts.get_mut(parent) {
                    *count -= 1;
                    if *count == 0 {
                        self.push(*parent)?;
                    }
                }
            }
            let id = self.graph.id(node);
            links.push(Link {
                id,
                parents: parents.into_iter().map(|parent| self.graph.id(parent)).collect(),
            });
        }
        Ok(links)
    }
}

/// A set of flags for each node.
#[derive(Default)]
struct Marks(Vec<u8>);

impl Marks {
    fn get(&self, node: Node) -> u8 {
        self.0.get(node as usize).copied().unwrap_or(0)
    }

    fn set(&mut self, node: Node, mark: u8) {
        let index = node as usize;
        if index >= self.0.len() {
            self.0.resize((index + 1).max(self.0.len() * 2), 0);
        }
        if let Some(slot) = self.0.get_mut(index) {
            *slot = mark;
        }
    }
}
