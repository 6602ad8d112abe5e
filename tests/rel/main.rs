//! One test binary: real git, the real program, exact output.
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod ground;
mod house;
mod rules;
mod support;
