//! Whether a release may go to an environment: every rule that says no, all at once, each with the command that would
//! lift it. Pure: what is known enters as values, what is answered are refusals. Leans on `config` and `model`.

mod frozen;
mod history;
mod people;
mod refusal;
#[cfg(test)]
mod tests;

pub use refusal::{Refusal, Rule};

use crate::config::{Accept, EnvironmentRules};
use crate::error::Kind;
use crate::model::{Actor, BadBuild, EnvironmentState, Freeze, Hold, People, Release, Timestamp};

/// How old a release is beside the one that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing runs there.
    First,
    /// It is newer.
    Newer,
    /// It is the one that runs.
    Same,
    /// It is older.
    Older,
    /// Neither comes before the other.
    Apart,
}

/// All that the rules look at.
pub struct Question<'a> {
    /// The rules of the environment, for this package.
    pub rules: &'a EnvironmentRules,
    /// Which package, where commands must name it.
    pub package: Option<&'a str>,
    /// What shall go there.
    pub release: &'a Release,
    /// The branches that it was made on.
    pub branches: &'a [String],
    /// How old it is beside what runs.
    pub order: Order,
    /// Who wants it.
    pub actor: &'a Actor,
    /// Who is who.
    pub people: &'a People,
    /// The environment; `None` where nothing ever happened there.
    pub state: Option<&'a EnvironmentState>,
    /// The environment that it must have been healthy in, as it is.
    pub source: &'a dyn Fn(&str) -> Option<&'a EnvironmentState>,
    /// Holds of the whole environment, and of everything.
    pub holds: &'a [&'a Hold],
    /// Freezes of the environment, of all its packages, and of everything, with the words that name each: `prod`, `--all`.
    pub freezes: &'a [(&'a str, &'a Freeze)],
    /// Why no environment takes it.
    pub bad: Option<&'a BadBuild>,
    /// The configuration that is used.
    pub config: Option<&'a str>,
    /// `--retry`.
    pub retry: bool,
    /// What time it is.
    pub now: Timestamp,
}

/// What the rules say.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Everything that says no.
    pub refusals: Vec<Refusal>,
    /// The deploy ends the hold: a person brings a higher release.
    pub ends_hold: bool,
    /// The lane that it takes.
    pub lane: Option<String>,
    /// Sentences that whoever confirms should read.
    pub notes: Vec<String>,
}

/// Asks every rule.
pub fn judge(question: &Question<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    accept(question, &mut verdict);
    order(question, &mut verdict);
    bad(question, &mut verdict);
    history::from(question, &mut verdict);
    people::approvals(question, &mut verdict);
    frozen::freezes(question, &mut verdict);
    frozen::holds(question, &mut verdict);
    refused(question, &mut verdict);
    lock(question, &mut verdict);
    verdict
}

impl Question<'_> {
    /// `prod v1.4.0`, as commands name it.
    fn place(&self) -> String {
        format!("{} {}{}", self.rules.name, self.release.label(), self.flag())
    }

    /// ` --package api`, where that is needed.
    fn flag(&self) -> String {
        self.package.map(|package| format!(" --package {package}")).unwrap_or_default()
    }

    /// What serves is brought again, so that drift is repaired. What failed there is no such thing.
    fn redeploys(&self) -> bool {
        let running = self.state.and_then(|state| state.running.as_ref());
        self.order == Order::Same && running.is_some_and(|running| running.state.is_usable())
    }
}

fn accept(question: &Question<'_>, verdict: &mut Verdict) {
    let (name, release) = (&question.rules.name, question.release);
    let fits = match (question.rules.accept, &release.version) {
        (Accept::Any, _) => true,
        (_, None) => false,
        (Accept::Prerelease, Some(_)) => true,
        (Accept::Final, Some(version)) => version.is_final(),
    };
    if fits || question.redeploys() {
        return;
    }
    let (what, command) = match question.rules.accept {
        Accept::Final if release.version.is_some() => ("finals alone", "rel next"),
        Accept::Final => ("finals alone", "rel cut"),
        _ => ("versions, and this commit has none", "rel cut"),
    };
    verdict.refuse(
        Refusal::new(Rule::Accept, format!("{name} takes {what}; {} is none", release.label()))
            .lift(format!("{command}   # makes one")),
    );
}

fn order(question: &Question<'_>, verdict: &mut Verdict) {
    if question.order != Order::Older {
        return;
    }
    let runs = question.state.and_then(|state| state.running.as_ref());
    let runs = runs.map(|running| running.release.label()).unwrap_or_default();
    let message =
        format!("{} is older than {runs}, which runs in {}", question.release.label(), question.rules.name);
    verdict
        .refuse(Refusal::new(Rule::Order, message).lift(format!("rel rollback {}", question.place())).firm());
}

fn bad(question: &Question<'_>, verdict: &mut Verdict) {
    let Some(mark) = question.bad.filter(|_| !question.redeploys()) else { return };
    let reason = mark.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let label = question.release.label();
    let alias = if mark.names.contains(&label) || mark.release.label() == label {
        String::new()
    } else {
        format!(" as {}", mark.release.label())
    };
    let message = format!("{label} is bad{alias}, says {} since {}{reason}", mark.by.label(), mark.since);
    let command = format!("rel good {label} --reason \"…\"{}", question.flag());
    verdict.refuse(Refusal::new(Rule::Bad, message).lift(command));
}

/// A return on failure refuses that same release until somebody tries again.
fn refused(question: &Question<'_>, verdict: &mut Verdict) {
    let refused = question.state.and_then(|state| state.refused.as_ref());
    let Some(refused) = refused.filter(|refused| refused.pin.same_artifacts(&question.release.pin)) else {
        return;
    };
    if question.retry {
        return;
    }
    let message = format!("{} failed in {} and was taken back", refused.label(), question.rules.name);
    verdict.refuse(
        Refusal::new(Rule::Refused, message).lift(format!("rel deploy {} --retry", question.place())),
    );
}

fn lock(question: &Question<'_>, verdict: &mut Verdict) {
    let Some(lock) = question.state.and_then(|state| state.lock.as_ref()) else { return };
    let what = lock.release.as_ref().map(Release::label).unwrap_or_default();
    let who =
        format!("{} of {what} by {} on {} since {}", lock.kind, lock.actor.label(), lock.host, lock.since);
    if lock.expired(question.now) {
        verdict.notes.push(format!("the {who} never ended; how far it came is unknown"));
        return;
    }
    let run = lock.actor.run.as_ref().map(|run| format!(" ({run})")).unwrap_or_default();
    let until = lock.deadline.map(|deadline| format!(", until {deadline} at the latest")).unwrap_or_default();
    let refusal = Refusal::new(Rule::Lock, format!("{} is busy: {who}{run}{until}", question.rules.name));
    let unlock = format!(
        "rel unlock {} --event {} --reason \"…\"{}   # if its owner is gone",
        question.rules.name,
        lock.operation,
        question.flag()
    );
    verdict.refuse(refusal.lift(unlock).firm().of(Kind::Conflict));
}

impl Verdict {
    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }
}
