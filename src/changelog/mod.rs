//! Notes, and the file that contains them. `entries` and `render` make a section of classified commits with the template
//! engine of git-cliff-core; `insert` puts it into a changelog without changing anything else. Nothing here reads the clock,
//! the network or the environment.

mod document;
mod entries;
mod escape;
mod forge;
mod insert;
mod links;
mod merge;
mod notes_template;
mod render;
mod render_job;
#[cfg(test)]
mod tests;
mod work_tree_file;

pub use document::split_section;
pub use entries::{Groups, NotedCommit};
pub use escape::sanitize;
pub use forge::Forge;
pub use insert::{Changelog, Insertion, ReleaseSection, apply_edits};
pub use notes_template::NotesTemplate;
pub use render::{Section, frame, render};
pub use render_job::run_render_job;
pub use work_tree_file::WorkTreeFile;
