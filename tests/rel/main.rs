//! One test binary: real git, the real program, exact output.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod architecture;
mod changelog;
mod chaos;
mod checkouts;
mod clock;
mod config;
mod cut;
mod demo;
mod deploy;
mod docs;
mod git_environment;
mod laws;
mod ledger;
mod lint;
mod messages;
mod process;
mod retag;
mod rules;
mod secrets;
mod support;
mod version_files;
