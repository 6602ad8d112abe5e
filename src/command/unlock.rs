//! `rel unlock`: ends an operation whose owner is gone. Leans on `ledger`.

use super::End;
use super::record::{Common, record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Decision, Ledger};
use crate::model::{EventKind, EventPayload, Lock, State};
use crate::resolve::{self, Request};
use clap::Args;

/// Ends an operation whose owner is gone. Nothing is stopped or undone by it: what runs is then unknown.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The exact name of the environment.
    #[arg(value_name = "ENV")]
    environment: String,
    /// The operation, where its time is not over yet: `rel status ENV` names it.
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Of one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Unlocks.
pub fn unlock(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open(context)?;
    let place =
        Request::new("unlock", &arguments.environment, arguments.package.as_deref()).environment(&ledger)?;
    let package = resolve::package(&ledger, arguments.package.as_deref())?.name;
    let now = context.now()?;
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        let state = snapshot.environment(&package, place)?;
        let Some(lock) = state.and_then(|state| state.lock) else {
            return Ok(Decision::Already(format!("nothing is under way in {place}")));
        };
        let named = arguments.event.as_deref();
        if named.is_some_and(|named| named != lock.operation.as_str()) {
            return Err(Error::conflict(format!("what is under way in {place} is {}", lock.operation))
                .cause(told(&lock)));
        }
        if named.is_none() && !lock.expired(now) {
            return Err(Error::refused(format!(
                "a {} to {place} is under way, and may well be alive",
                lock.kind
            ))
            .cause(told(&lock))
            .hint(format!("if its owner is surely gone: rel unlock {place} --event {}", lock.operation))
            .hint(format!("a rollback takes over by itself: rel rollback {place}")));
        }
        Ok(Decision::Record(vec![EventPayload {
            state: Some(State::Unknown),
            operation: Some(lock.operation.clone()),
            release: lock.release.clone(),
            began: Some(lock.since),
            ..EventPayload::new(EventKind::Unlock).at(Some(&package), Some(place))
        }]))
    })
}

fn told(lock: &Lock) -> String {
    let until =
        lock.deadline.map_or_else(String::new, |deadline| format!(", its time is over at {deadline}"));
    let run = lock.actor.run.as_deref().map_or_else(String::new, |run| format!(", {run}"));
    format!("{} began it at {} on {}{until}{run}", lock.actor.label(), lock.since, lock.host)
}
