//! Options that several verbs have.

mod event_options;
mod registry_access;
mod rollout_arguments;

pub(super) use event_options::EventOptions;
pub(super) use registry_access::RegistryAccess;
pub(super) use rollout_arguments::{DeployArguments, TrustArgument};

use crate::model::{Bump, Version};

/// Reads `--bump`.
pub(super) fn bump(text: &str) -> Result<Bump, String> {
    Bump::parse(text).ok_or_else(|| "a bump is patch, minor or major".to_owned())
}

/// Reads the version of `--initial`.
pub(super) fn initial_version(text: &str) -> Result<Version, String> {
    Version::parse(text.trim_start_matches('v'))
        .filter(Version::is_final)
        .ok_or_else(|| "a first version is three numbers, such as 1.0.0".to_owned())
}
