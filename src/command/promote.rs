//! `rel promote`: brings what runs in one environment to another, digest for digest. Leans on `rollout`.

use super::End;
use super::forward::{Common, carry};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::EventKind;
use crate::resolve::{PinSource, PinnedRelease, Request};
use crate::rollout::DeploymentContext;
use clap::Args;

/// Deploys to one environment exactly the digests that run in another.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The exact name of the environment where it runs.
    #[arg(value_name = "FROM")]
    from: String,
    /// The exact name of the environment that it is brought to.
    #[arg(value_name = "TO")]
    to: String,
    /// Of one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Promotes.
pub fn promote(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let (from, to) = (&arguments.from, &arguments.to);
    let request = Request::new("promote", to, arguments.package.as_deref());
    request.source_environment(&ledger, from)?;
    let package = request.package(&ledger)?;
    let place = DeploymentContext::new(context, &ledger, to, &package)?;
    let state = ledger.snapshot().environment(&package, from)?;
    let Some(running) = state.as_ref().and_then(|state| state.running.as_ref()) else {
        return Err(Error::refused(format!("nothing runs in {from}"))
            .hint(format!("rel deploy {from} VERSION{}", place.flag)));
    };
    let busy = state.as_ref().is_some_and(|state| state.lock.is_some());
    if busy || !running.state.is_usable() {
        let how =
            if busy { "a deploy is under way there".to_owned() } else { format!("it is {}", running.state) };
        return Err(Error::refused(format!("{} cannot be taken on from {from}", running.release.label()))
            .cause(how)
            .hint(format!("rel status {from}")));
    }
    let source = PinSource::Environment(from.clone());
    let pinned = PinnedRelease { package, release: running.release.clone(), source };
    carry(&place, &mut ledger, EventKind::Promote, pinned, &arguments.common)
}
