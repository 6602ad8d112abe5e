//! The state of an environment: what runs, which operation is in progress, holds, freezes, and the healthy releases.

use super::{Actor, CommitId, Digest, Event, EventId, EventKind, Pin, Release, State, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How many healthy releases are remembered.
pub const REMEMBERED: usize = 20;

/// `state/<package>/<environment>.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentState {
    /// The newest event of its chain, whole.
    pub newest: Event,
    /// What runs, or was last seen running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<Running>,
    /// The operation that is in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// The hold: it accepts no deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The freeze: nothing is deployed for some time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Freeze>,
    /// Approvals that are not used yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// The last healthy or recorded releases, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub healthy: Vec<Healthy>,
    /// The release that `rollback_on_failure` rolled back: refused until it is deployed again explicitly, or a newer one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Release>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl EnvironmentState {
    /// Returns the state to show: unknown if an operation exceeded its deadline; `None` if nothing runs and nothing is in
    /// progress.
    pub fn shown(&self, now: Timestamp) -> Option<State> {
        shown(self.lock.as_ref(), self.running.as_ref(), now)
    }

    /// Returns what runs if it works and `rel` brought it there: deploying it again repairs drift. What was only adopted or
    /// synced never passed the policy.
    pub fn redeployable(&self) -> Option<&Running> {
        self.running.as_ref().filter(|running| running.state.is_usable() && !running.unproven)
    }

    /// Whether the operation in progress is the automatic rollback of a failed deploy, which sets no hold.
    pub fn returns_by_itself(&self, lock: &Lock) -> bool {
        let holds = self.hold.as_ref().and_then(|hold| hold.rollback.as_ref()) == Some(&lock.operation);
        let serves = self.running.as_ref().is_some_and(|running| running.state.is_usable());
        lock.kind == EventKind::Rollback && !holds && !serves
    }
}

/// The part of a state that overviews need. Parsing it skips the healthy releases, which are most of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EnvironmentSummary {
    /// What runs, or was last seen running.
    pub running: Option<Running>,
    /// The operation that is in progress.
    pub lock: Option<Lock>,
    /// The hold: it accepts no deploy.
    pub hold: Option<Hold>,
    /// The freeze: nothing is deployed for some time.
    pub freeze: Option<Freeze>,
    /// Approvals that are not used yet.
    #[serde(default)]
    pub approvals: Vec<Approval>,
    /// The release that `rollback_on_failure` rolled back.
    pub refused: Option<Release>,
}

impl EnvironmentSummary {
    /// Returns the state to show, as `EnvironmentState::shown`.
    pub fn shown(&self, now: Timestamp) -> Option<State> {
        shown(self.lock.as_ref(), self.running.as_ref(), now)
    }
}

fn shown(lock: Option<&Lock>, running: Option<&Running>, now: Timestamp) -> Option<State> {
    match lock {
        Some(lock) if lock.expired(now) => Some(State::Unknown),
        Some(_) => Some(State::Deploying),
        None => running.map(|running| running.state.clone()),
    }
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The release.
    pub release: Release,
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// Who deployed it.
    pub by: Actor,
    /// The event that recorded it.
    pub event: EventId,
    /// The operation that deployed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<EventId>,
    /// It was adopted or synced, under a name or as a build that `rel` did not deploy or verify here.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unproven: bool,
}

/// An operation that is in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Its started event.
    pub operation: EventId,
    /// What it does.
    pub kind: EventKind,
    /// Who does it.
    pub actor: Actor,
    /// Where it runs.
    pub host: String,
    /// Since when.
    pub since: Timestamp,
    /// By when it must have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// The release that it deploys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
}

impl Lock {
    /// Whether its deadline has passed, so that its state is unknown.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline < now)
    }

    /// Warns that the operation may have died without what it started.
    pub fn may_still_run(&self) -> String {
        format!("commands of that run may still be running on {}", self.host)
    }
}

/// A hold: the environment accepts no deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who holds it.
    pub by: Actor,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The event that recorded it.
    pub event: EventId,
    /// The rollback that set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<EventId>,
}

impl Hold {
    /// Whether a rollback set it. A person's hold that a rollback found, or that replaced a rollback's, names the rollback too.
    pub fn is_of_rollback(&self) -> bool {
        self.rollback.as_ref() == Some(&self.event)
    }
}

/// A freeze: nothing is deployed for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Who froze it.
    pub by: Actor,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The event that recorded it.
    pub event: EventId,
}

impl Freeze {
    /// Whether it still lasts.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// An approval of a deploy. It is bound to build commit, digests and configuration, and void if they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The build commit.
    pub commit: CommitId,
    /// The digests of its images, in the order of their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Digest>,
    /// SHA-256 of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// The event that recorded it.
    pub event: EventId,
}

impl Approval {
    /// Whether it applies to a pin under a configuration.
    pub fn covers(&self, pin: &Pin, config: Option<&str>) -> bool {
        self.commit == pin.commit
            && self.digests.iter().eq(pin.images.iter().map(|image| &image.digest))
            && self.config.as_deref() == config
    }
}

/// A release that was healthy, or recorded, here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healthy {
    /// The release.
    pub release: Release,
    /// Who deployed it last.
    pub by: Actor,
    /// When it was healthy, oldest first.
    pub intervals: Vec<Interval>,
    /// It was rolled back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rolled_back_from: bool,
}

impl Healthy {
    /// Whether `rel` deployed or verified it here at least once: what was only adopted or synced counts for no `from`, soak
    /// or exemption.
    pub fn is_proven(&self) -> bool {
        self.intervals.iter().any(|interval| !interval.unproven)
    }

    /// For how many seconds it has been healthy altogether.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        self.intervals.iter().map(|interval| interval.seconds(now)).sum()
    }

    /// Since when it is healthy without a break; `None` where it is not any more.
    pub fn since(&self) -> Option<Timestamp> {
        self.intervals.last().filter(|interval| interval.until.is_none()).map(|interval| interval.since)
    }
}

/// A time in which a release was healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// From when.
    pub since: Timestamp,
    /// Until when; `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// It was adopted or synced: it counts for no `from` or soak.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unproven: bool,
}

impl Interval {
    /// How long it is, never below zero: clocks differ.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        (self.until.unwrap_or(now).seconds() - self.since.seconds()).max(0)
    }
}

/// `env/<environment>.json` and `all.json`: the state of a whole environment, or of everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalState {
    /// The newest event of its chain, whole.
    pub newest: Event,
    /// The hold: it accepts no deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The freeze: nothing is deployed for some time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Freeze>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// `bad/<package>/<build commit>.json`: a build that no environment accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadBuild {
    /// The build, under the name by which it was marked.
    pub release: Release,
    /// Its names.
    pub names: Vec<String>,
    /// Who marked it.
    pub by: Actor,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The event that recorded it.
    pub event: EventId,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
