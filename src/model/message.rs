//! Commit messages as units of change.
