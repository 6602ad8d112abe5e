//! Starts programs, and is the only module that does. Callers describe a command (`CommandSpec`) and choose how it runs:
//! captured with a deadline, attached to the terminal, or supervised line by line.
//!
//! | caller | environment | run as |
//! |---|---|---|
//! | git | inherited | captured |
//! | credential helpers of registries | inherited | captured |
//! | `[cut] before`, the editor, the lines of `rel demo` | inherited | attached |
//! | `rel` itself, to render somebody's template | empty | captured |
//! | commands of environments: deploy, rollback, check, verify, live | allowlist | supervised |
//!
//! No program gets `REL_REGISTRY_*`, whatever its policy is.

mod attach;
mod capture;
mod environment;
mod group;
mod limits;
mod lines;
mod spec;
mod stop;
mod supervise;

pub use attach::Stream;
pub use capture::{CaptureError, CaptureLimits};
pub use environment::CommandEnvironment;
pub use group::become_subreaper;
pub use limits::limit_this_process;
pub use spec::CommandSpec;
pub use stop::{Stop, end_first_process_on_signals, is_interrupted, survive_file_size_limit};
pub use supervise::{GRACE_PERIOD, Observer, ProcessEnd, Supervised};
