//! Faults between environments, and between the keys of one: environments that wait for each other, keys that exclude
//! each other.

use super::tree;
use crate::config::fault::Fault;
use crate::config::quote::quoted;
use crate::config::reader::{Definition, Reference};
use std::collections::{HashMap, HashSet};
use toml::de::DeTable;

/// Finds all of them.
pub(super) fn check(file: &DeTable<'_>, references: &[Reference], faults: &mut Vec<Fault>) {
    for (_, environment) in tree::tables(file, "environment") {
        let waits = environment.contains_key("from");
        keys(environment, waits, faults);
        for (_, package) in tree::tables(environment, "package") {
            keys(package, waits, faults);
            if let Some(span) = tree::key(package, "package") {
                let help = "the keys for a package belong directly in [environment.NAME.package.NAME]";
                faults.push(Fault::new(span, "a package table inside a package table", help));
            }
        }
    }
    cycles(file, references, faults);
}

/// Finds keys of one environment that exclude each other. `waits` says whether the environment has or inherits a `from`.
fn keys(environment: &DeTable<'_>, waits: bool, faults: &mut Vec<Fault>) {
    if let (Some(deploy), Some(steps)) = (tree::key(environment, "deploy"), tree::key(environment, "steps")) {
        let later = if deploy.start > steps.start { deploy } else { steps };
        faults.push(Fault::new(
            later,
            "an environment can have `deploy` or `steps`, not both",
            "remove one of the two",
        ));
    }
    let waits = waits || environment.contains_key("from");
    let lanes = tree::tables(environment, "lane").map(|(_, lane)| (lane, waits || lane.contains_key("from")));
    for (table, waits) in std::iter::once((environment, waits)).chain(lanes) {
        if let Some(span) = tree::key(table, "soak").filter(|_| !waits) {
            let help =
                "add a line `from = \"…\"`, the environment in which the release must have been healthy";
            faults.push(Fault::new(span, "`soak` needs `from`", help));
        }
    }
}

/// Finds environments that wait for each other and so could never be deployed to. The line that closes a cycle is the
/// fault.
fn cycles(file: &DeTable<'_>, references: &[Reference], faults: &mut Vec<Fault>) {
    let environments: HashSet<_> = tree::names(file, "environment").into_iter().collect();
    let mut waits_for: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut edges: Vec<_> =
        references.iter().filter(|reference| reference.definition == Definition::Environment).collect();
    edges.sort_by_key(|reference| reference.span.start);
    for reference in edges {
        let (Some(table), Some(waiting), Some(key)) =
            (reference.path.first(), reference.path.get(1), reference.path.last())
        else {
            continue;
        };
        let target = reference.name.as_str();
        if table != "environment" || key != "from" || !environments.contains(&target) {
            continue;
        }
        if target == waiting {
            let message = format!("{} names itself in `from`", quoted(waiting));
            faults.push(Fault::new(
                reference.span.clone(),
                message,
                "name another environment, or remove the line",
            ));
        } else if let Some(path) = path(&waits_for, target, waiting) {
            let cycle: Vec<_> = std::iter::once(waiting.as_str()).chain(path).map(quoted).collect();
            let message = format!("environments wait for each other: {}", shortened(cycle).join(" → "));
            faults.push(Fault::new(
                reference.span.clone(),
                message,
                "remove this line, or one of the others",
            ));
        } else {
            waits_for.entry(waiting.as_str()).or_default().push(target);
        }
    }
}

/// Leaves the middle of a long cycle out.
fn shortened(mut cycle: Vec<String>) -> Vec<String> {
    if cycle.len() > 8 {
        cycle.splice(4..cycle.len() - 2, ["…".to_owned()]);
    }
    cycle
}

/// Finds the path from one environment to another along `from`, both included.
fn path<'a>(waits_for: &HashMap<&'a str, Vec<&'a str>>, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut came_from: HashMap<&str, &str> = HashMap::new();
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        if place == to {
            let mut path = vec![place];
            let mut step = place;
            while step != from {
                step = came_from.get(step)?;
                path.push(step);
            }
            path.reverse();
            return Some(path);
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
