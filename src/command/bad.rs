//! `rel bad` and `rel good`: a build that no environment takes any more, under whatever name it comes; and takes again.
//! Leans on `ledger`.

use super::End;
use super::record::{Common, held, record};
use crate::config::Accept;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Decision, Ledger};
use crate::model::{EventKind, EventPayload, Release};
use crate::resolve::named_release;
use clap::Args;

/// Marks a build as bad: no environment takes it any more, under whatever name it comes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A version, a tag, or, where an environment accepts any, a commit.
    #[arg(value_name = "VERSION")]
    version: String,
    /// Of one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Marks a build as bad.
pub fn bad(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let (package, release) = named(&ledger, arguments)?;
    let label = release.label();
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        Ok(match snapshot.bad_build(&package, &release.pin)? {
            Some(mark) => {
                let words = held("marked as bad", mark.by.label(), &mark.since, mark.reason.as_deref());
                Decision::Already(format!("{label} is already {words}"))
            }
            None => Decision::Record(vec![draft(EventKind::Bad, &package, &release)]),
        })
    })
}

/// Takes the mark away.
pub fn good(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    let (package, release) = named(&ledger, arguments)?;
    record(context, &mut ledger, &arguments.common, &|snapshot| {
        Ok(match snapshot.bad_build(&package, &release.pin)? {
            Some(_) => Decision::Record(vec![draft(EventKind::Good, &package, &release)]),
            None => Decision::Already(format!("{} is not marked as bad", release.label())),
        })
    })
}

fn named(ledger: &Ledger<'_>, arguments: &Arguments) -> Result<(String, Release)> {
    let package = arguments.package.as_deref();
    let found = named_release(ledger, package, &arguments.version, any_accepts_commits(ledger))?;
    let release = found.release()?;
    Ok((found.package, release))
}

/// Whether a commit is a name for what some environment runs.
fn any_accepts_commits(ledger: &Ledger<'_>) -> bool {
    let environments = &ledger.config().environments;
    let mut names = environments.names();
    names.any(|name| environments.get(name, "").is_some_and(|rules| rules.accept == Accept::Any))
}

fn draft(kind: EventKind, package: &str, release: &Release) -> EventPayload {
    EventPayload { release: Some(release.clone()), ..EventPayload::new(kind).at(Some(package), None) }
}
