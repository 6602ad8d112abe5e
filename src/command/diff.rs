//! `rel diff`: the commits and notes between any two of environment, version and commit. Leans on `ledger`, `history` and
//! `changelog`.

use super::End;
use super::view::decision;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{HistoryOptions, ReleaseContext};
use crate::ledger::{Ledger, project_remote};
use crate::model::{CommitId, Version};
use crate::release::Notes;
use crate::resolve::{self, named_release};
use crate::ui::{Format, Role, Table, Text};
use crate::version::ClassifiedCommit;
use clap::Args;
use serde_json::{Value, json};

/// Show the commits and notes between two releases or environments
///
/// Shows what B contains and A does not, and lists what only A contains.
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

/// One end.
struct Side {
    words: String,
    label: String,
    version: Option<Version>,
    commit: CommitId,
}

/// Shows it.
pub fn show(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = Ledger::open_with_config(context)?;
    ledger.warn_if_stale()?;
    let named = arguments.package.as_deref();
    let from = side(context, &ledger, named, &arguments.from)?;
    let to = side(context, &ledger, named, &arguments.to)?;
    let package = match resolve::package(&ledger, named) {
        Ok(package) => package,
        // A tag names its package.
        Err(error) => {
            let owner =
                |words: &str| named_release(&ledger, None, words, false).ok().map(|found| found.package);
            match owner(&arguments.from).or_else(|| owner(&arguments.to)) {
                Some(name) => resolve::package(&ledger, Some(&name))?,
                None => return Err(error),
            }
        }
    };
    let release_context =
        ReleaseContext::new(context, HistoryOptions { initial: Some(None), ..HistoryOptions::default() })?;
    let brought = release_context.between_commits(&package, from.commit, to.commit)?;
    let gone = release_context.between_commits(&package, to.commit, from.commit)?;
    let table = &context.config()?.version.bump;
    // Release commits are rel's own, and nobody's work.
    let others = |commits: &[ClassifiedCommit]| -> Vec<Value> {
        let others = commits.iter().filter(|classified| !classified.commit.own);
        others.map(|classified| decision::commit_json(classified, table)).collect()
    };
    let (removed, commits) = (others(&gone.commits), others(&brought.commits));
    let listed: Vec<(bool, Text, String)> = line_of(&brought.commits, true, table)
        .into_iter()
        .chain(line_of(&gone.commits, false, table))
        .collect();
    let notes = Notes::of_range(context, &package, brought)?.render(false, None)?;
    // The heading of a section says a version, and between two points there is none.
    let notes = notes.split_once('\n').map_or("", |(_, rest)| rest).trim().to_owned();
    let ui = context.ui();
    if ui.format() == Format::Json {
        ui.json(&json!({
            "schema": "rel.diff/1",
            "package": package.name,
            "from": { "version": from.version, "commit": from.commit, "named": from.words },
            "to": { "version": to.version, "commit": to.commit, "named": to.words },
            "commits": commits,
            "removed": removed,
            "notes": notes,
        }));
        return Ok(End::Done);
    }
    ui.data(Text::new().with(Role::Name, &from.label).plain(" → ").with(Role::Name, &to.label));
    if listed.is_empty() {
        ui.data("no commit lies between them");
        return Ok(End::Done);
    }
    let mut table = Table::new(0).clipped();
    for (brought, commit, subject) in listed {
        let sign = if brought { Text::new().with(Role::Good, "+") } else { Text::new().with(Role::Bad, "-") };
        table.row(vec![sign, commit, subject.into()]);
    }
    table.lines(ui.width().min(80)).into_iter().for_each(|line| ui.data(line));
    if !notes.is_empty() && !commits.is_empty() {
        ui.data("");
        ui.data(notes);
    }
    Ok(End::Done)
}

/// Whether it is brought, the commit, what it says.
fn line_of(
    commits: &[ClassifiedCommit],
    brought: bool,
    table: &crate::model::BumpTable,
) -> Vec<(bool, Text, String)> {
    let line = |classified: &ClassifiedCommit| {
        (
            brought,
            Text::new().with(Role::Name, classified.commit.id.short()),
            classified.headline(table).to_owned(),
        )
    };
    commits.iter().filter(|classified| !classified.commit.own).map(line).collect()
}

/// What one end names: an environment first, because its name is exact.
fn side(context: &Context, ledger: &Ledger<'_>, named: Option<&str>, words: &str) -> Result<Side> {
    let repo = context.repo()?;
    let environments = &ledger.config().environments;
    let side = if environments.names().any(|name| name == words) {
        let package = resolve::package(ledger, named)?.name;
        let running = ledger.snapshot().environment(&package, words)?.and_then(|state| state.running);
        let running = running.ok_or_else(|| {
            Error::missing(format!("nothing of {package} is known to run in {words}"))
                .hint(format!("rel adopt {words} VERSION records what runs there"))
        })?;
        let release = running.release;
        let label = format!("{words} ({})", release.label());
        Side { words: words.to_owned(), label, version: release.version, commit: release.pin.commit }
    } else {
        let found = named_release(ledger, named, words, true)?;
        let release = found.release()?;
        Side {
            words: words.to_owned(),
            label: release.label(),
            commit: release.pin.commit,
            version: release.version,
        }
    };
    if !repo.has(side.commit)
        && let Some(remote) = project_remote(repo)?
    {
        repo.fetch_commit(&remote, &side.commit.to_string())?;
    }
    Ok(side)
}
