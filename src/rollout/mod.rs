//! Deploy, promote and rollback of one environment, from the arguments to the event that records the result: plan, preflight,
//! execute.

mod automatic_rollback;
mod command_tree;
mod deploy_plan;
mod deploy_target;
mod deployment_context;
mod execute;
mod final_branches;
mod lane_branches;
mod ledger_monitor;
mod named_target;
mod no_target;
mod operation;
mod options;
mod outcome;
mod plan;
mod policy_check;
mod preflight;
mod programs;
mod progress;
mod promotion_source;
mod record_result;
mod release_diff;
mod release_order;
mod release_tree;
mod revalidate;
mod rollback_checks;
mod rollback_decision;
mod rollback_plan;
mod rollback_target;
mod verify_live;
mod view;

pub use deployment_context::DeploymentContext;
pub use operation::{deploy, promote, rollback};
pub use options::{Confirmation, DeployOptions, PolicyOverrides, RollbackOptions};
pub use verify_live::live;
