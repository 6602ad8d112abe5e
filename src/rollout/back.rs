//! The plan of a rollback. Freeze, soak and approval do not stop it, and neither does a registry or a remote that cannot
//! be reached. Leans on `target`, `between`, `images` and `deploy`.

use super::place::{DeploymentContext, unmoved};
use super::plan::Plan;
use super::target::{self, Choice};
use super::{ask, between, forward, images};
use crate::config::Deployer;
use crate::deploy::{self, Values};
use crate::error::{Error, Result, combine_errors};
use crate::ledger::{Ledger, Snapshot};
use crate::model::{EnvironmentState, EventKind, Lock, Release};
use crate::policy::Order;
use crate::resolve::{NamedRelease, PinSource, PinnedRelease, Trust, complete_pin, pin};
use std::time::{Duration, Instant};

/// So long all registries together are waited for: what they do not say by then is unchecked.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What is wished beside the environment.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The release to return to; `None` for the last good one.
    pub version: Option<String>,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--override REASON`: takes a bad target.
    pub override_reason: Option<String>,
    /// `--take-over`: ends another rollback.
    pub take_over: bool,
    /// `--keep-good`: marks nothing bad.
    pub keep_good: bool,
    /// `--cross`: the releases whose one-way doors are passed.
    pub cross: Vec<String>,
    /// `--record-only`.
    pub record_only: bool,
    /// `--trust`.
    pub trust: Option<Trust>,
}

/// What a rollback comes to.
pub enum RollbackDecision {
    /// It is done already, or being done.
    Already {
        /// Since when, and by whom.
        said: String,
        /// The command for whoever wants more.
        hint: String,
        /// The release.
        release: Box<Release>,
    },
    /// This is what will happen.
    Go(Box<Plan>),
}

/// Plans it.
///
/// # Errors
///
/// Everything that is in the way.
pub fn plan(
    place: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    found: Option<NamedRelease>,
    wishes: &Wishes,
) -> Result<RollbackDecision> {
    let until = Instant::now() + PATIENCE;

    let snapshot = ledger.snapshot();
    let state = place.state(snapshot)?;
    let marks = snapshot.bad_builds(&place.package)?;
    let is_bad = |pin: &crate::model::Pin| marks.iter().any(|mark| mark.release.pin.same_build(pin));
    let choice = state.as_ref().map(|state| target::choose(state, &is_bad));
    let named = match found {
        Some(found) => {
            let found = found.with_recorded_version(ledger, state.as_ref())?;
            Some(pin(place.context, &place.image_rules(), &found, wishes.trust, PATIENCE)?)
        }
        None => None,
    };
    if let Some(course) = settled(place, state.as_ref(), named.as_ref(), wishes) {
        return Ok(course);
    }
    let mut errors = Vec::new();
    let (PinnedRelease { release, source, .. }, rest) = goal(place, choice.as_ref(), named)?;
    let from = choice
        .as_ref()
        .and_then(|choice| choice.from)
        .filter(|from| !from.pin.same_artifacts(&release.pin))
        .cloned();
    let ends = choice.as_ref().and_then(|choice| choice.ends);
    errors.extend(ends.and_then(|lock| taken(place, lock, wishes)));
    errors.extend(newer(place, state.as_ref(), &release, from.as_ref()));
    let mut overrides = Vec::new();
    if let Some(mark) = marks.iter().find(|mark| mark.release.pin.same_build(&release.pin)) {
        let allowed = ask::may_override(place);
        let message = format!("{} is bad, says {} since {}", release.label(), mark.by.label(), mark.since);
        match &wishes.override_reason {
            Some(_) if allowed => overrides.push(format!("bad: {message}")),
            Some(_) => errors.push(ask::no_override_here(place)),
            None => errors.push(Error::refused(message).hint(format!(
                "rel rollback {} {} --override \"REASON\"{}",
                place.environment,
                release.label(),
                place.flag
            ))),
        }
    }
    let mut unchecked = Vec::new();
    let seen = images::look(place, &release.pin, until.saturating_duration_since(Instant::now()))?;
    if !seen.gone.is_empty() {
        let others: Vec<&Release> =
            rest.into_iter().filter(|other| !other.pin.same_artifacts(&release.pin)).collect();
        errors.push(gone(place, &release, &seen.gone, images::first_there(place, &others, until)?));
    }
    unchecked
        .extend(seen.unknown.iter().map(|error| format!("images of {}: {}", release.label(), error.message)));
    let way = match &from {
        Some(from) => between::way(place, from, &release)?,
        None => None,
    };
    match (&from, &way) {
        (Some(from), None) => unchecked.push(format!(
            "the commits between {} and {}, and one-way doors among them: this clone does not have them",
            from.label(),
            release.label()
        )),
        (_, Some(way)) => errors.extend(doors(place, &release, way, wishes)),
        (None, None) => {}
    }
    let values = Values::new(&release, &place.environment, &place.package, from.as_ref());
    let stages =
        if wishes.record_only { Ok(Vec::new()) } else { deploy::rollback_stages(&place.rules, &values) };
    let stages = stages.unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    let nobody = matches!(place.rules.deployer, Deployer::Nobody) && place.rules.rollback.is_none();
    if nobody && !wishes.record_only {
        errors.push(nobody_deploys(place, &release));
    }
    errors.extend(forward::programs(place, &stages));
    let what = format!("{} cannot return to {}", place.environment, release.label());
    if let Some(error) = combine_errors(&what, errors) {
        return Err(error);
    }
    let bad = !wishes.keep_good && from.is_some();
    Ok(RollbackDecision::Go(Box::new(Plan {
        kind: EventKind::Rollback,
        source,
        values,
        stages,
        proves_by_asking: false,
        recorded: wishes.record_only,
        reason: wishes.override_reason.clone().or_else(|| wishes.reason.clone()),
        overrides,
        unchecked,
        notes: notes(place, ledger, choice.as_ref(), from.as_ref().filter(|_| bad))?,
        takes_over: ends.map(|lock| lock.operation.clone()),
        seen: state.clone(),
        hold: true,
        bad,
        ends_hold: false,
        automatic: false,
        way,
        from,
        release,
    })))
}

/// Whether a plan is still the right one on a newer snapshot: it leaves the same release and leads to the same. A text
/// says that somebody else did the very thing.
///
/// # Errors
///
/// 5 where what somebody did since makes it another rollback than the one that was shown.
pub fn still(
    place: &DeploymentContext<'_>,
    plan: &Plan,
    snapshot: &Snapshot,
    wishes: &Wishes,
) -> Result<Option<String>> {
    let Some(state) = place.state(snapshot)? else { return Ok(None) };
    if unmoved(plan.seen.as_ref(), Some(&state)) {
        return Ok(None);
    }
    let who = crate::ledger::subject(&state.newest);
    if target::already(&state, Some(&plan.release.pin)).is_some() {
        return Ok(Some(format!("somebody was faster: {who}")));
    }
    let marks = snapshot.bad_builds(&place.package)?;
    let choice = target::choose(&state, &|pin: &crate::model::Pin| {
        marks.iter().any(|mark| mark.release.pin.same_build(pin))
    });
    let same_from =
        choice.from.filter(|from| !from.pin.same_artifacts(&plan.release.pin)).map(|from| &from.pin)
            == plan.from.as_ref().map(|from| &from.pin);
    let best = choice.candidates.first();
    let same_target = wishes.version.is_some()
        || best.is_some_and(|best| best.release.pin.same_artifacts(&plan.release.pin));
    if same_from && same_target {
        return Ok(None);
    }
    let version = wishes.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    Err(Error::conflict(format!("somebody else acted on {} in the meantime", place.environment))
        .cause(who)
        .hint(format!("rel rollback {}{version}{}   # plans it anew", place.environment, place.flag)))
}

/// What was asked for is so already, or another rollback is about to make it so.
fn settled(
    place: &DeploymentContext<'_>,
    state: Option<&EnvironmentState>,
    named: Option<&PinnedRelease>,
    wishes: &Wishes,
) -> Option<RollbackDecision> {
    let (state, environment) = (state?, &place.environment);
    let target = named.map(|pinned| &pinned.release.pin);
    if let Some(hold) = target::already(state, target) {
        let running = state.running.as_ref()?;
        let said = format!(
            "{environment} was rolled back to {} by {}, {}; nothing is done again",
            running.release.label(),
            hold.by.label(),
            hold.since.age(place.now),
        );
        let hint = format!("rel rollback {environment} VERSION{}   # further back", place.flag);
        return Some(RollbackDecision::Already { said, hint, release: Box::new(running.release.clone()) });
    }
    if let Some(lock) = state.lock.as_ref().filter(|lock| lock.kind == EventKind::Rollback) {
        let release = lock.release.as_ref()?;
        let same = target.is_none_or(|target| target.same_artifacts(&release.pin));
        if same && !wishes.take_over && !lock.expired(place.now) {
            let until =
                lock.deadline.map(|deadline| format!(", until {deadline} at the latest")).unwrap_or_default();
            let said = format!(
                "{} is rolling {environment} back to {}: begun {} on {}{until}",
                lock.actor.label(),
                release.label(),
                lock.since.age(place.now),
                lock.host,
            );
            let hint =
                format!("rel rollback {environment} --take-over{}   # if its owner is gone", place.flag);
            return Some(RollbackDecision::Already { said, hint, release: Box::new(release.clone()) });
        }
        return None;
    }
    let running =
        state.running.as_ref().filter(|running| running.state.is_usable() && state.lock.is_none())?;
    let same = target.is_some_and(|target| target.same_artifacts(&running.release.pin));
    same.then(|| {
        let said = format!(
            "{environment} runs {} already, {} by {}",
            running.release.label(),
            running.since.age(place.now),
            running.by.label()
        );
        let label = running.release.label();
        let hint = format!("rel deploy {environment} {label}{}   # brings it there again", place.flag);
        RollbackDecision::Already { said, hint, release: Box::new(running.release.clone()) }
    })
}

/// The release to return to, and the others that might do.
fn goal<'s>(
    place: &DeploymentContext<'_>,
    choice: Option<&Choice<'s>>,
    named: Option<PinnedRelease>,
) -> Result<(PinnedRelease, Vec<&'s Release>)> {
    let candidates: Vec<&Release> =
        choice.iter().flat_map(|choice| &choice.candidates).map(|healthy| &healthy.release).collect();
    if let Some(named) = named {
        return Ok((named, candidates));
    }
    match candidates.split_first() {
        Some((best, rest)) => {
            let best = PinnedRelease {
                package: place.package.clone(),
                release: (*best).clone(),
                source: PinSource::Ledger,
            };
            Ok((complete_pin(place.context, &place.image_rules(), best, PATIENCE)?, rest.to_vec()))
        }
        None => {
            let environment = &place.environment;
            Err(Error::refused(format!("nothing good is known to have run in {environment} before"))
                .hint(format!("rel rollback {environment} VERSION{}", place.flag))
                .hint(format!("rel history {environment}{}   # what ran there", place.flag)))
        }
    }
}

/// Another rollback is only taken over where that is said.
fn taken(place: &DeploymentContext<'_>, lock: &Lock, wishes: &Wishes) -> Option<Error> {
    if lock.kind != EventKind::Rollback || wishes.take_over || lock.expired(place.now) {
        return None;
    }
    let to = lock.release.as_ref().map(Release::label).unwrap_or_default();
    let who = format!("{} is rolling {} back to {to}", lock.actor.label(), place.environment);
    let since = format!("begun {} on {}", lock.since.age(place.now), lock.host);
    let version = wishes.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    Some(
        Error::conflict(who)
            .cause(since)
            .hint(format!("rel rollback {}{version} --take-over{}", place.environment, place.flag)),
    )
}

/// Forward is not back: what was never healthy here and is newer goes through policy.
fn newer(
    place: &DeploymentContext<'_>,
    state: Option<&EnvironmentState>,
    release: &Release,
    from: Option<&Release>,
) -> Option<Error> {
    let known = state.is_some_and(|state| {
        state.healthy.iter().any(|healthy| healthy.release.pin.same_artifacts(&release.pin))
    });
    let order = between::order(place.context.repo().ok()?, release, from);
    if order != Order::Newer || known {
        return None;
    }
    let from = from.map(Release::label).unwrap_or_default();
    let message =
        format!("{} is newer than {from}, and was never healthy in {}", release.label(), place.environment);
    let command = format!("rel deploy {} {}{}", place.environment, release.label(), place.flag);
    Some(Error::refused(message).hint(command))
}

pub(super) fn gone(
    place: &DeploymentContext<'_>,
    release: &Release,
    what: &[String],
    next: Option<&Release>,
) -> Error {
    let error = Error::missing(format!("the images of {} are gone", release.label()));
    let error = what.iter().fold(error, Error::cause);
    match next {
        Some(next) => error.hint(format!(
            "the next one that is there: rel rollback {} {}{}",
            place.environment,
            next.label(),
            place.flag
        )),
        None => error.hint("no earlier release that is known has its images either; build one again"),
    }
}

/// Doors that nobody said to cross.
fn doors(
    place: &DeploymentContext<'_>,
    release: &Release,
    way: &between::Way,
    wishes: &Wishes,
) -> Vec<Error> {
    let crossed = |door: &&between::Door| {
        let bare = door.release.trim_start_matches('v');
        wishes.cross.iter().any(|named| *named == door.release || named.trim_start_matches('v') == bare)
    };
    let closed = way.doors.iter().filter(|door| !crossed(door));
    closed
        .map(|door| {
            Error::refused(format!(
                "{} is a one-way door: {} ({})",
                door.release,
                door.why,
                door.commit.short()
            ))
            .hint(format!(
                "rel rollback {} {} --cross {}{}",
                place.environment,
                release.label(),
                door.release,
                place.flag
            ))
        })
        .collect()
}

/// Another system deploys here: what it must be told.
fn nobody_deploys(place: &DeploymentContext<'_>, release: &Release) -> Error {
    let environment = &place.environment;
    let error = Error::refused(format!("rel does not deploy to {environment}: another system must go back"));
    let images = release.pin.images.iter().map(|image| format!("deploy {}", image.reference()));
    let error = images.fold(error, Error::cause);
    let error = if release.pin.images.is_empty() {
        error.cause(format!("deploy commit {}", release.pin.commit))
    } else {
        error
    };
    error.hint(format!("then: rel rollback {environment} {} --record-only{}", release.label(), place.flag))
}

fn notes(
    place: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    choice: Option<&Choice<'_>>,
    bad: Option<&Release>,
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    if let Some(bad) = bad {
        let elsewhere = runs_elsewhere(place, ledger, bad)?;
        if !elsewhere.is_empty() {
            notes.push(format!("{} also runs in {}", bad.label(), elsewhere.join(", ")));
        }
    }
    if let Some(lock) = choice.and_then(|choice| choice.ends) {
        let what = lock.release.as_ref().map(Release::label).unwrap_or_default();
        notes.push(format!(
            "it ends the {} of {what} that {} began {} on {}",
            lock.kind,
            lock.actor.label(),
            lock.since.age(place.now),
            lock.host
        ));
        notes.push(
            "its commands end within seconds, and may have the last word until then; look again".to_owned(),
        );
    }
    if choice.is_some_and(|choice| choice.again) {
        notes.push("the rollback before this one did not end well; it is done again".to_owned());
    }
    Ok(notes)
}

/// The other environments of the package in which this build runs.
fn runs_elsewhere(
    place: &DeploymentContext<'_>,
    ledger: &Ledger<'_>,
    release: &Release,
) -> Result<Vec<String>> {
    let snapshot = ledger.snapshot();
    let mut elsewhere = Vec::new();
    for (package, environment) in snapshot.environments()? {
        if package != place.package || environment == place.environment {
            continue;
        }
        let state = snapshot.environment(&package, &environment)?;
        let running = state.and_then(|state| state.running);
        if running.is_some_and(|running| running.release.pin.same_build(&release.pin)) {
            elsewhere.push(environment);
        }
    }
    Ok(elsewhere)
}
