//! `from` and `soak`: where a release must have been healthy before, and for how long. What is compared are digests,
//! and build commits where there is no image: names change on the way to production. Leans on `config` and `model`.

use super::{Question, Refusal, Rule, Verdict};
use crate::config::Lane;
use crate::model::{EnvironmentState, Release};
use std::time::Duration;

pub(super) fn from(question: &Question<'_>, verdict: &mut Verdict) {
    if question.redeploys() {
        return;
    }
    let rules = question.rules;
    let lane = lane(question);
    verdict.lane = lane.map(|lane| lane.name.clone());
    let from = lane.and_then(|lane| lane.from.as_ref()).or(rules.from.as_ref());
    let soak = lane.and_then(|lane| lane.soak).unwrap_or(rules.soak);
    let Some(from) = from else { return };
    let (label, flag) = (question.release.label(), question.flag());
    let Some(state) = (question.source)(from) else {
        verdict.refuse(never(from, &label, &flag));
        return;
    };
    let Some(seconds) = healthy(state, question.release, question) else {
        verdict.refuse(never(from, &label, &flag));
        return;
    };
    let wanted = i64::try_from(soak.as_secs()).unwrap_or(i64::MAX);
    if seconds < wanted {
        let left = Duration::from_secs(u64::try_from(wanted - seconds).unwrap_or(0));
        let message = format!(
            "{label} has been healthy in {from} for {}, and {} asks for {}",
            span(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
            rules.name,
            span(soak)
        );
        let again = format!("rel deploy {}   # in {}, if it stays healthy", question.place(), span(left));
        verdict.refuse(Refusal::new(Rule::Soak, message).lift(again));
    }
}

fn never(from: &str, label: &str, flag: &str) -> Refusal {
    Refusal::new(Rule::From, format!("{label} was never healthy in {from}"))
        .lift(format!("rel deploy {from} {label}{flag}"))
}

/// The longest time in which it was healthy without a break; `None` where it never was.
fn healthy(state: &EnvironmentState, release: &Release, question: &Question<'_>) -> Option<i64> {
    let same = state.healthy.iter().filter(|entry| entry.release.pin.same_artifacts(&release.pin));
    // Since something else is being brought there, nobody knows that it still serves.
    let known = state.lock.as_ref().map_or(question.now, |lock| lock.since.min(question.now));
    same.flat_map(|entry| &entry.intervals).map(|interval| interval.seconds(known).max(0)).max()
}

/// The first lane that one of the release's branches may take.
fn lane<'a>(question: &Question<'a>) -> Option<&'a Lane> {
    let fits = |lane: &&Lane| question.branches.iter().any(|branch| lane.matches.matches(branch));
    question.rules.lanes.iter().find(fits)
}

/// `2 h 5 min`, the way people say it.
pub(super) fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let first = parts.iter().position(|(number, _)| *number > 0).unwrap_or(3);
    let shown = parts.iter().skip(first).take(2).filter(|(number, _)| *number > 0);
    let words: Vec<String> = shown.map(|(number, unit)| format!("{number} {unit}")).collect();
    if words.is_empty() { "0 s".to_owned() } else { words.join(" ") }
}
