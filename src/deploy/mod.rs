//! Brings a release to where it runs: which commands, where, with what they may see, until when; each in a process group
//! of its own that nobody outlives. Beside `git`, the only room that starts programs. It knows nothing of the ledger:
//! whoever calls looks there for it (`Watch`). Leans on `config`, `git` and `model`.

mod ground;
mod group;
mod job;
mod kubectl;
mod mask;
mod probe;
mod process;
mod stage;
mod stop;
mod targets;
mod template;

pub use ground::{Ground, Surroundings};
pub use group::adopt_orphans;
pub use job::{Job, Outcome, Watch, run};
pub use mask::Mask;
pub use probe::{ask, questions};
pub use stage::{Purpose, Stage, back, forward, longest};
pub use stop::Stop;
pub use targets::summary;
pub use template::Values;
