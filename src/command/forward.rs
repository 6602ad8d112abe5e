//! What `rel deploy` and `rel promote` share: their wishes, the plan, the question, the deed. Leans on `rollout`.

use super::End;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::model::EventKind;
use crate::resolve::PinnedRelease;
use crate::rollout::{self, Asked, DeploymentContext, PolicyOverrides, Wishes};
use clap::Args;

/// What both understand.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Says why, for those who read it later.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Passes policy, and records that with this reason.
    #[arg(long = "override", value_name = "REASON")]
    override_reason: Option<String>,
    /// Tries a release again that failed here and was taken back.
    #[arg(long)]
    retry: bool,
    /// Records that another system deployed it, and runs nothing.
    #[arg(long)]
    record_only: bool,
    /// Answers the question.
    #[arg(long)]
    yes: bool,
    /// Shows what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// Plans, shows, asks, acts.
pub(super) fn carry(
    place: &DeploymentContext<'_>,
    ledger: &mut Ledger<'_>,
    kind: EventKind,
    pinned: PinnedRelease,
    common: &Common,
) -> Result<End> {
    let passing = PolicyOverrides { override_reason: common.override_reason.clone(), retry: common.retry };
    let wishes = Wishes { reason: common.reason.clone(), record_only: common.record_only, passing };
    let mut plan = rollout::plan_forward(place, ledger, kind, pinned, &wishes)?;
    rollout::show(place, &plan);
    if common.dry_run {
        rollout::planned(place, &plan);
        return Ok(End::Done);
    }
    rollout::confirm(place, &plan, common.yes)?;
    let release = plan.release.clone();
    let asked = Asked::new(place, &release, &wishes.passing)?;
    let seen = plan.clone();
    let done =
        rollout::act(place, ledger, &mut plan, &mut |snapshot| rollout::still(&asked, &seen, snapshot))?;
    rollout::tell(place, &plan, done)?;
    Ok(End::Done)
}
