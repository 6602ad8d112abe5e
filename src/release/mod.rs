//! Making a release: what to do, as data (`planner`, `plan`), what prevents it (`preflight`), doing it (`execute`), and
//! finishing or undoing what an earlier run left (`leftovers`, `existing`, `resume`).
//!
//! Until the push only local tags change: commit and tree are objects that no branch contains. So a run that is killed
//! before the push leaves a repository in which the same command starts again, and after the push the release is made.

mod changelog_file;
mod choices;
mod execute;
mod existing;
mod file_changes;
mod image_tags;
mod leftovers;
mod notes;
mod notes_selection;
mod plan;
mod planner;
mod preflight;
mod push;
mod resume;
mod session;

pub use changelog_file::{ChangelogUpdate, check_section, open_changelog};
pub use choices::{Choices, PackageChoice};
pub use execute::{CutOutcome, execute};
pub use existing::ExistingRelease;
pub use image_tags::ImageTags;
pub use notes::Notes;
pub use notes_selection::NotesSelection;
pub use plan::{PlannedImage, PlannedRelease, ReleasePlan};
pub use planner::Planner;
pub use resume::{Existing, ExistingState, Undo};
pub use session::{CutOptions, Session};
