//! The context of the tests: real git, the real binary; only clock and identity are pinned, so that commit names stand
//! literally in expected output.

mod deadly;
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

pub use deadly::deadly;
pub use program::program;
pub use proxy::{Fault, Proxy};
pub use pty::Terminal;
pub use registry::Registry;
pub use run::Run;
pub use sandbox::Sandbox;
