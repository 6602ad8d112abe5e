//! Runs the commands that deploy a release, check it and verify it, and says how that ended. It knows nothing of the
//! ledger: its caller looks there for it (`LockMonitor`).

mod job;
mod kubectl;
mod live_query;
mod result_file;
mod stage;
mod targets;
mod template;
mod workspace;

pub use job::{Job, LockMonitor, LockStatus, Outcome, run};
pub use live_query::{live_commands, query_live};
pub use stage::{RollbackStages, Stage, deploy_stages, max_duration, rollback_stages};
pub use template::Values;
pub use workspace::Workspace;
