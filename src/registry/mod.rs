//! Images in registries and in image layouts on disk: what references resolve to, and new tags for a digest, without
//! moving a layer. The only module with an HTTP client and tokio; its interface is synchronous.

mod answers;
mod challenge;
mod client;
mod credentials;
mod endpoint;
mod image_repository;
mod layout;
mod manifest;
mod manifest_request;
mod registries;
mod remote_repository;
mod resolution;
mod resolve;
mod response;
mod retag;
mod retag_request;
mod retry;
mod secret;
mod tag_put;
mod tls;
mod token;
mod transport;

pub use answers::{RegistryAnswer, read_answer};
pub use credentials::Login;
pub use registries::{DEFAULT_DEADLINE, NEARBY_COMMITS, Registries};
pub use resolution::{Detail, ImageReference, Resolution, ResolvedImage};
pub use retag_request::{RetagOutcome, RetagRequest, RetaggedImage};
pub use secret::Secret;
