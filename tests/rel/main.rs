//! One test binary: real git, the real program, exact output.
#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod changelog;
mod cut;
mod demo;
mod deploy;
mod docs;
mod ground;
mod house;
mod laws;
mod ledger;
mod lint;
mod manifest;
mod retag;
mod rules;
mod support;
