//! Images in registries and in layouts on disk: what names stand for, and new names for a digest, without moving a layer.
//! The only room with an HTTP client and tokio; nothing async leaves through this door. Leans on `context`, `config` and
//! `model`.

mod answer;
mod challenge;
mod credentials;
mod host;
mod layout;
mod look;
mod manifest;
mod order;
mod patience;
mod registries;
mod remote;
mod retag;
mod secret;
mod shelf;
mod site;
mod token;
mod wire;

pub use credentials::Login;
pub use manifest::Platform;
pub use order::{
    Detail, ImageReference, Resolution, ResolvedImage, RetagOutcome, RetagRequest, RetaggedImage,
};
pub use registries::{DEFAULT_DEADLINE, Registries};
pub use secret::Secret;
