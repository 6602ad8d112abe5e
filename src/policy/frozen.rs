//! Freezes and holds: times in which nothing is deployed. A rollback never asks here. Leans on `model`.

use super::{Order, Question, Refusal, Rule, Verdict};
use crate::model::{Hold, weekly_window};

pub(super) fn freezes(question: &Question<'_>, verdict: &mut Verdict) {
    let name = &question.rules.name;
    for window in &question.rules.freeze {
        match weekly_window::end_of_current(window.from, window.until, &window.zone, question.now) {
            Ok(None) => {}
            Ok(Some(end)) => {
                let message = format!(
                    "{name} is frozen every week from {} until {} ({}), now until {end}",
                    window.from, window.until, window.zone
                );
                let again = format!("rel deploy {}   # after {end}", question.place());
                verdict.refuse(Refusal::new(Rule::Freeze, message).lift(again));
            }
            // A window that cannot be read freezes: what it was meant to stop must not slip through.
            Err(fault) => {
                let message = format!("a freeze of {name} cannot be read: {fault}");
                verdict.refuse(
                    Refusal::new(Rule::Freeze, message)
                        .lift("[environment.…] freeze = …, with a zone as Europe/Berlin"),
                );
            }
        }
    }
    for (words, freeze) in question.freezes.iter().filter(|(_, freeze)| freeze.lasts(question.now)) {
        let until = freeze.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let reason = freeze.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let what = if *words == "--all" { "everything" } else { name.as_str() };
        let message =
            format!("{what} is frozen by {} since {}{until}{reason}", freeze.by.label(), freeze.since);
        verdict.refuse(Refusal::new(Rule::Freeze, message).lift(format!("rel thaw {words} --reason \"…\"")));
    }
}

pub(super) fn holds(question: &Question<'_>, verdict: &mut Verdict) {
    let own = question.state.and_then(|state| state.hold.as_ref());
    let name = &question.rules.name;
    if own.is_some_and(|hold| passes(question, hold)) {
        verdict.ends_hold = true;
    }
    let own = own.filter(|hold| !passes(question, hold)).map(|hold| (hold, question.flag()));
    for (hold, flag) in own.into_iter().chain(question.holds.iter().map(|hold| (*hold, String::new()))) {
        let reason = hold.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let how = if hold.rollback.is_some() { ", by a rollback" } else { "" };
        let message = format!("{name} is held by {} since {}{how}{reason}", hold.by.label(), hold.since);
        verdict.refuse(
            Refusal::new(Rule::Hold, message).lift(format!("rel unhold {name} --reason \"…\"{flag}")),
        );
    }
}

/// A person who brings a higher release that is not bad ends the hold of a rollback, and one of their own; not one that
/// another person set on purpose, and not that of a whole environment.
fn passes(question: &Question<'_>, hold: &Hold) -> bool {
    // A rollback upon a hold that stood before leaves it to whoever set it.
    let by_rollback = hold.rollback.as_ref() == Some(&hold.event);
    let theirs = by_rollback || hold.by.id.eq_ignore_ascii_case(&question.actor.id);
    theirs && question.actor.person && question.order == Order::Newer && question.bad.is_none()
}
