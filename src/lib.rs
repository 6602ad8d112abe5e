//! `rel` takes a commit to production and back.

pub mod config;
pub mod error;
pub mod git;
pub mod model;
pub mod ui;
