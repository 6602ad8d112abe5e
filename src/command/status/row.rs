//! One package in one environment, as `rel status` shows it. Leans on `ledger` and `model`.

use crate::config::Accept;
use crate::context::Context;
use crate::error::Result;
use crate::git::{RawTag, Refs};
use crate::git_history::Package;
use crate::ledger::{Ledger, Restrictions, project_remote};
use crate::model::{BadBuild, EnvironmentSummary, Hold, Pin, State, Timestamp, Version};
use crate::ui::{Role, Text};
use serde_json::{Value, json};

/// All tags. A shallow checkout brings none; what the remote says costs one question.
pub(super) fn tags(context: &Context) -> Result<Vec<RawTag>> {
    let repo = context.repo()?;
    let tags = repo.tags()?;
    match project_remote(repo)?.filter(|_| tags.is_empty() && repo.is_shallow()) {
        // Where it cannot be asked, nothing is known to be newer.
        Some(remote) => Ok(repo.ls_remote(&remote, Refs::Tags).unwrap_or_default().tags),
        None => Ok(tags),
    }
}

/// The releases of a package: those that are not bad, and the marks of those that are.
pub(super) struct Releases {
    versions: Vec<Version>,
    bad: Vec<BadBuild>,
    finals_only: Vec<String>,
}

impl Releases {
    pub(super) fn of(ledger: &Ledger<'_>, package: &Package, tags: &[RawTag]) -> Result<Self> {
        let bad = ledger.snapshot().bad_builds(&package.name)?;
        let is_bad = |name: &str, version: &Version| {
            bad.iter().any(|mark| {
                mark.release.version.as_ref() == Some(version) || mark.names.iter().any(|known| known == name)
            })
        };
        let read = |name: &str| package.formats.iter().find_map(|format| format.read(name));
        let versions = tags
            .iter()
            .filter_map(|tag| read(tag.name.as_str()).filter(|version| !is_bad(tag.name.as_str(), version)));
        let environments = &ledger.config().environments;
        let finals = |name: &&str| {
            environments.get(name, &package.name).is_some_and(|rules| rules.accept == Accept::Final)
        };
        Ok(Releases {
            versions: versions.collect(),
            bad,
            finals_only: environments.names().filter(finals).map(str::to_owned).collect(),
        })
    }

    /// The mark of a build, under whatever name it was marked.
    fn mark(&self, pin: &Pin) -> Option<&BadBuild> {
        self.bad.iter().find(|mark| mark.release.pin.same_build(pin))
    }

    /// How many are newer than a version, of those that an environment takes.
    fn newer(&self, than: &Version, environment: &str) -> usize {
        let finals = self.finals_only.iter().any(|name| name == environment);
        let newer = |version: &&Version| version.precedence(than).is_gt() && (version.is_final() || !finals);
        self.versions.iter().filter(newer).count()
    }
}

/// One row.
pub(super) struct Row {
    pub(super) package: String,
    pub(super) environment: String,
    state: Option<EnvironmentSummary>,
    standing: Restrictions,
    shown: Option<State>,
    behind: Option<usize>,
    /// What runs is marked bad.
    bad: Option<BadBuild>,
    /// Nothing of it waits to be recorded.
    recorded: bool,
    now: Timestamp,
}

impl Row {
    pub(super) fn new(
        package: &str,
        environment: &str,
        state: Option<EnvironmentSummary>,
        standing: Restrictions,
        releases: &Releases,
        now: Timestamp,
    ) -> Self {
        let running = state.as_ref().and_then(|state| state.running.as_ref());
        let version = running.and_then(|running| running.release.version.as_ref());
        let behind = version.map(|version| releases.newer(version, environment));
        let bad = running.and_then(|running| releases.mark(&running.release.pin)).cloned();
        let shown = state.as_ref().and_then(|state| state.shown(now));
        let (package, environment) = (package.to_owned(), environment.to_owned());
        Row { package, environment, state, standing, shown, behind, bad, recorded: true, now }
    }

    /// Whether nothing of it waits to be recorded.
    pub(super) fn recorded(self, recorded: bool) -> Self {
        Row { recorded, ..self }
    }

    /// What runs.
    pub(super) fn runs(&self) -> String {
        let running = self.state.as_ref().and_then(|state| state.running.as_ref());
        running.map_or_else(|| "-".to_owned(), |running| running.release.label())
    }

