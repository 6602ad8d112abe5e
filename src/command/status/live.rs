//! `rel status --live`: what the platform says, beside what the ledger says. Leans on `rollout`.

use super::row::Row;
use crate::context::Context;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::rollout::{self, DeploymentContext};
use crate::ui::{Role, Table, Text};
use serde_json::Value;

/// What the platform says of one environment.
pub(super) enum Live {
    /// Nothing runs there, or no command asks.
    Silent,
    /// The command failed: why.
    Failed(String),
    /// Images, version, drift.
    Says(Value),
}

impl Live {
    /// The key `live` of an element of `rel.status/1`.
    pub(super) fn as_json(&self) -> Value {
        match self {
            Live::Says(value) => value.clone(),
            Live::Silent | Live::Failed(_) => Value::Null,
        }
    }

    fn line(&self) -> Text {
        let value = match self {
            Live::Silent => {
                return Text::new().with(Role::Faint, "is not asked: no `live` command for what runs there");
            }
            Live::Failed(why) => {
                return Text::new().with(Role::Bad, "does not answer").plain(format!(": {why}"));
            }
            Live::Says(value) => value,
        };
        if value["drift"].as_bool() == Some(false) {
            return Text::new().with(Role::Good, "runs what the ledger says");
        }
        let images: Vec<&str> =
            value["images"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let version = value["version"].as_str().map(|version| format!(" ({version})")).unwrap_or_default();
        Text::new().with(Role::Bad, "drift").plain(format!(": it runs {}{version}", images.join(", ")))
    }
}

/// Asks for every row.
pub(super) fn ask<'w>(context: &'w Context, ledger: &Ledger<'w>, rows: &[Row]) -> Result<Vec<Live>> {
    rows.iter().map(|row| one(context, ledger, row)).collect()
}

fn one<'w>(context: &'w Context, ledger: &Ledger<'w>, row: &Row) -> Result<Live> {
    let Some(state) = ledger.snapshot().environment(&row.package, &row.environment)? else {
        return Ok(Live::Silent);
    };
    let place = DeploymentContext::new(context, ledger, &row.environment, &row.package)?;
    Ok(match rollout::live(&place, &state) {
        Ok(live) => live.map_or(Live::Silent, Live::Says),
        Err(error) => {
            let causes = error.causes.iter().map(|cause| format!("; {cause}"));
            Live::Failed(error.message.clone() + &causes.collect::<String>())
        }
    })
}

/// A line for each environment.
pub(super) fn draw(context: &Context, rows: &[Row], live: &[Live]) {
    let ui = context.ui();
    ui.data("");
    let mut table = Table::new(0);
    for (row, live) in rows.iter().zip(live) {
        table.row(vec![Text::new().with(Role::Heading, &row.environment), live.line()]);
    }
    table.lines(ui.width().min(80)).into_iter().for_each(|line| ui.data(line));
}
