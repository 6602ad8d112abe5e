//! The world of the tests: real git, the real binary; only clock and identity are pinned, so that commit names stand
//! literally in expected output.

mod run;
mod sandbox;

pub use run::Run;
pub use sandbox::Sandbox;
