//! Output that several verbs have in common.

pub(super) mod decision;
pub(super) mod event;
pub(super) mod file_diff;
pub(super) mod github;
