//! `approvals`: who approved, and whether they are other people than the one who deploys.

use super::{PolicyDecision, PolicyInput, PolicyRule, Refusal};
use crate::model::{Approval, Pin};

/// Refuses while too few other people approved this build under this configuration. One person counts once.
pub(super) fn approvals(input: &PolicyInput<'_>, decision: &mut PolicyDecision) {
    let required = usize::from(input.rules.approvals);
    if required == 0 || input.is_redeploy() {
        return;
    }
    let all = input.state.iter().flat_map(|state| &state.approvals);
    let of_this_build =
        |approval: &&Approval| approval.commit == input.release.pin.commit || covers(approval, input);
    let mut counted: Vec<&Approval> = Vec::new();
    let mut ignored = Vec::new();
    for approval in all.filter(of_this_build) {
        match reason_to_ignore(input, approval, &counted) {
            Some(reason) => ignored.push(reason),
            None => counted.push(approval),
        }
    }
    if counted.len() >= required {
        let names: Vec<&str> = counted.iter().map(|approval| approval.by.label()).collect();
        decision.notes.push(format!("approved by {}", names.join(", ")));
        return;
    }
    let by = if required == 1 { "approval from another person" } else { "approvals from other people" };
    let ignored = if ignored.is_empty() { String::new() } else { format!(" ({})", ignored.join("; ")) };
    let message = format!(
        "{} needs {required} {by} for {} and has {}{ignored}",
        input.release.label(),
        input.rules.name,
        counted.len()
    );
    let command = format!("rel approve {} --reason \"…\"   # by another person", input.target_arguments());
    decision.refuse(Refusal::new(PolicyRule::Approvals, message).remedy(command));
}

/// Returns why an approval does not count; `None` where it does.
fn reason_to_ignore(input: &PolicyInput<'_>, approval: &Approval, counted: &[&Approval]) -> Option<String> {
    let who = approval.by.label();
    if !covers(approval, input) {
        Some(format!("the approval by {who} is void: the build, digests or configuration have changed since"))
    } else if approval.by.ci.is_some() && !approval.by.person {
        Some(format!("{who} is a CI run that no person started"))
    } else if !input.people.are_two(&approval.by.id, &input.authority.actor.id) {
        Some(format!(
            "{who} does not count: you ({}) cannot approve your own deploy",
            input.authority.actor.id
        ))
    } else if counted.iter().any(|other| !input.people.are_two(&other.by.id, &approval.by.id)) {
        Some(format!("{who} may be the same person as another approver"))
    } else {
        None
    }
}

/// Returns whether an approval is of this build under this configuration.
fn covers(approval: &Approval, input: &PolicyInput<'_>) -> bool {
    let same_tree = approval.commit == input.release.pin.commit || (input.same_tree)(approval.commit);
    same_tree && approval.covers(&Pin { commit: approval.commit, ..input.release.pin.clone() }, input.config)
}
