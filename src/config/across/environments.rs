//! Faults between environments: who waits for whom, and keys that exclude each other. Leans on `tree`.

use super::tree;
use crate::config::fault::{Fault, quoted};
use crate::config::walk::Mention;
use std::collections::{HashMap, HashSet};
use toml::de::DeTable;

/// All faults of this subject.
pub(super) fn check(file: &DeTable<'_>, mentions: &[Mention], faults: &mut Vec<Fault>) {
    for (_, environment) in tree::tables(file, "environment") {
        let waits = environment.contains_key("from");
        keys(environment, waits, faults);
        for (_, package) in tree::tables(environment, "package") {
            keys(package, waits, faults);
            if let Some(span) = tree::key(package, "package") {
                let help = "the keys for a package stand directly in [environment.NAME.package.NAME]";
                faults.push(Fault::new(span, "a package within a package", help));
            }
        }
    }
    rings(file, mentions, faults);
}

/// Keys of one environment that do not go together. `waits` says whether it has a `from`, or inherits one.
fn keys(environment: &DeTable<'_>, waits: bool, faults: &mut Vec<Fault>) {
    if let (Some(deploy), Some(steps)) = (tree::key(environment, "deploy"), tree::key(environment, "steps")) {
        let later = if deploy.start > steps.start { deploy } else { steps };
        faults.push(Fault::new(
            later,
            "an environment has `deploy` or `steps`, not both",
            "remove one of the two",
        ));
    }
    let waits = waits || environment.contains_key("from");
    let lanes = tree::tables(environment, "lane").map(|(_, lane)| (lane, waits || lane.contains_key("from")));
    for (table, waits) in std::iter::once((environment, waits)).chain(lanes) {
        if let Some(span) = tree::key(table, "soak").filter(|_| !waits) {
            let help =
                "add a line `from = \"…\"`, the environment in which the release must have been healthy";
            faults.push(Fault::new(span, "`soak` says for how long, but nothing says where", help));
        }
    }
}

/// Environments that wait for each other would never be deployed to: the line that closes a ring is the fault.
fn rings(file: &DeTable<'_>, mentions: &[Mention], faults: &mut Vec<Fault>) {
    let environments: HashSet<_> = tree::names(file, "environment").into_iter().collect();
    let mut waits_for: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut edges: Vec<_> = mentions.iter().filter(|mention| mention.kind == "environment").collect();
    edges.sort_by_key(|mention| mention.span.start);
    for mention in edges {
        let (Some(top), Some(waiting), Some(key)) =
            (mention.path.first(), mention.path.get(1), mention.path.last())
        else {
            continue;
        };
        let target = mention.name.as_str();
        if top != "environment" || key != "from" || !environments.contains(&target) {
            continue;
        }
        if target == waiting {
            let message = format!("{} waits for itself", quoted(waiting));
            faults.push(Fault::new(
                mention.span.clone(),
                message,
                "name another environment, or remove the line",
            ));
        } else if let Some(way) = way(&waits_for, target, waiting) {
            let ring: Vec<_> = std::iter::once(waiting.as_str()).chain(way).map(quoted).collect();
            let message = format!("environments wait for each other: {}", shortened(ring).join(" → "));
            faults.push(Fault::new(mention.span.clone(), message, "remove this line, or one of the others"));
        } else {
            waits_for.entry(waiting.as_str()).or_default().push(target);
        }
    }
}

/// A ring whose middle is left out where it is long.
fn shortened(mut ring: Vec<String>) -> Vec<String> {
    if ring.len() > 8 {
        ring.splice(4..ring.len() - 2, ["…".to_owned()]);
    }
    ring
}

/// The way from one environment to another, both included.
fn way<'a>(waits_for: &HashMap<&'a str, Vec<&'a str>>, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut came_from: HashMap<&str, &str> = HashMap::new();
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        if place == to {
            let mut way = vec![place];
            let mut step = place;
            while step != from {
                step = came_from.get(step)?;
                way.push(step);
            }
            way.reverse();
            return Some(way);
        }
        for next in waits_for.get(place).into_iter().flatten() {
            if *next != from && !came_from.contains_key(next) {
                came_from.insert(next, place);
                open.push(next);
            }
        }
    }
    None
}
