//! A release plan as it is shown to a person.

use super::strip_markdown::strip_markdown;
use crate::command::view::file_diff;
use crate::error::Result;
use crate::release::{PlannedRelease, ReleasePlan};
use crate::ui::{Role, Table, Text, Ui};

/// Shows versions, notes and steps.
pub(super) fn show(ui: &Ui, plan: &ReleasePlan) {
    for release in &plan.releases {
        headline(ui, release);
        notes(ui, release);
        let ignored = release.ignored_commits;
        if ignored > 0 {
            let commits = if ignored == 1 { "commit that requires" } else { "commits that require" };
            ui.status(Text::new().with(Role::Faint, format!("  and {ignored} {commits} no release")));
            ui.status("");
        }
    }
    let mut table = Table::new(2);
    for (verb, what) in plan.steps() {
        table.row(vec![Text::new().with(Role::Name, verb), Text::new().plain(what)]);
    }
    table.lines(ui.width()).into_iter().for_each(|line| ui.status(line));
    ui.status("");
}

fn headline(ui: &Ui, release: &PlannedRelease) {
    let from = release.previous.as_ref().map(|(_, version)| format!("{version} → ")).unwrap_or_default();
    let line = Text::new().with(Role::Heading, &release.package).plain("  ").plain(from);
    ui.status(line.with(Role::Answer, release.version.to_string()));
    let mut table = Table::new(2);
    table.row(vec![Text::new().with(Role::Faint, &release.reason)]);
    table.lines(ui.width()).into_iter().for_each(|line| ui.status(line));
    ui.status("");
}

/// Shows the notes without what only a browser needs.
fn notes(ui: &Ui, release: &PlannedRelease) {
    let mut blank = true;
    for line in release.notes.lines() {
        let line = strip_markdown(line);
        if let Some(heading) = line.strip_prefix("### ") {
            ui.status(Text::new().plain("  ").with(Role::Heading, heading));
            blank = true;
            continue;
        }
        // Markdown needs a blank line below a heading; a terminal does not.
        if line.trim().is_empty() && blank {
            continue;
        }
        blank = line.trim().is_empty();
        let indent = line.len() - line.trim_start().len();
        let mut table = Table::new(2 + indent).tight();
        table.row(match line.trim_start().strip_prefix("- ") {
            Some(text) => vec![Text::new().with(Role::Faint, "-"), Text::new().plain(text)],
            None => vec![Text::new().plain(line.trim_start())],
        });
        table.lines(ui.width()).into_iter().for_each(|line| ui.status(line));
    }
    if !blank {
        ui.status("");
    }
}

/// Shows the diff of every file.
pub(super) fn diffs(ui: &Ui, plan: &ReleasePlan) -> Result<()> {
    for file in &plan.files {
        let lines = file_diff::lines(&file.path, file.before.as_deref(), &file.after)?;
        lines.into_iter().for_each(|line| ui.explain(line));
    }
    Ok(())
}
