//! What a person changes about a release before it is made. Leans on `model`.

use crate::model::{Bump, Version};
use std::collections::BTreeMap;

/// The wishes for one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// This very version.
    pub version: Option<Version>,
    /// This bump.
    pub bump: Option<Bump>,
    /// A prerelease of this channel.
    pub channel: Option<String>,
    /// The notes below their heading.
    pub notes: Option<String>,
}

/// The wishes by package.
pub(super) type Wishes = BTreeMap<String, Wish>;