    pub(super) fn since(&self) -> Option<Timestamp> {
        Some(self.state.as_ref()?.running.as_ref()?.since)
    }

    pub(super) fn by(&self) -> Option<&str> {
        Some(self.state.as_ref()?.running.as_ref()?.by.label())
    }

    pub(super) fn state_text(&self) -> Text {
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

    /// What a glance must see.
    pub(super) fn remarks(&self) -> String {
        let mut remarks = Vec::new();
        if !self.recorded {
            remarks.push("UNRECORDED".to_owned());
        }
        if let Some(lock) = self.state.as_ref().and_then(|state| state.lock.as_ref()) {
            let release =
                lock.release.as_ref().map_or_else(String::new, |release| format!(" {}", release.label()));
            remarks.push(format!("{}{release} on its way", lock.kind));
        }
        if self.bad.is_some() {
            remarks.push("bad".to_owned());
        }
        if !self.standing.holds.is_empty() {
            remarks.push("held".to_owned());
        }
        if self.standing.frozen(self.now).next().is_some() {
            remarks.push("frozen".to_owned());
        }
        if let Some(behind @ 1..) = self.behind {
            remarks.push(format!("{behind} behind"));
        }
        remarks.join(", ")
    }

    /// One line for each thing that stands in the way, with the command that ends it; the name before a tab.
    pub(super) fn notes(&self, now: Timestamp, several: bool) -> Vec<String> {
        let place = &self.environment;
        let name = if several { format!("{} {place}", self.package) } else { place.clone() };
        let mut notes = Vec::new();
        if let Some(lock) = self.state.as_ref().and_then(|state| state.lock.as_ref()) {
            let (kind, by, age) = (&lock.kind, lock.actor.label(), lock.since.age(now));
            let begun = format!("{kind} begun {age} by {by} on {}", lock.host);
            notes.push(match lock.deadline {
                Some(deadline) if deadline < now => format!(
                    "{begun}; its time was over {}, so nobody knows how it ended: `rel rollback {place}` returns, `rel unlock {place}` ends it",
                    deadline.age(now)
                ),
                Some(deadline) => format!("{begun}; over {} at the latest", deadline.age(now)),
                None => begun,
            });
        }
        if let Some(bad) = &self.bad {
            let reason = bad.reason.as_deref().map_or_else(String::new, |reason| format!(" ({reason})"));
            let (label, by, age) = (self.runs(), bad.by.label(), bad.since.age(now));
            notes.push(format!(
                "{label} is bad, marked by {by} {age}{reason}; `rel rollback {place}` returns"
            ));
        }
        for hold in &self.standing.holds {
            let reason = hold.reason.as_deref().map_or_else(String::new, |reason| format!(" ({reason})"));
            let by = if hold.rollback.is_some() { "held by a rollback of" } else { "held by" };
            let own = self.state.as_ref().and_then(|state| state.hold.as_ref());
            let alone = several && own.is_some_and(|own| own.event == hold.event);
            let flag = if alone { format!(" --package {}", self.package) } else { String::new() };
            notes.push(format!(
                "{by} {} {}{reason}; `rel unhold {place}{flag}` ends it",
                hold.by.label(),
                hold.since.age(now)
            ));
        }
        for freeze in self.standing.frozen(now) {
            let reason = freeze.reason.as_deref().map_or_else(String::new, |reason| format!(" ({reason})"));
            let until = freeze.until.map_or_else(String::new, |until| format!(" until {until}"));
            notes.push(format!("frozen{until} by {} {}{reason}", freeze.by.label(), freeze.since.age(now)));
        }
        if let Some(refused) = self.state.as_ref().and_then(|state| state.refused.as_ref()) {
            notes.push(format!(
                "{} failed here and was returned from; `rel deploy {place} {} --retry` tries it again",
                refused.label(),
                refused.label()
            ));
        }
        notes.into_iter().map(|note| format!("{name}\t{note}")).collect()
    }

    /// One element of `rel.status/1`.
    pub(super) fn as_json(&self) -> Value {
        let running = self.state.as_ref().and_then(|state| state.running.as_ref());
        let release = running.map(|running| &running.release);
        let lock = self.state.as_ref().and_then(|state| state.lock.as_ref());
        let freezes: Vec<Value> = self
            .standing
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
            "hold": self.standing.holds.first().map(hold_json),
            "freezes": freezes,
            "behind": self.behind,
            "recorded": self.recorded,
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
