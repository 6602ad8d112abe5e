//! `rel rollback`: returns an environment to a release that was good. Leans on `rollout`.

use super::End;
use super::deploy::TrustWord;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Ledger, Snapshot};
use crate::model::{EventKind, Release};
use crate::resolve::{Request, Trust};
use crate::rollout::{self, DeploymentContext, Plan, RollbackDecision, RollbackWishes};
use crate::ui::Format;
use clap::Args;
use serde_json::json;

/// Returns an environment to the previous healthy release, or to the one named.
///
/// It does not wait: a deploy under way is ended by it. It holds the environment and marks what it leaves as bad, from its
/// first timestamp on. Freezes, soak and approvals do not stop it, and neither does a registry or a git remote that is down.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The exact name of the environment.
    #[arg(value_name = "ENV")]
    environment: String,
    /// A version, a tag, or, where the environment accepts any, a commit; without one, the last that was healthy before.
    #[arg(value_name = "VERSION")]
    version: Option<String>,
    /// Of one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Says why, for those who read it later.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Returns to a release that is bad, and records that with this reason.
    #[arg(long = "override", value_name = "REASON")]
    override_reason: Option<String>,
    /// Ends another rollback that is under way.
    #[arg(long)]
    take_over: bool,
    /// Does not mark what it leaves as bad.
    #[arg(long)]
    keep_good: bool,
    /// Crosses the one-way door of this release; may be given more than once.
    #[arg(long, value_name = "VERSION")]
    cross: Vec<String>,
    /// Records that another system went back, and runs nothing.
    #[arg(long)]
    record_only: bool,
    /// Believes one of the two where the ledger and the tag name different digests.
    #[arg(long, value_name = "WHOM")]
    trust: Option<TrustWord>,
    /// Answers the question.
    #[arg(long)]
    yes: bool,
    /// Shows what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// Rolls back.
pub fn rollback(context: &Context, arguments: &Arguments) -> Result<End> {
    let mut ledger = Ledger::open_with_config(context)?;
    // The remote may be down: what is known is what the last copy says, and that is told, not refused.
    if let Err(error) = ledger.warn_if_stale() {
        context.ui().warning(error.message);
    }
    let request = Request::new("rollback", &arguments.environment, arguments.package.as_deref());
    let request = request.with_release(arguments.version.as_deref());
    let named = request.release(&ledger)?;
    let package = match &named {
        Some(named) => named.package.clone(),
        None => request.package(&ledger)?,
    };
    let place = DeploymentContext::new(context, &ledger, &arguments.environment, &package)?;
    let wishes = RollbackWishes {
        version: arguments.version.clone(),
        reason: arguments.reason.clone(),
        override_reason: arguments.override_reason.clone(),
        take_over: arguments.take_over,
        keep_good: arguments.keep_good,
        cross: arguments.cross.clone(),
        record_only: arguments.record_only,
        trust: arguments.trust.map(Trust::from),
    };
    let mut plan = match rollout::plan_rollback(&place, &ledger, named, &wishes)? {
        RollbackDecision::Already { said, hint, release } => {
            context.ui().status(said.as_str());
            context.ui().hint(hint);
            return Ok(already(&place, &said, &release));
        }
        RollbackDecision::Go(plan) => *plan,
    };
    rollout::show(&place, &plan);
    if arguments.dry_run {
        rollout::planned(&place, &plan);
        return Ok(End::Done);
    }
    rollout::confirm(&place, &plan, arguments.yes)?;
    let seen = plan.clone();
    let done = rollout::act(&place, &mut ledger, &mut plan, &mut |snapshot| {
        still(&place, &seen, snapshot, &wishes)
    })?;
    rollout::tell(&place, &plan, done)?;
    Ok(End::Done)
}

/// Whether it may still begin: where somebody acted since, only if it still leaves the same and leads to the same.
fn still(
    place: &DeploymentContext<'_>,
    plan: &Plan,
    snapshot: &Snapshot,
    wishes: &RollbackWishes,
) -> Result<Option<String>> {
    let Some(lock) = place.state(snapshot)?.and_then(|state| state.lock) else {
        return rollout::still_back(place, plan, snapshot, wishes);
    };
    if plan.takes_over.as_ref() != Some(&lock.operation) && lock.kind != EventKind::Rollback {
        return rollout::still_back(place, plan, snapshot, wishes);
    }
    if lock.kind != EventKind::Rollback || plan.takes_over.as_ref() == Some(&lock.operation) {
        return Ok(None);
    }
    let who = format!(
        "{} is rolling {} back, begun {} on {}",
        lock.actor.label(),
        place.environment,
        lock.since.age(place.now),
        lock.host
    );
    if lock.release.as_ref().is_some_and(|release| release.pin.same_artifacts(&plan.release.pin)) {
        return Ok(Some(format!("{who}, to the same release")));
    }
    if wishes.take_over {
        return Ok(None);
    }
    let to = lock.release.as_ref().map(Release::label).unwrap_or_default();
    Err(Error::conflict(who).cause(format!("to {to}, not to {}", plan.release.label())).hint(format!(
        "rel rollback {} {} --take-over{}",
        place.environment,
        plan.release.label(),
        place.flag
    )))
}

fn already(place: &DeploymentContext<'_>, why: &str, release: &Release) -> End {
    let ui = place.context.ui();
    if ui.format() == Format::Json {
        ui.json(&json!({
            "schema": "rel.deploy/1",
            "kind": "rollback",
            "package": place.package,
            "environment": place.environment,
            "version": release.version,
            "tag": release.tag,
            "commit": release.pin.commit,
            "images": release.pin.images,
            "from_version": null,
            "state": null,
            "event": null,
            "recorded": false,
            "already": true,
            "why": why,
        }));
    }
    End::Done
}
