//! `rel deploy`, `rel promote` and `rel rollback`: what succeeds, what is refused, what fails, and what is left behind.

mod authority;
mod broken_machine;
mod consistency;
mod deploy_promote;
mod ends;
mod environment;
mod environments_page;
pub mod fixture;
mod hints;
mod images;
mod killed;
mod no_way_forward;
mod policy;
mod programs;
mod rollback;
mod rollback_faults;
mod same_build;
mod signals;
mod terminal;
mod unrecorded;
