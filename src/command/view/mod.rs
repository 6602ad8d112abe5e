//! Output that several verbs have in common.

pub(super) mod decision;
pub(super) mod github;
