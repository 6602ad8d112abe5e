//! Finds what was typed: the environment, the package, and the release that a version, a tag or a commit names, with
//! its pin and where that pin was found.

mod authority;
mod built_release;
mod endpoint;
mod environment;
mod named_release;
mod package;
mod pin;
mod remote_tag;
mod repositories;
mod request;
mod typed_release;
mod version_tag;

pub use authority::authority;
pub use built_release::{BuiltRelease, remote_tag_commit, remote_tags};
pub use endpoint::{Endpoint, endpoints};
pub use environment::{environment_accepts_commits, environment_rules, environments_in_order};
pub use named_release::named_release;
pub use package::{optional_package, package, packages};
pub use pin::{PinSource, PinnedRelease, Trust, pin};
pub use remote_tag::{RemoteTag, check_tag_of, remote_tag};
pub use repositories::locate_images;
pub use request::Request;
pub use typed_release::{ReleaseName, TypedRelease};
pub use version_tag::{in_one_package, version_tag};
