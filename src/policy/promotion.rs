//! `from` and `soak`: where a release must have been healthy before, and for how long. Builds are compared, not names,
//! because names change on the way to production.

use super::{PolicyDecision, PolicyInput, PolicyRule, Refusal};
use crate::config::Lane;
use crate::model::EnvironmentState;
use std::time::Duration;

/// Refuses a release that was not healthy in `from`, or not for as long as `soak` requires. A lane replaces both.
pub(super) fn from_and_soak(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    if input.is_redeploy() {
        return;
    }
    let rules = input.rules;
    let lane = matching_lane(input);
    decision.lane = lane.map(|lane| lane.name.clone());
    let from = lane.and_then(|lane| lane.from.as_ref()).or(rules.from.as_ref());
    let soak = lane.and_then(|lane| lane.soak).unwrap_or(rules.soak);
    let Some(from) = from else { return };
    let label = input.release.label();
    let healthy = (input.source)(from).and_then(|state| longest_healthy(state, input));
    let Some(seconds) = healthy else {
        let message = if (input.source)(from).is_some_and(|state| is_known(state, input)) {
            format!("{label} was only adopted or synced in {from}; rel has not deployed it there")
        } else {
            format!("{label} was never healthy in {from}")
        };
        let command = format!("rel deploy {from} {label}{}", input.package_flag());
        decision.refuse(Refusal::new(PolicyRule::From, message).remedy(command));
        return;
    };
    let required = i64::try_from(soak.as_secs()).unwrap_or(i64::MAX);
    if seconds < required {
        let left = Duration::from_secs(u64::try_from(required - seconds).unwrap_or(0));
        let message = format!(
            "{label} has been healthy in {from} for only {}; {} requires {}",
            duration(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
            rules.name,
            duration(soak)
        );
        let command = format!(
            "rel {} {}   # after another {}, if it stays healthy",
            input.verb,
            input.target_arguments(),
            duration(left)
        );
        decision.refuse(Refusal::new(PolicyRule::Soak, message).remedy(command));
    }
}

/// Returns the longest time in seconds in which a release was healthy without interruption; `None` where it never was.
fn longest_healthy(state: &EnvironmentState, input: &PolicyInput<'_>) -> Option<i64> {
    let same_build = state.healthy.iter().filter(|entry| input.is_same_build(&entry.release.pin));
    // While another operation is running, it is unknown whether the release is still healthy.
    let until = state.lock.as_ref().map_or(input.now, |lock| lock.since.min(input.now));
    let proven = same_build.flat_map(|entry| &entry.intervals).filter(|interval| !interval.unproven);
    proven.map(|interval| interval.seconds(until).max(0)).max()
}

/// Returns whether a build is recorded in an environment, proven or not.
fn is_known(state: &EnvironmentState, input: &PolicyInput<'_>) -> bool {
    state.healthy.iter().any(|entry| input.is_same_build(&entry.release.pin))
}

/// Returns the first lane that matches one of the release's branches.
fn matching_lane<'a>(input: &PolicyInput<'a>) -> Option<&'a Lane> {
    let matches = |lane: &&Lane| input.branches.iter().any(|branch| lane.matches.matches(branch));
    input.rules.lanes.iter().find(matches)
}

/// Formats a duration with its two largest units: `2 h 5 min`.
fn duration(length: Duration) -> String {
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
