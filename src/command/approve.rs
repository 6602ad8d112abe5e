//! `rel approve`: a person agrees with a deploy. Leans on `ledger`.

use super::End;
use super::record::{Common, held, record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Decision, Ledger};
use crate::model::{EventKind, EventPayload};
use crate::resolve::Request;
use clap::Args;

/// Agrees with a deploy of a release to an environment.
///
/// It holds for this build, these digests and this configuration, and is void when one of them changes.
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
    #[command(flatten)]
    common: Common,
}

/// Approves.
pub fn approve(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let request = Request::new("approve", &arguments.environment, arguments.package.as_deref())
        .with_release(Some(&arguments.version));
    // An approval is for digests: those that a deploy would find.
    let (place, pinned) = (request.environment(&ledger)?, request.pinned(&ledger, None)?);
    let (release, package, actor) = (pinned.release, pinned.package, context.actor()?);
    if !actor.person && (actor.ci.is_some() || context.in_ci()) {
        return Err(Error::refused("an approval is a person's, and no person started this run of CI")
            .hint("rel approve at a terminal, or in a run that was started by hand"));
    }
    let hash = ledger.active_config().hash.clone();
    let proof = match ledger.config().ledger.allowed_signers {
        None => "without [ledger] allowed_signers nothing proves it",
        Some(_) => "the signature proves that a key is believed, not whose it is",
    };
    context.ui().hint(format!("{} is who you claim to be: {proof}", actor.id));
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        let state = snapshot.environment(&package, place)?;
        let approvals = state.map(|state| state.approvals).unwrap_or_default();
        let mine = approvals
            .iter()
            .find(|approval| approval.by.id == actor.id && approval.covers(&release.pin, Some(&hash)));
        Ok(match mine {
            Some(approval) => {
                let words = held("approved", &approval.by.id, &approval.at, None);
                Decision::Already(format!("{} is already {words}", release.label()))
            }
            None => {
                let draft = EventPayload::new(EventKind::Approve).at(Some(&package), Some(place));
                Decision::Record(vec![EventPayload { release: Some(release.clone()), ..draft }])
            }
        })
    })
}
