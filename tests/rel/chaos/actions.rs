//! What the people of the three clones do next.

use super::random::Random;
use super::world::{VERSIONS, World};

/// One command, or two at the same time.
#[derive(Debug)]
pub struct Command {
    /// The clone that it runs in.
    pub clone: usize,
    pub words: Vec<String>,
    /// It is still deploying while this one runs in another clone.
    pub during: Option<(usize, Vec<String>)>,
}

/// Returns the next command, after the clocks moved on.
pub fn next(world: &World, random: &mut Random) -> Command {
    world.pass_time(random.weighted(&[(60, 60), (30, 1_200), (10, 10_800)]));
    if random.percent(8) {
        let step = random.weighted(&[(2, -3_600), (2, 3_600), (1, -259_200), (1, 259_200), (6, 0)]);
        world.set_clock(usize_below(random, 3), step);
    }
    let clone = usize_below(random, 3);
    let environment = if random.percent(60) { "prod" } else { "staging" };
    let version = next_version(world, random, environment);
    let deploy = |version: &str| words(&["deploy", environment, version, "--yes", "--format", "json"]);
    if random.percent(8) {
        let other = (clone + 1 + usize_below(random, 2)) % 3;
        let during = if random.percent(60) { rollback(random, environment) } else { deploy(&version) };
        let version = next_version(world, random, environment);
        return Command { clone, words: deploy(&version), during: Some((other, during)) };
    }
    let reason = ["--reason", "chaos"];
    let words = match random.weighted(&[
        (34, 0),
        (24, 1),
        (5, 2),
        (14, 3),
        (9, 4),
        (12, 5),
        (5, 6),
        (4, 7),
        (3, 8),
        (5, 9),
    ]) {
        0 => deploy(&version),
        1 => rollback(random, environment),
        2 => words(&[&["hold", environment], &reason[..]].concat()),
        3 => words(&[&["unhold", environment], &reason[..]].concat()),
        4 => words(&[&["unlock", environment], &reason[..]].concat()),
        5 => words(&["sync"]),
        6 => words(&["promote", "staging", "prod", "--yes", "--format", "json"]),
        7 => words(&["status", "--format", "json"]),
        9 => words(&[&["good", &version], &reason[..]].concat()),
        _ => words(&["history", environment, "--format", "json"]),
    };
    Command { clone, words, during: None }
}

/// Returns what somebody deploys: mostly one of the next releases after the one that runs.
fn next_version(world: &World, random: &mut Random, environment: &str) -> String {
    let live = world.live(environment);
    let after = VERSIONS.iter().position(|version| *version == live).map_or(0, |place| place + 1);
    let next = &VERSIONS[after..(after + 3).min(VERSIONS.len())];
    let all = if next.is_empty() || random.percent(20) { &VERSIONS[..] } else { next };
    format!("v{}", random.one_of(all))
}

fn rollback(random: &mut Random, environment: &str) -> Vec<String> {
    let mut all = words(&["rollback", environment, "--yes", "--reason", "chaos", "--format", "json"]);
    if random.percent(30) {
        all.push(format!("v{}", random.one_of(&VERSIONS)));
    }
    if random.percent(50) {
        all.push("--take-over".to_owned());
    }
    all
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn usize_below(random: &mut Random, bound: u64) -> usize {
    usize::try_from(random.below(bound)).unwrap()
}
