//! From an event and the files before it to the files after it: pure. The only place that says what an event does; the
//! same code writes the ledger and proves it. Leans on `layout` and `model`.

use super::layout::{self, EVENT_FILE, FORMAT_FILE, FileChange, Files};
use super::state;
use crate::error::Result;
use crate::model::{BadBuild, EnvironmentState, Event, EventKind, FORMAT, GlobalState, Pin, Release};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The newest event of a chain that has no state of its own: what became bad and good.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Chain {
    /// The event.
    pub(super) newest: Event,
    /// Keys that this program does not know.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// The files that an event changes, in the order of their paths.
pub fn fold(event: &Event, files: &dyn Files) -> Result<Vec<FileChange>> {
    let mut changes = BTreeMap::new();
    if files.read(FORMAT_FILE)?.is_none() {
        changes.insert(FORMAT_FILE.to_owned(), Some(format!("{FORMAT}\n")));
    }
    changes.insert(EVENT_FILE.to_owned(), Some(layout::write(event)?));
    match (event.package.as_deref(), event.environment.as_deref()) {
        (Some(package), Some(environment)) => {
            let path = layout::state(package, environment);
            let before: Option<EnvironmentState> = layout::read(files, &path)?;
            let after = state::after(before, event);
            changes.insert(path, Some(layout::write(&after)?));
            if let Some(left) = event.from.as_ref().filter(|_| event.bad) {
                mark(event, package, left, files, &mut changes)?;
            }
        }
        (Some(package), None) => {
            let path = layout::bad_chain(package);
            let rest = layout::read::<Chain>(files, &path)?.map(|chain| chain.rest).unwrap_or_default();
            changes.insert(path, Some(layout::write(&Chain { newest: event.clone(), rest })?));
            match (&event.kind, &event.release) {
                (EventKind::Bad, Some(release)) => mark(event, package, release, files, &mut changes)?,
                (EventKind::Good, Some(release)) => unmark(package, &release.pin, files, &mut changes)?,
                _ => {}
            }
        }
        (None, environment) => {
            let path = layout::whole(environment);
            let before: Option<GlobalState> = layout::read(files, &path)?;
            changes.insert(path, Some(layout::write(&state::whole_after(before, event))?));
            if let Some(environment) = environment {
                lift(event, environment, files, &mut changes)?;
            }
        }
    }
    Ok(changes.into_iter().collect())
}

/// What lifts the hold or the freeze of a whole environment lifts those of its packages too.
fn lift(
    event: &Event,
    environment: &str,
    files: &dyn Files,
    changes: &mut BTreeMap<String, Option<String>>,
) -> Result<()> {
    let (unhold, thaw) = (event.kind == EventKind::Unhold, event.kind == EventKind::Thaw);
    if !unhold && !thaw {
        return Ok(());
    }
    for package in files.list("state")? {
        let path = layout::state(&package, environment);
        let Some(mut state) = layout::read::<EnvironmentState>(files, &path)? else { continue };
        let lifted = (unhold && state.hold.take().is_some()) || (thaw && state.freeze.take().is_some());
        if lifted {
            changes.insert(path, Some(layout::write(&state)?));
        }
    }
    Ok(())
}

/// Marks a build as bad, under every name that it was healthy by.
fn mark(
    event: &Event,
    package: &str,
    release: &Release,
    files: &dyn Files,
    changes: &mut BTreeMap<String, Option<String>>,
) -> Result<()> {
    let path = layout::bad(package, release.pin.commit);
    let before: Option<BadBuild> = layout::read(files, &path)?;
    let mut names = before.as_ref().map(|mark| mark.names.clone()).unwrap_or_default();
    names.push(release.label());
    let folder = format!("state/{package}");
    for file in files.list(&folder)? {
        let state: Option<EnvironmentState> = layout::read(files, &format!("{folder}/{file}"))?;
        let known = state.iter().flat_map(|state| &state.healthy).map(|healthy| &healthy.release);
        names.extend(known.filter(|known| known.pin.same_build(&release.pin)).map(Release::label));
    }
    names.sort();
    names.dedup();
    let mark = match before {
        // Whoever said it first is remembered.
        Some(before) => BadBuild { names, ..before },
        None => BadBuild {
            release: release.clone(),
            names,
            by: event.actor.clone(),
            since: event.at,
            reason: event.reason.clone(),
            event: event.id.clone(),
            rest: Map::new(),
        },
    };
    changes.insert(path, Some(layout::write(&mark)?));
    Ok(())
}

/// Takes away every mark that says this build is bad.
fn unmark(
    package: &str,
    pin: &Pin,
    files: &dyn Files,
    changes: &mut BTreeMap<String, Option<String>>,
) -> Result<()> {
    for (path, mark) in marks(package, files)? {
        if mark.release.pin.same_build(pin) {
            changes.insert(path, None);
        }
    }
    Ok(())
}

/// The marks of a package, with their files.
pub(super) fn marks(package: &str, files: &dyn Files) -> Result<Vec<(String, BadBuild)>> {
    let folder = format!("bad/{package}");
    let newest = layout::bad_chain(package);
    let paths = files.list(&folder)?.into_iter().map(|file| format!("{folder}/{file}"));
    let mut found = Vec::new();
    for path in paths.filter(|path| *path != newest) {
        found.extend(layout::read(files, &path)?.map(|mark| (path, mark)));
    }
    Ok(found)
}
