//! `rel status --live`: compares what the platform runs with what the ledger says.

use super::row::StatusRow;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::rollout::{self, DeploymentContext};
use crate::ui::{Role, Table, Text};
use serde_json::Value;

/// What the platform says about one environment.
pub(super) enum LiveState {
    /// Nothing was deployed there, or there is no `live` command.
    NotAsked,
    /// The command failed, and why.
    Failed(String),
    /// Images, version, drift.
    Known(Value),
}

impl LiveState {
    /// Returns the value of the key `live` in an element of `rel.status/1`.
    pub(super) fn as_json(&self) -> Value {
        match self {
            LiveState::Known(value) => value.clone(),
            LiveState::NotAsked | LiveState::Failed(_) => Value::Null,
        }
    }

    fn line(&self) -> Text {
        let value = match self {
            LiveState::NotAsked => {
                return Text::new().with(
                    Role::Faint,
                    "not asked: the environment has no `live` command, or nothing has been deployed there",
                );
            }
            LiveState::Failed(why) => {
                return Text::new().with(Role::Bad, "the `live` command failed").plain(format!(": {why}"));
            }
            LiveState::Known(value) => value,
        };
        if value["drift"].as_bool() == Some(false) {
            return Text::new().with(Role::Good, "matches the ledger");
        }
        let images: Vec<&str> =
            value["images"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let version = value["version"].as_str().map(|version| format!(" ({version})")).unwrap_or_default();
        Text::new().with(Role::Bad, "drift").plain(format!(": it is running {}{version}", images.join(", ")))
    }
}

/// Runs the `live` commands of every row.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub(super) fn ask<'w>(
    context: &'w Context,
    ledger: &Ledger<'w>,
    rows: &[StatusRow],
) -> Result<Vec<LiveState>> {
    rows.iter().map(|row| ask_one(context, ledger, row)).collect()
}

fn ask_one<'w>(context: &'w Context, ledger: &Ledger<'w>, row: &StatusRow) -> Result<LiveState> {
    let Some(state) = ledger.snapshot().environment(&row.package, &row.environment)? else {
        return Ok(LiveState::NotAsked);
    };
    let place = DeploymentContext::new(context, ledger, &row.environment, &row.package)?;
    Ok(match rollout::live(&place, &state) {
        Ok(live) => live.map_or(LiveState::NotAsked, LiveState::Known),
        Err(error) => {
            let causes = error.causes.iter().map(|cause| format!("; {cause}"));
            LiveState::Failed(error.message.clone() + &causes.collect::<String>())
        }
    })
}

/// Prints a line for each environment.
pub(super) fn print(context: &Context, rows: &[StatusRow], live: &[LiveState]) {
    let ui = context.ui();
    ui.data("");
    let mut table = Table::new(0);
    for (row, live) in rows.iter().zip(live) {
        table.row(vec![Text::new().with(Role::Heading, &row.environment), live.line()]);
    }
    table.lines(ui.width().min(80)).into_iter().for_each(|line| ui.data(line));
}
