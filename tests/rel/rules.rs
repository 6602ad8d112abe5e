//! The rules of docs/version-rules.md, through the program, on real git. Rules that are only about messages are also tested
//! in `src/model/message/tests.rs`.

mod bumps;
mod lines;
mod reverts;
mod tags;
