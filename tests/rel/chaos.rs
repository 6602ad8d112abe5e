//! Three clones of one repository deploy, roll back, hold and sync, while runs are killed, remotes cut, disks full and clocks
//! set, in random order. After every command a model says what must hold: nothing is lost, nothing is recorded twice, no lock is
//! unknown, and a release that was rolled back never comes back by itself.
//!
//! `REL_CHAOS_SECONDS` says for how long, from a random seed on (without it the first episodes for a minute), `REL_CHAOS_SEED` repeats one episode: what is done depends on the seed alone.

mod actions;
mod faults;
mod model;
mod random;
mod world;

use model::Model;
use random::Random;
use std::time::{Duration, Instant};
use world::World;

/// How many commands there are in an episode.
const COMMANDS: usize = 45;

#[expect(clippy::disallowed_methods, reason = "a test has no Context")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")))
}

/// Returns a seed that differs from run to run.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) >> 16
}

#[test]
#[ignore = "takes minutes; ./check --full runs it"]
fn nothing_is_lost_or_doubled_whatever_breaks() {
    if let Some(seed) = number("REL_CHAOS_SEED") {
        println!("{}", episode(seed));
        return;
    }
    // What lands must not depend on luck: without a length, the episodes are always the same.
    let (length, first) = number("REL_CHAOS_SECONDS").map_or((60, 1), |seconds| (seconds, fresh_seed()));
    let (length, begun) = (Duration::from_secs(length), Instant::now());
    let mut episodes = 0;
    while episodes == 0 || begun.elapsed() < length {
        println!("seed {}: {}", first + episodes, episode(first + episodes));
        episodes += 1;
    }
    println!("{episodes} episodes from seed {first}, {COMMANDS} commands each");
}

/// Prints how to repeat an episode that fails.
struct Announce<'a>(u64, &'a World);

impl Drop for Announce<'_> {
    #[expect(clippy::print_stdout, reason = "the test runner shows it with the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!(
                "{}\nto repeat it: REL_CHAOS_SEED={} cargo test --test rel chaos:: -- --ignored",
                self.1.log(),
                self.0
            );
        }
    }
}

/// Lives through one episode: commands with faults, then repair, then everything must agree. Returns what happened.
fn episode(seed: u64) -> String {
    let world = World::new();
    let _announce = Announce(seed, &world);
    let mut random = Random::new(seed);
    let mut model = Model::new(&world);
    for _ in 0..COMMANDS {
        let command = actions::next(&world, &mut random);
        let faults = faults::next(&world, &mut random, command.clone);
        let before = model.before(&world, command.clone);
        let runs = world.execute(&command, &faults);
        model.check(&world, before, &runs, &faults);
    }
    world.repair();
    model.converge(&world);
    world.summary()
}
