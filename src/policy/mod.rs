//! Decides whether a release may be deployed to an environment. Every rule that refuses is reported at once, each with
//! the command that would lift it. Pure: everything that is known comes in as values.

mod adoption;
mod approvals;
mod authority;
mod freeze_and_hold;
mod promotion;
mod refusal;
#[cfg(test)]
mod tests;

pub use adoption::Adoption;
pub use authority::Authority;
pub use refusal::{PolicyRule, Refusal};

use crate::config::{Accept, EnvironmentRules};
use crate::error::Kind;
use crate::model::{BadBuild, CommitId, EnvironmentState, Freeze, Hold, People, Pin, Release, Timestamp};

/// How a release compares with the one that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseOrder {
    /// Nothing runs in the environment.
    NothingRuns,
    /// The release is newer.
    Newer,
    /// The release is the same build as the one that runs.
    SameBuild,
    /// The release is older.
    Older,
    /// Neither is newer than the other.
    Unordered,
}

/// What a recorded freeze applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeScope {
    /// One package in one environment.
    Package,
    /// All packages of one environment.
    Environment,
    /// All environments.
    Everything,
}

/// Everything that the rules look at.
pub struct PolicyInput<'a> {
    /// The rules of the environment, for this package.
    pub rules: &'a EnvironmentRules,
    /// The package, where commands must name it.
    pub package: Option<&'a str>,
    /// The release to deploy.
    pub release: &'a Release,
    /// The branches that the release was made on.
    pub branches: &'a [String],
    /// How the release compares with the one that runs.
    pub order: ReleaseOrder,
    /// Returns why the tag is not known to be on a branch that makes final versions; `None` where it is.
    pub not_on_final_branch: &'a dyn Fn() -> Option<String>,
    /// Whether a commit is known to have the same tree as the build commit of the release.
    pub same_tree: &'a dyn Fn(CommitId) -> bool,
    /// The verb, for commands to run later: `deploy`, `promote`, `rollback`.
    pub verb: &'a str,
    /// Who deploys.
    pub authority: &'a Authority,
    /// Whether a person is asked before a hold is ended.
    pub asks: bool,
    /// Which identities belong to the same person.
    pub people: &'a People,
    /// The state of the environment; `None` where nothing was ever deployed.
    pub state: Option<&'a EnvironmentState>,
    /// Returns the state of an environment that the release may have to come from.
    pub source: &'a dyn Fn(&str) -> Option<&'a EnvironmentState>,
    /// Holds on the whole environment and on everything.
    pub holds: &'a [&'a Hold],
    /// Freezes of the package, of the whole environment and of everything.
    pub freezes: &'a [(FreezeScope, &'a Freeze)],
    /// The bad mark of this build.
    pub bad: Option<&'a BadBuild>,
    /// The SHA-256 of the configuration in use.
    pub config: Option<&'a str>,
    /// `--retry` was given.
    pub retry: bool,
    /// The environment whose release is promoted; `None` for a deploy.
    pub promoted_from: Option<&'a str>,
    /// The current time.
    pub now: Timestamp,
}

/// What the rules decide.
#[derive(Debug, Default)]
pub struct PolicyDecision {
    /// Every rule that refuses; empty where the release may be deployed.
    pub refusals: Vec<Refusal>,
    /// The deploy ends the hold, because a person deploys a newer release.
    pub ends_hold: bool,
    /// The lane that the release uses.
    pub lane: Option<String>,
    /// Sentences to show before the confirmation.
    pub notes: Vec<String>,
}

/// Evaluates the rules for a rollback to a release that is not known to have been healthy there. It may be older, and it
/// takes over from what is running; a hold that a rollback set does not stop the next one. Bad builds are refused elsewhere.
pub fn evaluate_rollback(input: &PolicyInput<'_>) -> PolicyDecision {
    let mut decision = PolicyDecision::default();
    accept(input, &mut decision);
    promotion::from_and_soak(input, &mut decision);
    approvals::approvals(input, &mut decision);
    freeze_and_hold::freezes(input, &mut decision);
    freeze_and_hold::holds_of_people(input, &mut decision);
    decision
}

/// Evaluates every rule.
pub fn evaluate(input: &PolicyInput<'_>) -> PolicyDecision {
    let mut decision = PolicyDecision::default();
    accept(input, &mut decision);
    order(input, &mut decision);
    bad(input, &mut decision);
    promotion::from_and_soak(input, &mut decision);
    approvals::approvals(input, &mut decision);
    freeze_and_hold::freezes(input, &mut decision);
    freeze_and_hold::holds(input, &mut decision);
    failed_before(input, &mut decision);
    lock(input, &mut decision);
    decision
}

impl PolicyInput<'_> {
    /// Returns environment and release as commands name them: `prod v1.4.0 --package api`.
    fn target_arguments(&self) -> String {
        format!("{} {}{}", self.rules.name, self.release.label(), self.package_flag())
    }

    /// Returns ` --package api` where commands need it, else nothing.
    fn package_flag(&self) -> String {
        self.package.map(|package| format!(" --package {package}")).unwrap_or_default()
    }

    /// Returns whether what runs is deployed again to repair drift: the same build under the same name. Under another name
    /// it goes through the policy.
    fn is_redeploy(&self) -> bool {
        let release = self.release;
        self.state.and_then(EnvironmentState::redeployable).is_some_and(|running| {
            (&running.release.version, &running.release.tag) == (&release.version, &release.tag)
                && self.is_same_build(&running.release.pin)
        })
    }

    /// Returns whether the release is the same build as a pin.
    fn is_same_build(&self, pin: &Pin) -> bool {
        self.release.pin.same_build(pin, &|_, other| (self.same_tree)(other))
    }
}

