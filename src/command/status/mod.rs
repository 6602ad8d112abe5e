//! `rel status`: what runs in every environment, since when, by whom, what is on its way, what stands in the way. Leans on
//! `ledger`.

mod live;
mod row;

use super::End;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::resolve::{self, Request};
use crate::ui::{Format, Role, Table, Text};
use clap::Args;
use row::{Releases, Row};
use serde_json::{Value, json};

/// Show what is running in every environment, since when, by whom, and how far behind
#[derive(Debug, Args)]
pub struct Arguments {
    /// Exact name of the environment [default: all]
    #[arg(value_name = "ENV")]
    environment: Option<String>,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Ask the platform what is running, and show where it differs
    #[arg(long)]
    live: bool,
}

/// Shows it.
pub fn show(context: &Context, arguments: &Arguments) -> Result<End> {
    let ledger = Ledger::open_with_config(context)?;
    ledger.warn_if_stale()?;
    let rows = rows(context, &ledger, arguments.environment.as_deref(), arguments.package.as_deref())?;
    let live = if arguments.live { live::ask(context, &ledger, &rows)? } else { Vec::new() };
    let ui = context.ui();
    if ui.format() == Format::Json {
        let mut list: Vec<Value> = rows.iter().map(Row::as_json).collect();
        for (row, live) in list.iter_mut().zip(live) {
            row["live"] = live.as_json();
        }
        ui.json(
            &json!({ "schema": "rel.status/1", "ledger": ledger.snapshot().tip(), "environments": list }),
        );
    } else {
        draw(context, &rows, ledger.config().environments.names().next().is_some())?;
        if arguments.live {
            live::draw(context, &rows, &live);
        }
    }
    let waiting = ledger.pending()?.len();
    if waiting > 0 {
        let events = if waiting == 1 { "1 event waits".to_owned() } else { format!("{waiting} events wait") };
        ui.warning(format!("UNRECORDED: {events} here to be sent; `rel sync` sends"));
    }
    Ok(End::Done)
}

/// One row for every package and environment, in the order in which releases go through them.
fn rows(
    context: &Context,
    ledger: &Ledger<'_>,
    named: Option<&str>,
    package: Option<&str>,
) -> Result<Vec<Row>> {
    let places = match named {
        Some(named) => vec![Request::new("status", named, package).environment(ledger)?.to_owned()],
        None => in_order(ledger),
    };
    let packages = resolve::packages(ledger, package)?;
    let (snapshot, now) = (ledger.snapshot(), context.now()?);
    let tags = row::tags(context)?;
    let mut rows = Vec::new();
    for package in &packages {
        let releases = Releases::of(ledger, package, &tags)?;
        for place in &places {
            let state = snapshot.summary(&package.name, place)?;
            // Of many packages most never were somewhere.
            if state.is_none() && packages.len() > 1 && named.is_none() {
                continue;
            }
            let standing = snapshot.restrictions_of(state.as_ref(), place)?;
            let recorded = !snapshot.has_pending(&package.name, place);
            rows.push(Row::new(&package.name, place, state, standing, &releases, now).recorded(recorded));
        }
    }
    Ok(rows)
}

/// Environments as releases go through them: what others come `from` stands before them.
fn in_order(ledger: &Ledger<'_>) -> Vec<String> {
    let environments = &ledger.config().environments;
    let depth = |name: &str| {
        let (mut at, mut steps) = (name.to_owned(), 0_usize);
        while let Some(from) = environments.get(&at, "").and_then(|rules| rules.from.clone()) {
            steps += 1;
            if steps > 100 {
                break;
            }
            at = from;
        }
        steps
    };
    let mut names: Vec<String> = environments.names().map(str::to_owned).collect();
    // Where nothing comes from anywhere, development still stands before production.
    let rank = |name: &str| ["dev", "test", "stag", "prod"].iter().position(|word| name.starts_with(word));
    names.sort_by_key(|name| (depth(name), rank(name).unwrap_or(2), name.clone()));
    names
}

/// `named`: release.toml names environments.
fn draw(context: &Context, rows: &[Row], named: bool) -> Result<()> {
    let (ui, now) = (context.ui(), context.now()?);
    if rows.is_empty() {
        ui.status(if named {
            "nothing was deployed yet; `rel deploy ENV VERSION --package NAME` is the first"
        } else {
            "release.toml names no environment"
        });
        return Ok(());
    }
    let several = rows.iter().any(|row| row.package != rows[0].package);
    let mut table = Table::new(0);
    let mut heading = vec!["environment", "runs", "state", "since", "by", ""];
    if several {
        heading.insert(0, "package");
    }
    table.heading(&heading);
    for row in rows {
        let mut cells = vec![
            Text::new().with(Role::Heading, &row.environment),
            Text::new().with(Role::Name, row.runs()),
            row.state_text(),
            row.since().map_or_else(|| "-".to_owned(), |since| since.age(now)).into(),
            row.by().unwrap_or("-").into(),
            row.remarks().into(),
        ];
        if several {
            cells.insert(0, row.package.as_str().into());
        }
        table.row(cells);
    }
    let width = ui.width().min(80);
    table.lines(width).into_iter().for_each(|line| ui.data(line));
    let notes: Vec<String> = rows.iter().flat_map(|row| row.notes(now, several)).collect();
    if !notes.is_empty() {
        ui.data("");
    }
    let mut table = Table::new(0);
    for note in notes {
        let (name, note) = note.split_once('\t').unwrap_or(("", &note));
        table.row(vec![Text::new().with(Role::Heading, name), note.into()]);
    }
    table.lines(width).into_iter().for_each(|line| ui.data(line));
    Ok(())
}
