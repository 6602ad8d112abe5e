//! `rel status --live`: what the platform says, beside what the ledger says. Leans on `rollout`.

use super::row::Row;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::rollout::{self, Place};
use crate::ui::{Role, Text};
use crate::world::World;
use serde_json::Value;

/// Asks for every row; `Null` where an environment cannot be asked.
pub(super) fn ask<'w>(world: &'w World, ledger: &Ledger<'w>, rows: &[Row]) -> Result<Vec<Value>> {
    rows.iter().map(|row| one(world, ledger, row)).collect()
}

fn one<'w>(world: &'w World, ledger: &Ledger<'w>, row: &Row) -> Result<Value> {
    let Some(state) = ledger.snapshot().environment(&row.package, &row.environment)? else {
        return Ok(Value::Null);
    };
    let place = Place::new(world, ledger, &row.environment, &row.package)?;
    match rollout::live(&place, &state) {
        Ok(live) => Ok(live.unwrap_or(Value::Null)),
        Err(error) => {
            world.ui().warning(&error.message);
            error.causes.iter().for_each(|cause| world.ui().detail(cause.as_str()));
            Ok(Value::Null)
        }
    }
}

/// A line for each environment.
pub(super) fn draw(world: &World, rows: &[Row], live: &[Value]) {
    let ui = world.ui();
    ui.data("");
    for (row, live) in rows.iter().zip(live) {
        let line = Text::new().with(Role::Heading, &row.environment).plain("  ");
        let images = live["images"]
            .as_array()
            .map(|images| images.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        let line = match (images, live["drift"].as_bool()) {
            (None, _) => line.with(Role::Faint, "cannot be asked: [environment.…] live says how"),
            (Some(_), Some(false)) => line.with(Role::Good, "runs what the ledger says"),
            (Some(images), _) => {
                let version =
                    live["version"].as_str().map(|version| format!(" ({version})")).unwrap_or_default();
                line.with(Role::Bad, "drift").plain(format!(": it runs {}{version}", images.join(", ")))
            }
        };
        ui.data(line);
    }
}
