//! Freezes and holds: times in which nothing is deployed. They do not stop a rollback.

use super::{FreezeScope, PolicyDecision, PolicyInput, PolicyRule, Refusal, ReleaseOrder};
use crate::model::{Hold, weekly_window};

/// Refuses while a weekly window of the configuration or a recorded freeze is active.
pub(super) fn freezes(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let name = &input.rules.name;
    for window in &input.rules.freeze {
        match weekly_window::end_of_current(window.from, window.until, &window.zone, input.now) {
            Ok(None) => {}
            Ok(Some(end)) => {
                let message = format!(
                    "{name} is frozen every week from {} until {} ({}); this freeze ends at {end}",
                    window.from, window.until, window.zone
                );
                let later = format!("rel {} {}   # after {end}", input.verb, input.target_arguments());
                decision.refuse(Refusal::new(PolicyRule::Freeze, message).remedy(later));
            }
            // An invalid window freezes: what it should stop must not pass.
            Err(fault) => {
                let message = format!("a freeze on {name} is invalid: {fault}");
                let remedy =
                    format!("set [environment.{name}] freeze with an IANA time zone such as Europe/Berlin");
                decision.refuse(Refusal::new(PolicyRule::Freeze, message).remedy(remedy));
            }
        }
    }
    for (scope, freeze) in input.freezes.iter().filter(|(_, freeze)| freeze.lasts(input.now)) {
        let until = freeze.until.map(|until| format!(", until {until}")).unwrap_or_default();
        let reason = freeze.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let (what, arguments) = match scope {
            FreezeScope::Package => (name.as_str(), format!("{name}{}", input.package_flag())),
            FreezeScope::Environment => (name.as_str(), name.clone()),
            FreezeScope::Everything => ("every environment", "--all".to_owned()),
        };
        let message =
            format!("{what} has been frozen by {} since {}{until}{reason}", freeze.by.label(), freeze.since);
        let command = format!("rel thaw {arguments} --reason \"…\"");
        decision.refuse(Refusal::new(PolicyRule::Freeze, message).remedy(command));
    }
}

/// Refuses while a hold exists that this deploy does not end.
pub(super) fn holds(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let own = input.state.and_then(|state| state.hold.as_ref());
    if own.is_some_and(|hold| ends_hold(input, hold)) {
        decision.ends_hold = true;
    }
    refuse_holds(input, own.filter(|hold| !ends_hold(input, hold)), decision);
}

/// Refuses while somebody holds the environment on purpose: a rollback leaves the hold of another rollback as it is.
pub(super) fn holds_of_people(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let own = input.state.and_then(|state| state.hold.as_ref());
    refuse_holds(input, own.filter(|hold| !hold.is_of_rollback()), decision);
}

/// Refuses because of these holds: `own`, those of the whole environment and of everything.
fn refuse_holds(input: &PolicyInput<'_>, own: Option<&Hold>, decision: &mut PolicyDecision) {
    let name = &input.rules.name;
    let own = own.map(|hold| (hold, input.package_flag()));
    for (hold, flag) in own.into_iter().chain(input.holds.iter().map(|hold| (*hold, String::new()))) {
        let rollback = hold.is_of_rollback().then_some("rollback");
        let why: Vec<&str> = rollback.into_iter().chain(hold.reason.as_deref()).collect();
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(": ")) };
        let message = format!("{name} has been held by {} since {}{why}", hold.by.label(), hold.since);
        let command = format!("rel unhold {name} --reason \"…\"{flag}");
        decision.refuse(Refusal::new(PolicyRule::Hold, message).remedy(command));
    }
}

/// Returns whether this deploy ends a hold. A person who deploys a newer release that is not bad ends the hold of a
/// rollback, and one that they set themselves; not one that somebody else set on purpose.
fn ends_hold(input: &PolicyInput<'_>, hold: &Hold) -> bool {
    input.authority.may_end_hold(hold, input.asks)
        && input.order == ReleaseOrder::Newer
        && input.bad.is_none()
}
