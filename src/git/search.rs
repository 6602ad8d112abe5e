//! What a walk still searches for, and how old that is: this decides when the walk may stop.

use super::graph::{Graph, Node};
use super::walk::Wanted;
use crate::error::Result;
use std::collections::HashMap;

/// What is still searched for.
pub(super) struct Search {
    nodes: Vec<Node>,
    settles: Vec<bool>,
    places: HashMap<Node, Vec<usize>>,
    pub(super) reached: Vec<Option<usize>>,
    pub(super) settled: usize,
    missing: usize,
    /// No wanted commit that is not reached yet is older than this; the walk need not go on from an older commit.
    pub(super) oldest: i64,
    /// No wanted commit of the commit-graph that is not reached yet has a lower generation number than this.
    pub(super) lowest: u32,
    stale: bool,
}

impl Search {
    pub(super) fn new(graph: &mut Graph, wanted: &[Wanted]) -> Self {
        let nodes: Vec<Node> = wanted.iter().map(|wanted| graph.node(wanted.commit)).collect();
        let mut places: HashMap<Node, Vec<usize>> = HashMap::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            places.entry(*node).or_default().push(place);
        }
        Search {
            settles: wanted.iter().map(|wanted| wanted.settles).collect(),
            reached: vec![None; nodes.len()],
            settled: nodes.len(),
            missing: nodes.len(),
            nodes,
            places,
            oldest: i64::MIN,
            lowest: 0,
            stale: false,
        }
    }

    /// Returns whether something that matters is not reached yet.
    pub(super) fn open(&self) -> bool {
        self.missing > 0
    }

    pub(super) fn visit(&mut self, node: Node, order: usize) {
        let Some(places) = self.places.get(&node) else { return };
        for place in places {
            self.reached[*place] = Some(order);
            self.missing -= usize::from(*place < self.settled);
            if self.settles[*place] && place + 1 < self.settled {
                self.settled = place + 1;
                self.missing =
                    self.reached[..self.settled].iter().filter(|reached| reached.is_none()).count();
            }
        }
        self.stale = true;
    }

    /// Updates how old the rest is, once something has settled the search. Before, every tag matters, and reading them all
    /// would cost more than it saves.
    pub(super) fn update(&mut self, graph: &mut Graph, git: &git2::Repository) -> Result<()> {
        if !std::mem::take(&mut self.stale) || self.settled == self.nodes.len() || self.missing == 0 {
            return Ok(());
        }
        let (mut oldest, mut lowest) = (i64::MAX, u32::MAX);
        for place in 0..self.settled {
            let node = self.nodes[place];
            if self.reached[place].is_some() {
                continue;
            }
            if !graph.load(git, node)? {
                if graph.is_shallow() {
                    // It may lie behind the edge: nothing is known of its age.
                    (oldest, lowest) = (i64::MIN, 0);
                    break;
                }
                // A whole history holds all its ancestors: what is not here cannot be one.
                continue;
            }
            oldest = oldest.min(graph.date(node));
            if graph.is_in_file(node) {
                lowest = lowest.min(graph.generation(node).unwrap_or(0));
            }
        }
        (self.oldest, self.lowest) = (oldest, lowest);
        Ok(())
    }
}
