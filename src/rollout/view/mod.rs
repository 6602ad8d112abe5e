//! What a person or a program reads of an operation: the plan, the confirmation and the outcome.

mod confirmation;
mod json;
mod plan_table;
mod report;

pub(super) use confirmation::confirm;
pub(super) use json::{show_already_done, show_dry_run};
pub(super) use plan_table::show_plan;
pub(super) use report::report;