fn accept(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let (name, release) = (&input.rules.name, input.release);
    let accepted = match (input.rules.accept, &release.version) {
        (Accept::Any, _) => true,
        (_, None) => false,
        (Accept::Prerelease, Some(_)) => true,
        (Accept::Final, Some(version)) => version.is_final(),
    };
    if input.is_redeploy() {
        return;
    }
    if accepted {
        let asked = input.rules.accept == Accept::Final;
        if let Some(reason) = asked.then(|| (input.not_on_final_branch)()).flatten() {
            let message =
                format!("{name} accepts only final versions of a branch that makes final versions: {reason}");
            let remedy = format!("git branch --remotes --contains {}   # merge it first", release.label());
            decision.refuse(Refusal::new(PolicyRule::Accept, message).remedy(remedy));
        }
        return;
    }
    let accepts = match input.rules.accept {
        Accept::Final => "final versions",
        Accept::Prerelease | Accept::Any => "versions",
    };
    let (is, remedy) = match release.version {
        Some(_) => ("a prerelease", "rel cut   # on a branch that makes final versions"),
        None => ("a commit without a version", "rel cut   # releases it as a version"),
    };
    let message = format!("{name} accepts only {accepts}; {} is {is}", release.label());
    decision.refuse(Refusal::new(PolicyRule::Accept, message).remedy(remedy));
}

fn order(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    if input.order != ReleaseOrder::Older {
        return;
    }
    let running = input.state.and_then(|state| state.running.as_ref());
    let running = running.map(|running| running.release.label()).unwrap_or_default();
    let message =
        format!("{} is older than {running}, which runs in {}", input.release.label(), input.rules.name);
    let name = &input.rules.name;
    let refusal = match input.promoted_from {
        Some(from) => Refusal::new(PolicyRule::Order, message)
            .remedy(format!("rel promote {name} {from}{}   # the other way round", input.package_flag())),
        None => Refusal::new(PolicyRule::Order, message),
    };
    // What the user wants to leave is not known: only what they see failing is bad.
    let rollback = format!(
        "rel rollback {} --keep-good   # without --keep-good, {running} is marked bad",
        input.target_arguments()
    );
    decision.refuse(refusal.remedy(rollback).not_overridable());
}

/// Refuses a build that is marked bad, also where it runs: deploying it again would spread it to what does not run it yet.
fn bad(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let Some(mark) = input.bad else { return };
    let reason = mark.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let label = input.release.label();
    let alias = if mark.names.contains(&label) || mark.release.label() == label {
        String::new()
    } else {
        format!(" is the same build as {}, which", mark.release.label())
    };
    let message = format!("{label}{alias} was marked bad by {} at {}{reason}", mark.by.label(), mark.since);
    let command = format!("rel good {label} --reason \"…\"{}", input.package_flag());
    decision.refuse(Refusal::new(PolicyRule::Bad, message).remedy(command));
}

/// Refuses a release that an automatic rollback left, until `--retry`.
fn failed_before(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let failed = input.state.and_then(|state| state.refused.as_ref());
    let Some(failed) = failed.filter(|failed| failed.pin.same_commit_or_all_digests(&input.release.pin))
    else {
        return;
    };
    if input.retry {
        return;
    }
    // Where the way back failed too, the release that failed first is still what runs, as far as anybody knows.
    let running = input.state.and_then(|state| state.running.as_ref());
    let stayed = running.is_some_and(|running| {
        !running.state.is_usable() && running.release.pin.same_commit_and_digests(&failed.pin)
    });
    let followed = if stayed {
        "the automatic rollback that followed failed too"
    } else {
        "an automatic rollback followed"
    };
    let message = format!("{} failed in {}, and {followed}", failed.label(), input.rules.name);
    let command = format!("rel deploy {} --retry", input.target_arguments());
    decision.refuse(Refusal::new(PolicyRule::FailedBefore, message).remedy(command));
}

/// Refuses while another operation is running; notes one whose deadline is over.
fn lock(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let Some(lock) = input.state.and_then(|state| state.lock.as_ref()) else { return };
    let release = lock.release.as_ref().map(Release::label).unwrap_or_default();
    let operation = format!(
        "{} of {release} by {} on {}, started at {}",
        lock.kind,
        lock.actor.label(),
        lock.host,
        lock.since
    );
    if lock.expired(input.now) {
        decision.notes.push(format!("never finished: {operation}; how far it got is unknown"));
        return;
    }
    let run = lock.actor.run.as_ref().map(|run| format!(" ({run})")).unwrap_or_default();
    let timeout = lock.deadline.map(|deadline| format!(", times out at {deadline}")).unwrap_or_default();
    let message = format!("{} is locked: {operation}{run}{timeout}", input.rules.name);
    let unlock = format!(
        "rel unlock {} --event {} --reason \"…\"{}   # if that run is dead",
        input.rules.name,
        lock.operation,
        input.package_flag()
    );
    decision.refuse(
        Refusal::new(PolicyRule::Lock, message).remedy(unlock).not_overridable().with_kind(Kind::Conflict),
    );
}

impl PolicyDecision {
    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }
}
