//! Notes and the file that keeps them: the only room with git-cliff-core. `change` and `render` make a section from
//! classified commits, `splice` brings it into a changelog without touching what stands there, `disk` reads and writes.
//! Neither clock nor network nor environment is asked. Leans on `version`, `model` and `error`.

mod change;
mod cliff;
mod disk;
mod escape;
mod forge;
mod links;
mod merge;
mod outline;
mod render;
mod splice;
#[cfg(test)]
mod tests;

pub use change::{Groups, NotedCommit};
pub use cliff::Form;
pub use disk::Place;
pub use escape::tame;
pub use forge::Forge;
pub use render::{Section, frame, render};
pub use splice::{Changelog, Edit, Release, Splice, applied};
