//! `rel approve`: a person agrees with a deploy. Leans on `ledger`.

use super::End;
use super::record::{Common, environment, held, record};
use crate::error::Result;
use crate::ledger::Decision;
use crate::model::{Draft, EventKind};
use crate::rollout;
use crate::world::World;
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
pub fn approve(world: &World, arguments: &Arguments) -> Result<End> {
    let mut ledger = rollout::open(world)?;
    let place = environment(&ledger, &arguments.environment)?;
    // An approval is for digests: those that a deploy would find.
    let package = arguments.package.as_deref();
    let (at, pinned) = rollout::named(world, &ledger, place, &arguments.version, package, None)?;
    let (release, package, actor) = (pinned.release, at.package, world.actor()?);
    let hash = ledger.governing().hash.clone();
    if ledger.config().ledger.allowed_signers.is_none() {
        world.ui().hint(format!(
            "{} is who you claim to be: without [ledger] allowed_signers nothing proves it",
            actor.id
        ));
    }
    record(world, &mut ledger, &arguments.common, &|snapshot| {
        let state = snapshot.environment(&package, place)?;
        let approvals = state.map(|state| state.approvals).unwrap_or_default();
        let mine = approvals
            .iter()
            .find(|approval| approval.by.id == actor.id && approval.covers(&release.pin, Some(&hash)));
        Ok(match mine {
            Some(approval) => {
                let words = held("approved", approval.by.label(), &approval.at, None);
                Decision::Already(format!("{} is already {words}", release.label()))
            }
            None => {
                let draft = Draft::new(EventKind::Approve).at(Some(&package), Some(place));
                Decision::Record(vec![Draft { release: Some(release.clone()), ..draft }])
            }
        })
    })
}
