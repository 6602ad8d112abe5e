//! Options that several verbs have.

mod event_options;
mod registry_access;
mod rollout_arguments;
mod version_options;

pub(super) use event_options::EventOptions;
pub(super) use registry_access::RegistryAccess;
pub(super) use rollout_arguments::{DeployArguments, TrustArgument};
pub(super) use version_options::VersionOptions;
