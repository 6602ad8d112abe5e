//! The answer to "why this version?", for people and in JSON. Leans on `version` and `ui`.

use crate::model::BumpTable;
use crate::ui::{Role, Table, Text, Ui};
use crate::version::{ClassifiedCommit, VersionDecision};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Up to so many commits all are shown; of more, only those that count.
const ALL_UP_TO: usize = 40;
/// So many rejected tags are shown.
const REJECTED: usize = 6;

/// Shows how a decision came about.
pub(super) fn explain(ui: &Ui, decision: &VersionDecision, table: &BumpTable) {
    headline(ui, decision);
    facts(ui, decision);
    rejected(ui, decision);
    commits(ui, decision, table);
    ui.explain("");
}

fn headline(ui: &Ui, decision: &VersionDecision) {
    let name = Text::new().with(Role::Heading, &decision.package).plain("  ");
    let line = match &decision.next {
        None if decision.refusal.is_some() => name.plain("no version: ").plain(&decision.reason),
        None => name.plain("nothing to release: ").plain(&decision.reason),
        Some(next) => {
            let from = decision.current.as_ref().map(|tag| format!("{} → ", tag.version)).unwrap_or_default();
            let bump = decision.bump.map(|bump| format!(" ({bump})")).unwrap_or_default();
            let already = if next.already { ", which HEAD bears already" } else { "" };
            name.plain(from).with(Role::Answer, next.version.to_string()).plain(bump).plain(already)
        }
    };
    ui.explain(line);
    ui.explain("");
}

fn facts(ui: &Ui, decision: &VersionDecision) {
    let mut table = Table::new(2);
    let mut row = |name: &str, text: Text| table.row(vec![Text::new().with(Role::Faint, name), text]);
    let base = match &decision.base {
        Some(tag) => Text::new()
            .with(Role::Name, tag.name.as_str())
            .plain(format!(" at {}, the highest release that HEAD reaches", tag.commit.short())),
        None => Text::new().plain("none: nothing is released on this line yet"),
    };
    row("base", base);
    let branch = decision.line.branch.as_ref().map_or_else(|| "no branch".to_owned(), ToString::to_string);
    let line = match (&decision.line.named, &decision.line.channel, &decision.line.range) {
        (Some(named), ..) => format!("{branch}, which names {named}"),
        (_, Some(channel), _) => format!("{branch}, prereleases of channel {channel}"),
        (_, _, Some(range)) => format!("{branch}, finals {range}"),
        _ => format!("{branch}, finals"),
    };
    row("line", Text::new().plain(line));
    for (place, step) in decision.steps.iter().enumerate() {
        row(if place == 0 { "because" } else { "" }, Text::new().plain(step));
    }
    print(ui, &table);
}

fn rejected(ui: &Ui, decision: &VersionDecision) {
    if decision.rejected.is_empty() {
        return;
    }
    ui.explain("");
    ui.explain(Text::new().plain("  ").with(Role::Heading, "not the base"));
    let mut table = Table::new(2);
    for rejected in decision.rejected.iter().take(REJECTED) {
        table.row(vec![
            Text::new().with(Role::Name, rejected.tag.name.as_str()),
            Text::new().plain(&rejected.why),
        ]);
    }
    print(ui, &table);
    let more = decision.rejected.len().saturating_sub(REJECTED);
    if more > 0 {
        ui.explain(Text::new().with(Role::Faint, format!("  … and {more} more; --format json has them all")));
    }
}

