//! `rel deploy` and `rel promote`: what goes through, what is refused, what fails, and what is left behind.

mod consistency;
mod deploy_promote;
mod ends;
mod environment;
mod environments_page;
mod killed;
mod policy;
mod rollback;
mod stage;
mod terminal;
