//! The policy of an environment, asked of what a snapshot of the ledger says. Leans on `policy` and `ledger`.

use super::between;
use super::place::DeploymentContext;
use crate::error::{Error, Kind, Result};
use crate::ledger::Snapshot;
use crate::model::{EnvironmentState, Freeze, Hold, Release};
use crate::policy::{Order, Question, Refusal, Rule, Verdict, judge};
use std::collections::BTreeMap;

/// What whoever deploys says to policy.
#[derive(Clone, Debug, Default)]
pub struct PolicyOverrides {
    /// `--override REASON`.
    pub override_reason: Option<String>,
    /// `--retry`.
    pub retry: bool,
}

/// What does not change while an operation is decided anew.
pub struct Asked<'a> {
    /// Where.
    pub place: &'a DeploymentContext<'a>,
    /// What.
    pub release: &'a Release,
    /// The branches that it was made on.
    pub branches: Vec<String>,
    /// What is said to policy.
    pub passing: &'a PolicyOverrides,
}

/// What policy says, with what is passed taken out of the refusals.
#[derive(Debug)]
pub struct Answer {
    /// What says no.
    pub errors: Vec<Error>,
    /// What was passed, one line each.
    pub overrides: Vec<String>,
    /// The rest.
    pub verdict: Verdict,
    /// How old it is beside what runs.
    pub order: Order,
    /// An override would pass some of what says no.
    pub passable: bool,
}

/// Holds and freezes, with the words that a command names each freeze by.
type Wholes = (Vec<Hold>, Vec<(String, Freeze)>);

impl<'a> Asked<'a> {
    /// Prepares the question.
    pub fn new(
        place: &'a DeploymentContext<'a>,
        release: &'a Release,
        passing: &'a PolicyOverrides,
    ) -> Result<Self> {
        let branches = between::branches(place, release.pin.commit)?;
        Ok(Asked { place, release, branches, passing })
    }

    /// Asks every rule.
    pub fn ask(&self, snapshot: &Snapshot) -> Result<Answer> {
        let place = self.place;
        let state = place.state(snapshot)?;
        let running = state.as_ref().and_then(|state| state.running.as_ref()).map(|running| &running.release);
        let order = between::order(place.context.repo()?, self.release, running);
        let bad = snapshot.bad_build(&place.package, &self.release.pin)?;
        let sources = self.sources(snapshot)?;
        let (holds, freezes) = self.wholes(snapshot)?;
        let own = state.as_ref().and_then(|state| state.freeze.as_ref());
        let named = format!("{}{}", place.environment, place.flag);
        let freezes: Vec<(&str, &Freeze)> = own
            .map(|freeze| (named.as_str(), freeze))
            .into_iter()
            .chain(freezes.iter().map(|(words, freeze)| (words.as_str(), freeze)))
            .collect();
        let verdict = judge(&Question {
            rules: &place.rules,
            package: (!place.flag.is_empty()).then_some(place.package.as_str()),
            release: self.release,
            branches: &self.branches,
            order,
            actor: &place.actor,
            people: &place.people,
            state: state.as_ref(),
            source: &|name| sources.get(name),
            holds: &holds.iter().collect::<Vec<_>>(),
            freezes: &freezes,
            bad: bad.as_ref(),
            config: Some(&place.config),
            retry: self.passing.retry,
            // A prompt may have stood open for long.
            now: place.context.now()?,
        });
        Ok(self.pass(verdict, order))
    }

    /// The environments that a release may have to come from.
    fn sources(&self, snapshot: &Snapshot) -> Result<BTreeMap<String, EnvironmentState>> {
        let rules = &self.place.rules;
        let lanes = rules.lanes.iter().filter_map(|lane| lane.from.as_ref());
        let mut sources = BTreeMap::new();
        for name in rules.from.iter().chain(lanes) {
            if let Some(state) = snapshot.environment(&self.place.package, name)? {
                sources.insert(name.clone(), state);
            }
        }
        Ok(sources)
    }

    /// Holds and freezes of the whole environment and of everything, each with the words that a command names it by.
    fn wholes(&self, snapshot: &Snapshot) -> Result<Wholes> {
        let (mut holds, mut freezes) = (Vec::new(), Vec::new());
        let environment = &self.place.environment;
        for (name, words) in [(Some(environment.as_str()), environment.as_str()), (None, "--all")] {
            if let Some(whole) = snapshot.global_state(name)? {
                holds.extend(whole.hold);
                freezes.extend(whole.freeze.map(|freeze| (words.to_owned(), freeze)));
            }
        }
        Ok((holds, freezes))
    }

    /// Takes out what an override passes.
    fn pass(&self, mut verdict: Verdict, order: Order) -> Answer {
        let place = self.place;
        if place.cut_off {
            let message = "the ledger cannot be reached: nobody knows of holds, freezes, approvals and deploys under way";
            let refusal = Refusal::new(Rule::Record, message).of(Kind::Unreachable);
            let refusal =
                refusal.lift(format!("rel rollback {}   # a rollback goes ahead", place.environment));
            verdict.refusals.push(if place.actor.person { refusal } else { refusal.firm() });
        }
        let (mut errors, mut overrides) = (Vec::new(), Vec::new());
        let overriding = self.passing.override_reason.is_some();
        let allowed = may_override(place);
        if overriding && !allowed {
            errors.push(no_override_here(place));
        }
        let mut passable = false;
        for refusal in std::mem::take(&mut verdict.refusals) {
            passable |= refusal.passable;
            if overriding && allowed && refusal.passable {
                overrides.push(format!("{}: {}", refusal.rule, refusal.message));
            } else {
                errors.push(refusal.error());
            }
        }
        Answer { errors, overrides, verdict, order, passable }
    }
}

/// Whether an `--override` counts: in CI, of whatever system, only where the environment says so.
pub(super) fn may_override(place: &DeploymentContext<'_>) -> bool {
    let in_ci = place.actor.ci.is_some() || place.context.in_ci();
    !in_ci || place.rules.override_in_ci
}

/// `--override` in CI, where the environment does not take it.
pub(super) fn no_override_here(place: &DeploymentContext<'_>) -> Error {
    Error::refused(format!("{} takes no --override in CI", place.environment)).hint(format!(
        "a person at a terminal may; or [environment.{}] override_in_ci = true",
        place.environment
    ))
}
