//! The words of the trade: pure values without I/O, clock or environment. Leans on `error` alone.

mod actor;
pub mod bump;
mod clean;
pub mod commit;
mod environment;
mod event;
pub mod file;
pub mod image;
pub mod message;
mod moment;
pub mod pattern;
mod pin;
mod read;
pub mod tag;
pub mod trailers;
pub mod until;
pub mod version;
pub mod week;

pub use actor::People;
pub use bump::{Bump, BumpTable, Squash, Zero};
pub use clean::{SECRET_VARIABLES, clean, clean_line};
pub use commit::{BranchName, CommitId, Person};
pub use environment::{
    Approval, BadMark, EnvironmentState, Freeze, Glance, Healthy, Hold, Interval, Lock, REMEMBERED, Running,
    Whole,
};
pub use event::{Actor, Draft, Event, EventId, EventKind, FORMAT, Part, RepositoryIdentity, State, Synced};
pub use file::VersionFile;
pub use image::{Digest, Image, Reference, Repository};
pub use moment::Moment;
pub use pattern::Patterns;
pub use pin::{Pin, Release};
pub use tag::{TagFormat, TagName};
pub use trailers::Trailers;
pub use version::{Channel, Version, VersionRange};
pub use week::WeekTime;
