//! `rel adopt`: record a release that another system deployed.

use super::End;
use super::arguments::EventOptions;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Ledger, decide};
use crate::policy::Adoption;
use crate::resolve::{Request, authority, environment_rules};
use clap::Args;

/// Record the release that is already running in an environment, so that a rollback can return to it
///
/// It counts for no `from`, soak or approval until rel deploys it. Only a person may adopt where rules say what may run.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Version or tag, or a commit, if the environment accepts commits
    #[arg(value_name = "VERSION")]
    version: String,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    options: EventOptions,
}

/// Runs `rel adopt`.
pub fn adopt(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let request = Request::new("adopt", &arguments.environment, arguments.package.as_deref())
        .with_release(Some(&arguments.version));
    let (environment, pinned) = (request.environment(&ledger)?, request.pinned(&ledger)?);
    let rules = environment_rules(&ledger, environment, &pinned.package)?;
    let authority = authority(&ledger, Some(environment), Some(&pinned.package))?;
    let environments = ledger.config().environments.clone();
    let feeds = environments.fed_by(environment, &pinned.package);
    let adoption = Adoption { rules: &rules, feeds, authority: &authority };
    let decide =
        |snapshot: &_| decide::adopt(snapshot, &pinned.package, environment, &pinned.release, &adoption);
    arguments.options.record(&mut ledger, &decide)
}