fn commits(ui: &Ui, decision: &VersionDecision, types: &BumpTable) {
    let since = decision.base.as_ref().map_or_else(String::new, |tag| format!(" since {}", tag.name));
    let counted = decision.commits.iter().filter(|classified| classified.effect.bump.is_some()).count();
    let all = decision.commits.len();
    let noun = if all == 1 { "commit" } else { "commits" };
    let count = if counted == 1 { "counts" } else { "count" };
    ui.explain("");
    ui.explain(
        Text::new()
            .plain("  ")
            .with(Role::Heading, format!("{all} {noun}{since}, {counted} of them {count}")),
    );
    let short = all > ALL_UP_TO;
    let shown = decision.commits.iter().filter(|classified| !short || classified.effect.bump.is_some());
    let mut table = Table::new(2).clipped();
    table.heading(&["commit", "bump", "because", "change"]);
    for classified in shown.take(ALL_UP_TO.max(100)) {
        let bump = match classified.effect.bump {
            Some(bump) => Text::new().with(Role::Good, bump.to_string()),
            None => Text::new().with(Role::Faint, "-"),
        };
        let role = if classified.effect.bump.is_some() { Role::Plain } else { Role::Faint };
        table.row(vec![
            Text::new().with(Role::Name, classified.commit.id.short()),
            bump,
            Text::new().with(role, &classified.effect.why),
            Text::new().with(role, classified.headline(types)),
        ]);
    }
    print(ui, &table);
    if short {
        summary(ui, decision, counted);
    }
}

/// Of a long list, what the commits have in common that do not count.
fn summary(ui: &Ui, decision: &VersionDecision, counted: usize) {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for classified in decision.commits.iter().filter(|classified| classified.effect.bump.is_none()) {
        let why = classified.effect.why.as_str();
        *reasons.entry(why.split(" by ").next().unwrap_or(why)).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
    let list: Vec<String> = reasons.iter().take(6).map(|(why, count)| format!("{count} × {why}")).collect();
    if counted > 100 {
        ui.explain(Text::new().with(
            Role::Faint,
            format!("  … and {} more that count; --format json has them all", counted - 100),
        ));
    }
    if !list.is_empty() {
        let mut table = Table::new(2);
        table.row(vec![
            Text::new().with(Role::Faint, "the others"),
            Text::new().with(Role::Faint, list.join(", ")),
        ]);
        print(ui, &table);
    }
}

/// Says what is not right but stops nothing; of many, the first.
pub(super) fn warn(ui: &Ui, decision: &VersionDecision) {
    const AT_MOST: usize = 8;
    for warning in decision.warnings.iter().take(AT_MOST) {
        ui.warning(warning);
    }
    let more = decision.warnings.len().saturating_sub(AT_MOST);
    if more > 0 {
        ui.warning(format!("… and {more} more like these; --format json has them all"));
    }
}

/// The commits that did not count, shortly: for whoever wonders why there is nothing to release.
pub(super) fn uncounted(ui: &Ui, decision: &VersionDecision) {
    let mut table = Table::new(2).clipped();
    for classified in decision.commits.iter().take(10) {
        table.row(vec![
            Text::new().with(Role::Name, classified.commit.id.short()),
            Text::new().plain(&classified.effect.why),
            Text::new().plain(&classified.commit.message.subject),
        ]);
    }
    for line in table.lines(ui.width()) {
        ui.status(line);
    }
    let more = decision.commits.len().saturating_sub(10);
    if more > 0 {
        ui.status(format!("  … and {more} more; `rel next --explain` shows them"));
    }
}

/// A commit in the shape `rel.next/1`.
pub(super) fn commit_json(classified: &ClassifiedCommit, table: &BumpTable) -> Value {
    let primary_change = classified.primary_change(table);
    let parts: Vec<Value> = classified
        .commit
        .message
        .changes
        .iter()
        .map(|change| json!({ "type": change.kind, "scope": change.scope, "breaking": change.breaking, "subject": change.subject, "bump": change.bump(table) }))
        .collect();
    json!({
        "id": classified.commit.id,
        "type": primary_change.and_then(|change| change.kind.as_deref()),
        "scope": primary_change.and_then(|change| change.scope.as_deref()),
        "breaking": primary_change.is_some_and(|change| change.breaking),
        "bump": classified.effect.bump,
        "subject": primary_change.map_or(classified.commit.message.subject.as_str(), |change| change.subject.as_str()),
        "counted": classified.effect.bump.is_some(),
        "why": classified.effect.why,
        "parts": parts,
    })
}

fn print(ui: &Ui, table: &Table) {
    for line in table.lines(ui.width()) {
        ui.explain(line);
    }
}
