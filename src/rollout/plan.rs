//! What an operation will do, as data: shown before it is done, shown alone with `--dry-run`, and done by `act`. Leans on
//! `deploy` and `model`.

use super::between::Way;
use crate::deploy::{Stage, Values, max_duration};
use crate::model::{EnvironmentState, EventId, EventKind, EventPayload, Release, State, Timestamp};
use crate::resolve::PinSource;
use crate::rollout::place::DeploymentContext;
use std::time::Duration;

/// One operation.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Deploy, promote or rollback.
    pub kind: EventKind,
    /// What it brings.
    pub release: Release,
    /// Where its digests were found.
    pub source: PinSource,
    /// What ran before.
    pub from: Option<Release>,
    /// What commands are told.
    pub values: Values,
    /// What runs, in this order; empty where it is only recorded.
    pub stages: Vec<Stage>,
    /// What the platform is asked where no deployer and no verification proves anything.
    pub proves_by_asking: bool,
    /// Another system deploys: what is not proven is `recorded`.
    pub recorded: bool,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// Policies that are passed, one line each.
    pub overrides: Vec<String>,
    /// What could not be checked.
    pub unchecked: Vec<String>,
    /// Sentences that whoever confirms should read.
    pub notes: Vec<String>,
    /// What was looked at when it was made; nobody may have acted since.
    pub seen: Option<EnvironmentState>,
    /// The operation that it ends.
    pub takes_over: Option<EventId>,
    /// It holds the environment.
    pub hold: bool,
    /// It marks what it leaves as bad.
    pub bad: bool,
    /// It ends the hold.
    pub ends_hold: bool,
    /// It was not asked for by anybody: `rollback_on_failure`.
    pub automatic: bool,
    /// What goes away; `None` where the history does not tell, or nothing does.
    pub way: Option<Way>,
}

impl Plan {
    /// The event that begins it.
    pub fn started(&self, place: &DeploymentContext<'_>, now: Timestamp) -> EventPayload {
        let asking = if self.proves_by_asking { place.rules.timeout } else { Duration::ZERO };
        let longest = max_duration(&self.stages, place.rules.timeout).saturating_add(asking);
        let seconds = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
        EventPayload {
            state: Some(State::Deploying),
            deadline: Timestamp::from_seconds(now.seconds().saturating_add(seconds)),
            hold: self.hold,
            bad: self.bad,
            ends_hold: self.ends_hold,
            ..self.draft(place)
        }
    }

    /// The event that ends it.
    pub fn ended(
        &self,
        place: &DeploymentContext<'_>,
        state: State,
        operation: &EventId,
        began: Timestamp,
    ) -> EventPayload {
        EventPayload {
            state: Some(state),
            operation: Some(operation.clone()),
            began: Some(began),
            ..self.draft(place)
        }
    }

    /// The one event of what is only recorded.
    pub fn only(&self, place: &DeploymentContext<'_>) -> EventPayload {
        EventPayload {
            state: Some(State::Recorded),
            hold: self.hold,
            bad: self.bad,
            ends_hold: self.ends_hold,
            ..self.draft(place)
        }
    }

    fn draft(&self, place: &DeploymentContext<'_>) -> EventPayload {
        EventPayload {
            release: Some(self.release.clone()),
            from: self.from.clone(),
            reason: self.reason.clone(),
            overrides: self.overrides.clone(),
            unchecked: self.unchecked.clone(),
            automatic: self.automatic,
            ..EventPayload::new(self.kind.clone()).at(Some(&place.package), Some(&place.environment))
        }
    }

    /// Whether nothing is run and nothing is asked.
    pub fn is_record_alone(&self) -> bool {
        self.stages.is_empty() && !self.proves_by_asking
    }
}
