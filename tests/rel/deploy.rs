//! `rel deploy` and `rel promote`: what goes through, what is refused, what fails, and what is left behind.

mod ends;
mod environment;
mod forward;
mod killed;
mod page;
mod policy;
mod rollback;
mod stage;
mod terminal;
mod truth;
