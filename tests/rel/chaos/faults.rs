//! What breaks while a command runs.

use super::random::Random;
use super::world::World;

/// What is broken for one command. What happens to the connection of a clone lasts longer: the world keeps it.
#[derive(Debug, Default)]
pub struct Faults {
    /// No file may grow beyond so many blocks of 512 bytes: like a disk that is full.
    pub disk: Option<u64>,
    /// `rel` gets this signal at its nth git command, before or after that.
    pub at_git: Option<(u64, &'static str, &'static str)>,
    /// `rel` gets this signal from the deployer.
    pub in_deployer: Option<&'static str>,
    /// The connection is cut while the deployer runs.
    pub cut: bool,
    /// The deployer fails in this stage.
    pub fails: Option<&'static str>,
}

/// How the remote of a clone answers.
pub const CONNECTIONS: [(u64, &str); 5] = [
    (70, "up"),
    // Nobody can connect.
    (18, "cut"),
    // It can be read, and refuses whatever is pushed.
    (8, "refuse"),
    // A push arrives, and the connection breaks behind it.
    (5, "deaf"),
    // It says what it has, and breaks off while it sends that.
    (5, "torn"),
];

/// Returns what breaks next, and perhaps changes the connection of the clone.
pub fn next(world: &World, random: &mut Random, clone: usize) -> Faults {
    if random.percent(30) {
        world.connect(clone, random.weighted(&CONNECTIONS));
    }
    let signal = *random.one_of(&["KILL", "TERM", "INT"]);
    let mut faults = Faults::default();
    match random.below(100) {
        0..14 => {
            faults.at_git = Some((1 + random.below(12), *random.one_of(&["before", "after"]), signal));
        }
        14..26 => faults.in_deployer = Some(signal),
        26..34 => faults.disk = Some(*random.one_of(&[0, 0, 1, 8, 64])),
        34..40 => faults.cut = true,
        40..48 => faults.fails = Some(*random.one_of(&["deploy", "verify"])),
        _ => {}
    }
    faults
}
