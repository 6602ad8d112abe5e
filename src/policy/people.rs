//! `approvals`: who agreed, and whether they are other people than the one who deploys. Leans on `model`.

use super::{Question, Refusal, Rule, Verdict};
use crate::model::Approval;

pub(super) fn approvals(question: &Question<'_>, verdict: &mut Verdict) {
    let wanted = usize::from(question.rules.approvals);
    if wanted == 0 || question.redeploys() {
        return;
    }
    let all: Vec<&Approval> = question.state.iter().flat_map(|state| &state.approvals).collect();
    let about =
        |approval: &&Approval| approval.commit == question.release.pin.commit || covers(approval, question);
    let mut counted: Vec<&Approval> = Vec::new();
    let mut why = Vec::new();
    for approval in all.into_iter().filter(about) {
        let who = approval.by.label();
        if !covers(approval, question) {
            why.push(format!(
                "the approval of {who} is void: the digests or the configuration changed since"
            ));
        } else if approval.by.ci.is_some() && !approval.by.person {
            why.push(format!("{who} is a run of CI that no person started"));
        } else if !question.people.are_two(&approval.by.id, &question.actor.id) {
            why.push(format!("{who} may be the one who deploys ({})", question.actor.id));
        } else if counted.iter().any(|other| !question.people.are_two(&other.by.id, &approval.by.id)) {
            why.push(format!("{who} has approved already"));
        } else {
            counted.push(approval);
        }
    }
    if counted.len() < wanted {
        let people = if wanted == 1 { "person" } else { "people" };
        let mut message = format!(
            "{} needs approval by {wanted} other {people} in {}, and has {}",
            question.release.label(),
            question.rules.name,
            counted.len()
        );
        if !why.is_empty() {
            message = format!("{message} ({})", why.join("; "));
        }
        let command = format!("rel approve {} --reason \"…\"   # by another person", question.place());
        verdict.refuse(Refusal::new(Rule::Approvals, message).lift(command));
        return;
    }
    let names: Vec<&str> = counted.iter().map(|approval| approval.by.label()).collect();
    verdict.notes.push(format!("approved by {}", names.join(", ")));
}

fn covers(approval: &Approval, question: &Question<'_>) -> bool {
    approval.covers(&question.release.pin, question.config)
}
