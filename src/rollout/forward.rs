//! The plan of a deploy or a promotion: policy and preflight, everything that is in the way at once. Leans on `ask`,
//! `images` and `deploy`.

use super::ask::{Asked, PolicyOverrides};
use super::images;
use super::place::DeploymentContext;
use super::plan::Plan;
use crate::config::Deployer;
use crate::deploy::{self, Stage, Values};
use crate::error::{Error, Kind, Result, combine_errors};
use crate::ledger::Ledger;
use crate::model::EventKind;
use crate::policy::{Order, Rule};
use crate::registry::DEFAULT_DEADLINE;
use crate::resolve::PinnedRelease;

/// What is wished beside environment and release.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// `--reason`.
    pub reason: Option<String>,
    /// `--record-only`.
    pub record_only: bool,
    /// What is said to policy.
    pub passing: PolicyOverrides,
}

/// Plans it.
///
/// # Errors
///
/// Everything that is in the way.
pub fn plan(
    place: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    kind: EventKind,
    pinned: PinnedRelease,
    wishes: &Wishes,
) -> Result<Plan> {
    let PinnedRelease { release, source, .. } = pinned;
    place.check_repositories(&release)?;
    let state = place.state(ledger.snapshot())?;
    let from = state.as_ref().and_then(|state| state.running.as_ref()).map(|running| running.release.clone());
    let answer = Asked::new(place, &release, &wishes.passing)?.ask(ledger.snapshot())?;
    let mut errors = answer.errors;
    let values = Values::new(&release, &place.environment, &place.package, from.as_ref());
    let nobody = matches!(place.rules.deployer, Deployer::Nobody);
    let stages =
        if wishes.record_only { Ok(Vec::new()) } else { deploy::deploy_stages(&place.rules, &values) };
    let stages = stages.unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    errors.extend(preflight(place, &release, &stages)?);
    let overridable = answer.passable && wishes.passing.override_reason.is_none();
    if let Some(error) =
        combine_errors(&format!("{} may not go to {}", release.label(), place.environment), errors)
    {
        let passes = overridable && error.kind == Kind::Refused && place.actor.ci.is_none();
        let hint = "--override \"REASON\" passes policy, and is recorded";
        return Err(if passes && answer.order != Order::Older { error.hint(hint) } else { error });
    }
    let mut notes = answer.verdict.notes;
    notes.extend(answer.verdict.lane.map(|lane| format!("it takes the lane {lane}")));
    if answer.order == Order::Same {
        notes.push(format!("{} runs there already, and is deployed again", release.label()));
    }
    if nobody && !wishes.record_only {
        notes.push(format!(
            "rel deploys nothing to {}: another system does, and that is recorded",
            place.environment
        ));
    }
    if answer.verdict.ends_hold {
        notes.push("the hold ends with it".to_owned());
    }
    if !release.pin.images.is_empty() && !nobody && !wishes.record_only && deaf(&stages, &values) {
        place.context.ui().warning(format!(
            "no command of {} is given an image by {{image.…}}: which one it deploys is its own affair",
            place.environment
        ));
    }
    let overrides = answer.overrides;
    let reason = wishes.passing.override_reason.clone().or_else(|| wishes.reason.clone());
    let unrecorded = overrides.iter().any(|line| line.starts_with(Rule::Record.word()));
    Ok(Plan {
        kind,
        source,
        from,
        proves_by_asking: nobody && stages.is_empty() && !wishes.record_only && !place.rules.live.is_empty(),
        recorded: nobody || wishes.record_only,
        stages,
        values,
        reason,
        overrides,
        unchecked: if unrecorded { vec!["the ledger".to_owned()] } else { Vec::new() },
        notes,
        seen: state,
        takes_over: None,
        hold: false,
        bad: false,
        ends_hold: answer.verdict.ends_hold,
        automatic: false,
        way: None,
        release,
    })
}

/// Images, with every platform, and the programs of commands.
fn preflight(
    place: &DeploymentContext<'_>,
    release: &crate::model::Release,
    stages: &[Stage],
) -> Result<Vec<Error>> {
    let seen = images::look(place, &release.pin, DEFAULT_DEADLINE)?;
    let mut errors: Vec<Error> = seen
        .gone
        .into_iter()
        .map(|what| Error::missing(what).hint("build it again, or choose a release whose images are there"))
        .collect();
    errors.extend(seen.unknown);
    errors.extend(programs(place, stages));
    Ok(errors)
}

/// Programs that are looked for on PATH and are not there. A path may be made by an earlier command.
pub(super) fn programs(place: &DeploymentContext<'_>, stages: &[Stage]) -> Vec<Error> {
    let path = place.context.variable("PATH").unwrap_or_default();
    let there = |program: &str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let mut missing: Vec<&str> = stages
        .iter()
        .flat_map(|stage| &stage.commands)
        .filter_map(|words| words.first().map(String::as_str))
        .filter(|program| !program.contains('/') && !there(program))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
        .into_iter()
        .map(|program| {
            Error::refused(format!("{program}, which deploys to {}, is not on PATH", place.environment))
                .hint(format!("install {program} where rel runs"))
        })
        .collect()
}

/// Whether no command is given any image.
fn deaf(stages: &[Stage], values: &Values) -> bool {
    let digests: Vec<String> = values.images.iter().map(|image| image.digest.to_string()).collect();
    let words = || stages.iter().flat_map(|stage| stage.commands.iter().flatten());
    !words().any(|word| digests.iter().any(|digest| word.contains(digest.as_str())))
}
