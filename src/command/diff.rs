//! `rel diff`: the commits and notes between two environments, versions or commits.

use super::End;
use super::view::decision;
use crate::context::Context;
use crate::error::Result;
use crate::git_history::{HistoryOptions, ReleaseContext};
use crate::ledger::Ledger;
use crate::model::BumpTable;
use crate::release::Notes;
use crate::resolve::{Endpoint, endpoints};
use crate::ui::{Format, Role, Table, Text};
use crate::version::ClassifiedCommit;
use clap::Args;
use serde_json::{Value, json};

/// Show the commits and notes between two releases or environments
///
/// Shows what B has and A does not, then lists what only A has.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Environment, version, tag or commit to start from
    #[arg(value_name = "A")]
    from: String,
    /// Environment, version, tag or commit to compare with it
    #[arg(value_name = "B")]
    to: String,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
}

/// Runs `rel diff`.
pub fn show(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = Ledger::open_with_config(context)?;
    ledger.warn_if_stale()?;
    let (package, from, to) =
        endpoints(&ledger, arguments.package.as_deref(), &arguments.from, &arguments.to)?;
    let release_context =
        ReleaseContext::new(context, HistoryOptions { initial: Some(None), ..HistoryOptions::default() })?;
    let added = release_context.between_commits(&package, from.commit, to.commit)?;
    let removed = release_context.between_commits(&package, to.commit, from.commit)?.commits;
    let added_commits = added.commits.clone();
    let notes = Notes::of_range(context, &package, added)?.render(false, None)?;
    // The heading of a section names a version, and a comparison has none.
    let notes = notes.split_once('\n').map_or("", |(_, rest)| rest).trim();
    let (added, removed) = (without_release_commits(added_commits), without_release_commits(removed));
    let bumps = &context.config()?.version.bump;
    if context.ui().format() == Format::Json {
        let list = |commits: &[ClassifiedCommit]| -> Vec<Value> {
            commits.iter().map(|commit| decision::commit_json(commit, bumps)).collect()
        };
        let end =
            |end: &Endpoint| json!({ "version": end.version, "commit": end.commit, "named": end.typed });
        context.ui().json(&json!({
            "schema": "rel.diff/1",
            "package": package.name,
            "from": end(&from),
            "to": end(&to),
            "commits": list(&added),
            "removed": list(&removed),
            "notes": notes,
        }));
        return Ok(End::Done);
    }
    print(context, (&from, &to), (&added, &removed), bumps, notes);
    Ok(End::Done)
}

/// Leaves out the release commits that `rel` made.
fn without_release_commits(commits: Vec<ClassifiedCommit>) -> Vec<ClassifiedCommit> {
    commits.into_iter().filter(|commit| !commit.commit.own).collect()
}

fn print(
    context: &Context,
    (from, to): (&Endpoint, &Endpoint),
    (added, removed): (&[ClassifiedCommit], &[ClassifiedCommit]),
    bumps: &BumpTable,
    notes: &str,
) {
    let ui = context.ui();
    ui.data(Text::new().with(Role::Name, &from.label).plain(" → ").with(Role::Name, &to.label));
    if added.is_empty() && removed.is_empty() {
        ui.data("the commits are the same");
        return;
    }
    let mut table = Table::new(0).clipped();
    for (commits, role, sign) in [(added, Role::Good, "+"), (removed, Role::Bad, "-")] {
        for commit in commits {
            table.row(vec![
                Text::new().with(role, sign),
                Text::new().with(Role::Name, commit.commit.id.short()),
                commit.headline(bumps).into(),
            ]);
        }
    }
    table.lines(ui.width().min(80)).into_iter().for_each(|line| ui.data(line));
    if !notes.is_empty() && !added.is_empty() {
        ui.data("");
        ui.data(notes);
    }
}
