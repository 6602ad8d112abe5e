//! `rel status`: what runs in every environment, since when, by whom, what is in progress, and what blocks deploys.

mod live;
mod notes;
mod releases;
mod row;

use super::End;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::resolve::{Request, environments_in_order, packages};
use crate::ui::{Format, Role, Table, Text};
use clap::Args;
use releases::KnownReleases;
use row::StatusRow;
use serde_json::{Value, json};

/// Show what is running in every environment, since when, who deployed it, and how far behind it is
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment [default: all]
    #[arg(value_name = "ENV")]
    environment: Option<String>,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Run each environment's `live` command, and show where the answer differs from the ledger
    #[arg(long)]
    live: bool,
}

/// Runs `rel status`.
pub fn show(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = Ledger::open_with_config(context)?;
    ledger.warn_if_stale()?;
    let rows = rows(&ledger, arguments.environment.as_deref(), arguments.package.as_deref())?;
    let live = if arguments.live { live::ask(context, &ledger, &rows)? } else { Vec::new() };
    let ui = context.ui();
    if ui.format() == Format::Json {
        let mut list: Vec<Value> = rows.iter().map(StatusRow::as_json).collect();
        for (row, live) in list.iter_mut().zip(live) {
            row["live"] = live.as_json();
        }
        ui.json(
            &json!({ "schema": "rel.status/1", "ledger": ledger.snapshot().tip(), "environments": list }),
        );
    } else {
        print(context, &ledger, &rows)?;
        if arguments.live {
            live::print(context, &rows, &live);
        }
    }
    match ledger.pending()?.len() {
        0 => {}
        1 => ui.warning("UNRECORDED: 1 event is pending; `rel sync` sends it"),
        pending => ui.warning(format!("UNRECORDED: {pending} events are pending; `rel sync` sends them")),
    }
    Ok(End::Done)
}

/// Returns one row for every package and environment, in the order in which releases go through the environments.
fn rows(ledger: &Ledger<'_>, environment: Option<&str>, package: Option<&str>) -> Result<Vec<StatusRow>> {
    let environments = match environment {
        Some(typed) => vec![Request::new("status", typed, package).environment(ledger)?.to_owned()],
        None => environments_in_order(ledger.config()),
    };
    let packages = packages(ledger, package)?;
    let (snapshot, now) = (ledger.snapshot(), ledger.context().now()?);
    let tags = releases::tags(ledger.context())?;
    let mut rows = Vec::new();
    for package in &packages {
        let releases = KnownReleases::of(ledger, package, &tags)?;
        for name in &environments {
            let state = snapshot.summary(&package.name, name)?;
            // With several packages, most of them never were in most environments.
            if state.is_none() && packages.len() > 1 && environment.is_none() {
                continue;
            }
            let restrictions = snapshot.restrictions_of(state.as_ref(), name)?;
            let pending = snapshot.count_pending(&package.name, name);
            let row = StatusRow::new(&package.name, name, state, restrictions, &releases, now);
            rows.push(row.with_pending(pending));
        }
    }
    Ok(rows)
}

/// Prints the table, and below it what blocks deploys.
fn print(context: &Context, ledger: &Ledger<'_>, rows: &[StatusRow]) -> Result<()> {
    let (ui, now) = (context.ui(), context.now()?);
    let Some(first) = rows.first() else {
        ui.status(if ledger.config().environments.names().next().is_some() {
            "nothing has been deployed yet; start with `rel deploy ENV VERSION`, or `rel adopt ENV VERSION` for what is already running"
        } else {
            "release.toml on the default branch defines no environments"
        });
        return Ok(());
    };
    let several = rows.iter().any(|row| row.package != first.package);
    let mut table = Table::new(0);
    let mut heading = vec!["environment", "runs", "state", "since", "by", "remarks"];
    if several {
        heading.insert(0, "package");
    }
    table.heading(&heading);
    for row in rows {
        let mut cells = row.cells(now);
        if several {
            cells.insert(0, row.package.as_str().into());
        }
        table.row(cells);
    }
    let width = ui.width().min(80);
    table.lines(width).into_iter().for_each(|line| ui.data(line));
    let mut table = Table::new(0);
    let mut any = false;
    for row in rows {
        let name =
            if several { format!("{} {}", row.package, row.environment) } else { row.environment.clone() };
        for note in notes::notes(row, now, several) {
            table.row(vec![Text::new().with(Role::Heading, &name), note.into()]);
            any = true;
        }
    }
    if any {
        ui.data("");
    }
    table.lines(width).into_iter().for_each(|line| ui.data(line));
    Ok(())
}
