//! What a person changes about a release before it is made.

use crate::model::{Bump, Version};
use std::collections::BTreeMap;

/// What was chosen for one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageChoice {
    /// This exact version.
    pub version: Option<Version>,
    /// This bump.
    pub bump: Option<Bump>,
    /// A prerelease of this channel.
    pub channel: Option<String>,
    /// The notes below their heading.
    pub notes: Option<String>,
}

impl PackageChoice {
    /// Returns the choice without the notes, which do not affect the version.
    pub(super) fn without_notes(&self) -> PackageChoice {
        PackageChoice { notes: None, ..self.clone() }
    }

    /// Returns whether a version was chosen in any form.
    pub(super) fn chooses_version(&self) -> bool {
        self.version.is_some() || self.bump.is_some() || self.channel.is_some()
    }
}

/// The choices by package.
pub type Choices = BTreeMap<String, PackageChoice>;
