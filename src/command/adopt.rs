//! `rel adopt`: what runs in an environment was brought there by something else. Leans on `ledger`.

use super::End;
use super::record::{Common, record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Decision, Ledger};
use crate::model::{EventKind, EventPayload, State};
use crate::resolve::Request;
use clap::Args;

/// Records what runs in an environment already, so that there is something to return to.
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

/// Adopts.
pub fn adopt(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let request = Request::new("adopt", &arguments.environment, arguments.package.as_deref())
        .with_release(Some(&arguments.version));
    let (place, pinned) = (request.environment(&ledger)?, request.pinned(&ledger, None)?);
    let (release, package) = (pinned.release, pinned.package);
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        let state = snapshot.environment(&package, place)?;
        if let Some(lock) = state.as_ref().and_then(|state| state.lock.as_ref()) {
            return Err(Error::refused(format!(
                "a {} to {place} is under way, by {}",
                lock.kind,
                lock.actor.label()
            ))
            .cause(format!("since {} on {}", lock.since, lock.host))
            .hint(format!("rel unlock {place} ends it where its owner is gone")));
        }
        let running = state.and_then(|state| state.running);
        let same = running.as_ref().filter(|running| {
            running.release.pin.same_artifacts(&release.pin)
                && running.release.label() == release.label()
                && running.state.is_usable()
        });
        if let Some(running) = same {
            let since = running.since;
            return Ok(Decision::Already(format!(
                "{} runs in {place} already, since {since}",
                release.label()
            )));
        }
        Ok(Decision::Record(vec![EventPayload {
            state: Some(State::Recorded),
            release: Some(release.clone()),
            from: running.map(|running| running.release),
            ..EventPayload::new(EventKind::Adopt).at(Some(&package), Some(place))
        }]))
    })
}
