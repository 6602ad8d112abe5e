//! `rel deploy`: brings a release to an environment. Leans on `rollout`.

use super::End;
use super::forward::{Common, carry};
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::model::EventKind;
use crate::resolve::{Request, Trust};
use crate::rollout::DeploymentContext;
use clap::{Args, ValueEnum};

/// Brings a release to an environment through its configured deployer, verifies it, and records what happened.
///
/// Forwards only: an older version goes there with rel rollback. The version that runs is deployed again. Where policy
/// says no, every reason is named at once, each with the command that lifts it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The exact name of the environment.
    #[arg(value_name = "ENV")]
    environment: String,
    /// A version, a tag, or, where the environment accepts any, a commit.
    #[arg(value_name = "VERSION")]
    version: String,
    /// Of one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Believes one of the two where the ledger and the tag name different digests.
    #[arg(long, value_name = "WHOM")]
    trust: Option<TrustWord>,
    #[command(flatten)]
    common: Common,
}

/// The words of `--trust`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TrustWord {
    /// What was recorded.
    Ledger,
    /// What the tag's trailers say.
    Tag,
}

impl From<TrustWord> for Trust {
    fn from(word: TrustWord) -> Trust {
        match word {
            TrustWord::Ledger => Trust::Ledger,
            TrustWord::Tag => Trust::Tag,
        }
    }
}

/// Deploys.
pub fn deploy(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let request = Request::new("deploy", &arguments.environment, arguments.package.as_deref());
    let request = request.with_release(Some(&arguments.version));
    let pinned = request.pinned(&ledger, arguments.trust.map(Trust::from))?;
    let place = DeploymentContext::new(context, &ledger, &arguments.environment, &pinned.package)?;
    carry(&place, &mut ledger, EventKind::Deploy, pinned, &arguments.common)
}
