//! Events that could not be recorded, kept until they can be: one file each, and one line that travels. Leans on `model`.

use super::Ledger;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{Event, EventId};
use std::path::PathBuf;

impl Ledger<'_> {
    /// The events that wait here, oldest first.
    pub fn pending(&self) -> Result<Vec<Event>> {
        let folder = self.pending_folder();
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(Vec::new()) };
        let mut events: Vec<Event> = Vec::new();
        for entry in entries {
            let file = entry.context(Kind::Refused, format!("{} cannot be read", folder.display()))?.path();
            if file.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = std::fs::read_to_string(&file)
                .context(Kind::Refused, format!("{} cannot be read", file.display()))?;
            events.push(serde_json::from_str(&text).map_err(|error| {
                Error::refused(format!("{} is no event", file.display()))
                    .cause(error)
                    .hint("it was changed by hand; take it away if it is not wanted")
            })?);
        }
        events.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(events)
    }

    /// Keeps events here; what comes back is the line that `rel sync -` takes on any machine.
    pub(super) fn keep(&self, events: &[Event]) -> Result<String> {
        let folder = self.pending_folder();
        for event in events {
            let text = serde_json::to_string(event).context(Kind::Defect, "an event cannot be written")?;
            let file = self.pending_file(&event.id);
            let write = || -> std::io::Result<()> {
                std::fs::create_dir_all(&folder)?;
                // Whoever dies in between leaves no half of an event.
                let half = file.with_extension("part");
                std::fs::write(&half, &text)?;
                std::fs::rename(&half, &file)
            };
            write().context(Kind::Refused, format!("{} cannot be written", file.display()))?;
        }
        line(events)
    }

    /// Lets an event go that was recorded.
    pub(super) fn release(&self, id: &EventId) -> Result<()> {
        let file = self.pending_file(id);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context(Kind::Refused, format!("{} cannot be taken away", file.display()))
            }
            _ => Ok(()),
        }
    }

    fn pending_folder(&self) -> PathBuf {
        self.folder().join("pending")
    }

    fn pending_file(&self, id: &EventId) -> PathBuf {
        self.pending_folder().join(format!("{id}.json"))
    }
}

/// One line of JSON, which a shell takes between single quotes as it is.
fn line(events: &[Event]) -> Result<String> {
    let text = serde_json::to_string(events).context(Kind::Defect, "an event cannot be written")?;
    Ok(text.replace('\'', "\\u0027"))
}

/// Reads such lines.
///
/// # Errors
///
/// 2, with the number of the line.
pub fn read(text: &str) -> Result<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read: Vec<Event> = serde_json::from_str(line.trim()).map_err(|error| {
            Error::usage(format!("line {} is no event that was kept", number + 1))
                .cause(error)
                .hint("it is the line that the rollback printed below UNRECORDED, whole")
        })?;
        events.extend(read);
    }
    Ok(events)
}
