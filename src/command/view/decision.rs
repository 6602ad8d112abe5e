//! Shows a decision about a version: how it came about, its warnings, its commits, and a commit in JSON.

use crate::model::BumpTable;
use crate::ui::{Role, Table, Text, Ui};
use crate::version::{ClassifiedCommit, VersionDecision};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Up to this many commits, all are shown; of more, only those that count.
const ALL_UP_TO: usize = 40;
/// How many commits that count are shown.
const MAX_COUNTED: usize = 100;
/// How many rejected tags are shown.
const MAX_REJECTED: usize = 6;
/// How many warnings are shown.
const MAX_WARNINGS: usize = 8;
/// How many commits are shown if there is nothing to release.
const MAX_UNCOUNTED: usize = 10;
/// How many reasons are shown for the commits that are left out.
const MAX_REASONS: usize = 6;

/// Shows how a decision came about (`--explain`).
pub(in crate::command) fn explain(ui: &Ui, decision: &VersionDecision, table: &BumpTable) {
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
            let already = if next.already { ", already released from HEAD" } else { "" };
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
        Some(tag) => {
            let why = if decision.base_elsewhere {
                "the highest release of the branches that make final versions"
            } else {
                "the highest release reachable from HEAD"
            };
            let at = format!(" at {}, {why}", tag.commit.short());
            Text::new().with(Role::Name, tag.name.as_str()).plain(at)
        }
        None => Text::new().plain("none: no release on this branch yet"),
    };
    row("base", base);
    let branch = decision.line.branch.as_ref().map_or_else(|| "no branch".to_owned(), ToString::to_string);
    let line = match (&decision.line.named, &decision.line.channel, &decision.line.range) {
        (Some(named), ..) => format!("{branch}, for version {named}"),
        (_, Some(channel), _) => format!("{branch}, for prereleases of channel {channel}"),
        (_, _, Some(range)) => format!("{branch}, for final versions {range}"),
        _ => format!("{branch}, for final versions"),
    };
    row("line", Text::new().plain(line));
    for (index, step) in decision.steps.iter().enumerate() {
        row(if index == 0 { "because" } else { "" }, Text::new().plain(step));
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
    for rejected in decision.rejected.iter().take(MAX_REJECTED) {
        table.row(vec![
            Text::new().with(Role::Name, rejected.tag.name.as_str()),
            Text::new().plain(&rejected.why),
        ]);
    }
    print(ui, &table);
    let more = decision.rejected.len().saturating_sub(MAX_REJECTED);
    if more > 0 {
        ui.explain(Text::new().with(Role::Faint, format!("  … and {more} more; --format json shows all")));
    }
}

fn commits(ui: &Ui, decision: &VersionDecision, types: &BumpTable) {
    let since = decision.base.as_ref().map_or_else(String::new, |tag| format!(" since {}", tag.name));
    let counts = |classified: &&ClassifiedCommit| classified.effect.bump.is_some();
    let (all, counted) = (decision.commits.len(), decision.commits.iter().filter(counts).count());
    ui.explain("");
    let heading = match (all, counted) {
        (1, 0) => format!("1 commit{since} does not count"),
        (1, _) => format!("1 commit{since} counts"),
        (_, 1) => format!("{all} commits{since}, 1 of them counts"),
        _ => format!("{all} commits{since}, {counted} of them count"),
    };
    ui.explain(Text::new().plain("  ").with(Role::Heading, heading));
    let short = all > ALL_UP_TO;
    let mut table = Table::new(2).clipped();
    table.heading(&["commit", "bump", "because", "change"]);
    let shown = decision.commits.iter().filter(|classified| !short || counts(classified));
    for classified in shown.take(MAX_COUNTED) {
        let bump = match classified.effect.bump {
            Some(bump) => Text::new().with(Role::Good, bump.to_string()),
            None => Text::new().with(Role::Faint, "-"),
        };
        let role = if counts(&classified) { Role::Plain } else { Role::Faint };
        table.row(vec![
            Text::new().with(Role::Name, classified.commit.id.short()),
            bump,
            Text::new().with(role, classified.effect.reason.to_string()),
            Text::new().with(role, classified.headline(types)),
        ]);
    }
    print(ui, &table);
    if short {
        left_out(ui, decision, counted);
    }
}

/// Sums up the commits of a long list that are not shown, by reason.
fn left_out(ui: &Ui, decision: &VersionDecision, counted: usize) {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for classified in decision.commits.iter().filter(|classified| classified.effect.bump.is_none()) {
        *reasons.entry(classified.effect.reason.group()).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by(|(a, few), (b, many)| many.cmp(few).then(a.cmp(b)));
    let reasons = reasons.iter().take(MAX_REASONS);
    let list: Vec<String> = reasons.map(|(reason, count)| format!("{count} × {reason}")).collect();
    let more = counted.saturating_sub(MAX_COUNTED);
    if more > 0 {
        let text = format!("  … and {more} more that count; --format json shows all");
        ui.explain(Text::new().with(Role::Faint, text));
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

/// Shows the warnings of a decision; of many, the first.
pub(in crate::command) fn warn(ui: &Ui, decision: &VersionDecision) {
    for warning in decision.warnings.iter().take(MAX_WARNINGS) {
        ui.warning(warning);
    }
    let more = decision.warnings.len().saturating_sub(MAX_WARNINGS);
    if more > 0 {
        ui.warning(format!("… and {more} more; --format json shows all warnings"));
    }
}

/// Lists the commits that do not count, to explain why there is nothing to release.
pub(in crate::command) fn uncounted(ui: &Ui, decision: &VersionDecision) {
    let mut table = Table::new(2).clipped();
    for classified in decision.commits.iter().take(MAX_UNCOUNTED) {
        table.row(vec![
            Text::new().with(Role::Name, classified.commit.id.short()),
            Text::new().plain(classified.effect.reason.to_string()),
            Text::new().plain(&classified.commit.message.subject),
        ]);
    }
    for line in table.lines(ui.width()) {
        ui.status(line);
    }
    let more = decision.commits.len().saturating_sub(MAX_UNCOUNTED);
    if more > 0 {
        ui.status(format!("  … and {more} more; `rel next --explain` shows them"));
    }
}

/// Returns a commit in the shape `rel.next/1`.
pub(in crate::command) fn commit_json(classified: &ClassifiedCommit, table: &BumpTable) -> Value {
    let primary = classified.primary_change(table);
    let message = &classified.commit.message;
    let parts: Vec<Value> = message
        .changes
        .iter()
        .map(|change| json!({ "type": change.kind, "scope": change.scope, "breaking": change.breaking, "subject": change.subject, "bump": change.bump(table) }))
        .collect();
    json!({
        "id": classified.commit.id,
        "type": primary.and_then(|change| change.kind.as_deref()),
        "scope": primary.and_then(|change| change.scope.as_deref()),
        "breaking": primary.is_some_and(|change| change.breaking),
        "bump": classified.effect.bump,
        "subject": primary.map_or(message.subject.as_str(), |change| change.subject.as_str()),
        "counted": classified.effect.bump.is_some(),
        "why": classified.effect.reason.to_string(),
        "parts": parts,
    })
}

fn print(ui: &Ui, table: &Table) {
    for line in table.lines(ui.width()) {
        ui.explain(line);
    }
}
