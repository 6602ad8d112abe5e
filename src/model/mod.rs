//! The words of the trade: pure values without I/O, clock or environment. Leans on `error` alone.

pub mod bump;
mod clean;
pub mod commit;
pub mod file;
pub mod image;
pub mod message;
mod moment;
pub mod pattern;
pub mod tag;
pub mod trailers;
pub mod version;

pub use bump::{Bump, BumpTable, Squash, Zero};
pub use clean::{SECRET_VARIABLES, clean, clean_line};
pub use commit::{BranchName, CommitId, Person};
pub use file::VersionFile;
pub use image::{Digest, Image, Reference, Repository};
pub use moment::Moment;
pub use pattern::Patterns;
pub use tag::{TagFormat, TagName};
pub use trailers::Trailers;
pub use version::{Channel, Version, VersionRange};
