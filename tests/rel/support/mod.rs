//! The environment of the tests: real git and the real binary. Only clock and identity are fixed, so that expected output
//! can contain commit hashes.

mod crashing_git;
mod http;
pub mod layout;
pub mod manual;
mod program;
mod proxy;
mod pty;
pub mod registry;
mod run;
mod sandbox;
pub mod token;

pub use crashing_git::crashing_git;
pub use program::program;
pub use proxy::{Fault, Proxy};
pub use pty::Terminal;
pub use registry::Registry;
pub use run::Run;
pub use sandbox::Sandbox;
