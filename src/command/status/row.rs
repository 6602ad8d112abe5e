//! One package in one environment, as `rel status` shows it.

use super::releases::KnownReleases;
use crate::ledger::Restrictions;
use crate::model::{BadBuild, EnvironmentSummary, EventKind, Hold, Lock, Running, State, Timestamp};
use crate::ui::{Role, Text};
use serde_json::{Value, json};

/// One package in one environment.
pub(super) struct StatusRow {
    pub(super) package: String,
    pub(super) environment: String,
    pub(super) state: Option<EnvironmentSummary>,
    pub(super) restrictions: Restrictions,
    shown: Option<State>,
    behind: Option<usize>,
    /// The mark of the build that runs.
    pub(super) bad: Option<BadBuild>,
    /// How many pending events concern it.
    pending: usize,
    now: Timestamp,
}

impl StatusRow {
    pub(super) fn new(
        package: &str,
        environment: &str,
        state: Option<EnvironmentSummary>,
        restrictions: Restrictions,
        releases: &KnownReleases,
        now: Timestamp,
    ) -> Self {
        let running = state.as_ref().and_then(|state| state.running.as_ref());
        let version = running.and_then(|running| running.release.version.as_ref());
        let behind = version.map(|version| releases.count_newer(version, environment));
        let bad = running.and_then(|running| releases.bad_build(&running.release.pin)).cloned();
        let shown = state.as_ref().and_then(|state| state.shown(now));
        let (package, environment) = (package.to_owned(), environment.to_owned());
        StatusRow { package, environment, state, restrictions, shown, behind, bad, pending: 0, now }
    }

    /// Returns the row with the number of pending events that concern it.
    pub(super) fn with_pending(self, pending: usize) -> Self {
        StatusRow { pending, ..self }
    }

    fn running(&self) -> Option<&Running> {
        self.state.as_ref()?.running.as_ref()
    }

    /// The operation in progress.
    pub(super) fn lock(&self) -> Option<&Lock> {
        self.state.as_ref()?.lock.as_ref()
    }

    /// Returns the name of the release that runs, or `-`.
    pub(super) fn runs(&self) -> String {
        self.running().map_or_else(|| "-".to_owned(), |running| running.release.label())
    }

    /// Returns the cells of the table: environment, release, state, age, actor and remarks.
    pub(super) fn cells(&self, now: Timestamp) -> Vec<Text> {
        let running = self.running();
        vec![
            Text::new().with(Role::Heading, &self.environment),
            Text::new().with(Role::Name, self.runs()),
            self.state_text(),
            running.map_or_else(|| "-".to_owned(), |running| running.since.age(now)).into(),
            running.map_or("-", |running| running.by.label()).into(),
            self.remarks().into(),
        ]
    }

    fn state_text(&self) -> Text {
        let Some(state) = &self.shown else {
            return Text::new().with(Role::Faint, if self.state.is_some() { "-" } else { "nothing yet" });
        };
        let role = match state {
            State::Healthy => Role::Good,
            State::Recorded => Role::Plain,
            State::Deploying => Role::Warning,
            _ => Role::Bad,
        };
        Text::new().with(role, state.word())
    }

    /// Returns what needs attention, in a few words.
    fn remarks(&self) -> String {
        let mut remarks = Vec::new();
        if self.pending > 0 {
            remarks.push("UNRECORDED".to_owned());
        }
        if let Some(lock) = self.lock() {
            let release = lock.release.as_ref().map_or_else(String::new, |release| release.label());
            let doing = match lock.kind {
                EventKind::Rollback => "rolling back to",
                EventKind::Promote => "promoting",
                _ => "deploying",
            };
            remarks.push(format!("{doing} {release}").trim_end().to_owned());
        }
        if self.bad.is_some() {
            remarks.push("bad".to_owned());
        }
        if !self.restrictions.holds.is_empty() {
            remarks.push("held".to_owned());
        }
        if self.restrictions.frozen(self.now).next().is_some() {
            remarks.push("frozen".to_owned());
        }
        if let Some(behind @ 1..) = self.behind {
            remarks.push(format!("{behind} behind"));
        }
        remarks.join(", ")
    }

    /// Returns one element of `rel.status/1`.
    pub(super) fn as_json(&self) -> Value {
        let running = self.state.as_ref().and_then(|state| state.running.as_ref());
        let release = running.map(|running| &running.release);
        let lock = self.state.as_ref().and_then(|state| state.lock.as_ref());
        let freezes: Vec<Value> = self
            .restrictions
            .frozen(self.now)
            .map(|freeze| json!({ "by": freeze.by.id, "since": freeze.since, "until": freeze.until, "reason": freeze.reason }))
            .collect();
        json!({
            "package": self.package,
            "name": self.environment,
            "state": self.shown,
            "version": release.and_then(|release| release.version.as_ref()),
            "tag": release.and_then(|release| release.tag.as_ref()),
            "commit": release.map(|release| release.pin.commit),
            "images": release.map_or_else(|| json!([]), |release| json!(release.pin.images)),
            "since": running.map(|running| running.since),
            "by": running.map(|running| &running.by.id),
            "event": running.map(|running| &running.event),
            "bad": self.bad.as_ref().map(|bad| json!({ "by": bad.by.id, "since": bad.since, "reason": bad.reason })),
            "hold": self.restrictions.holds.first().map(hold_json),
            "freezes": freezes,
            "behind": self.behind,
            "recorded": self.pending == 0,
            "pending": self.pending,
            "operation": lock.map(|lock| json!({
                "event": lock.operation,
                "kind": lock.kind,
                "version": lock.release.as_ref().and_then(|release| release.version.as_ref()),
                "commit": lock.release.as_ref().map(|release| release.pin.commit),
                "by": lock.actor.id,
                "host": lock.host,
                "since": lock.since,
                "deadline": lock.deadline,
            })),
            "approvals": self.state.as_ref().map_or(0, |state| state.approvals.len()),
        })
    }
}

fn hold_json(hold: &Hold) -> Value {
    json!({ "by": hold.by.id, "since": hold.since, "reason": hold.reason })
}
