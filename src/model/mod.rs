//! The types of the domain: values without I/O, clock or environment.

mod actor;
pub mod bump;
mod clean;
pub mod commit;
mod environment;
mod event;
mod event_kind;
pub mod file;
pub mod image;
pub mod message;
pub mod pattern;
mod pin;
mod redactor;
mod secret_shapes;
mod serde_impls;
mod suggest;
pub mod tag;
pub mod time_expression;
mod timestamp;
pub mod trailers;
pub mod version;
pub mod weekly_window;

pub use actor::People;
pub use bump::{Bump, BumpTable, Squash, Zero};
pub use clean::{clean, clean_line};
pub use commit::{BranchName, CommitId, Person};
pub use environment::{
    Approval, BadBuild, EnvironmentState, EnvironmentSummary, Freeze, GlobalState, Healthy, Hold, Interval,
    Lock, REMEMBERED, Running,
};
pub use event::{Actor, Event, EventId, EventPayload, FORMAT, RepositoryIdentity, Synced, TargetStatus};
pub use event_kind::{EventKind, State};
pub use file::VersionFile;
pub use image::{Digest, Image, Reference, Repository};
pub use pattern::Patterns;
pub use pin::{Pin, Release};
pub use redactor::{RedactionStream, Redactor};
pub use secret_shapes::names_a_secret;
pub use suggest::suggest;
pub use tag::{TagFormat, TagName};
pub use timestamp::Timestamp;
pub use trailers::Trailers;
pub use version::{Channel, Version, VersionRange};
pub use weekly_window::WeekTime;
