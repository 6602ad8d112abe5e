//! Which files an event changes, and how. The same code writes the ledger and verifies it.

use super::transitions::{next_environment_state, next_global_state};
use super::tree_layout::{
    EVENT_FILE, FORMAT_FILE, FileChange, Files, bad_chain_file, bad_file, global_file, read_json, state_file,
    to_json,
};
use crate::error::{Kind, Result};
use crate::model::{BadBuild, EnvironmentState, Event, EventKind, FORMAT, GlobalState, Pin, Release};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The newest event of a package's `bad` and `good` events, which have no other state.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BadChain {
    /// The event.
    pub(super) newest: Event,
    /// Keys that this program does not know.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// Returns the files that an event changes, sorted by path.
///
/// # Errors
///
/// 5 if a file of the ledger cannot be parsed.
pub fn fold(event: &Event, files: &dyn Files) -> Result<Vec<FileChange>> {
    let mut changes = BTreeMap::new();
    if files.read(FORMAT_FILE)?.is_none() {
        changes.insert(FORMAT_FILE.to_owned(), Some(format!("{FORMAT}\n")));
    }
    changes.insert(EVENT_FILE.to_owned(), Some(to_json(event)?));
    match (event.package.as_deref(), event.environment.as_deref()) {
        (Some(package), Some(environment)) => {
            let path = state_file(package, environment);
            let before: Option<EnvironmentState> = read_json(files, &path)?;
            let after = next_environment_state(before, event);
            changes.insert(path, Some(to_json(&after)?));
            let known = !matches!(event.kind, EventKind::Other(_));
            if let Some(from) = event.from.as_ref().filter(|_| event.bad && known) {
                mark_bad(event, package, from, files, &mut changes)?;
            }
        }
        (Some(package), None) => {
            let path = bad_chain_file(package);
            let rest = read_json::<BadChain>(files, &path)?.map(|chain| chain.rest).unwrap_or_default();
            changes.insert(path, Some(to_json(&BadChain { newest: event.clone(), rest })?));
            match (&event.kind, &event.release) {
                (EventKind::Bad, Some(release)) => mark_bad(event, package, release, files, &mut changes)?,
                (EventKind::Good, Some(release)) => remove_marks(package, &release.pin, files, &mut changes)?,
                _ => {}
            }
        }
        (None, environment) => {
            let path = global_file(environment);
            let before: Option<GlobalState> = read_json(files, &path)?;
            changes.insert(path, Some(to_json(&next_global_state(before, event))?));
            if let Some(environment) = environment {
                lift_for_packages(event, environment, files, &mut changes)?;
            }
        }
    }
    Ok(changes.into_iter().collect())
}

/// Removes the holds or freezes of all packages in an environment, if the event ends that of the whole environment.
fn lift_for_packages(
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
        let path = state_file(&package, environment);
        let Some(mut state) = read_json::<EnvironmentState>(files, &path)? else { continue };
        let lifted = (unhold && state.hold.take().is_some()) || (thaw && state.freeze.take().is_some());
        if lifted {
            changes.insert(path, Some(to_json(&state)?));
        }
    }
    Ok(())
}

/// Marks a build as bad, with every name under which it was healthy.
fn mark_bad(
    event: &Event,
    package: &str,
    release: &Release,
    files: &dyn Files,
    changes: &mut BTreeMap<String, Option<String>>,
) -> Result<()> {
    let path = bad_file(package, release.pin.commit);
    let before: Option<BadBuild> = read_json(files, &path)?;
    let mut names = before.as_ref().map(|mark| mark.names.clone()).unwrap_or_default();
    names.push(release.label());
    let folder = format!("state/{package}");
    for file in files.list(&folder)? {
        let state: Option<EnvironmentState> = match read_json(files, &format!("{folder}/{file}")) {
            // What is wrong with another environment must not keep a rollback from being recorded.
            Err(error) if error.kind == Kind::Conflict => None,
            read => read?,
        };
        let known = state.iter().flat_map(|state| &state.healthy).map(|healthy| &healthy.release);
        names.extend(
            known.filter(|known| known.pin.same_commit_or_all_digests(&release.pin)).map(Release::label),
        );
    }
    names.sort();
    names.dedup();
    let mark = match before {
        // The first mark counts.
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
    changes.insert(path, Some(to_json(&mark)?));
    Ok(())
}

/// Removes every mark of this build.
fn remove_marks(
    package: &str,
    pin: &Pin,
    files: &dyn Files,
    changes: &mut BTreeMap<String, Option<String>>,
) -> Result<()> {
    for (path, mark) in bad_builds(package, files)? {
        if mark.release.pin.same_commit_or_all_digests(pin) {
            changes.insert(path, None);
        }
    }
    Ok(())
}

/// Returns the builds of a package that are marked bad, with the paths of their files.
pub(super) fn bad_builds(package: &str, files: &dyn Files) -> Result<Vec<(String, BadBuild)>> {
    let folder = format!("bad/{package}");
    let newest = bad_chain_file(package);
    let paths = files.list(&folder)?.into_iter().map(|file| format!("{folder}/{file}"));
    let mut found = Vec::new();
    for path in paths.filter(|path| *path != newest) {
        found.extend(read_json(files, &path)?.map(|mark| (path, mark)));
    }
    Ok(found)
}
