//! The queue of events that could not be recorded: one file each, and one line of text that another machine can send.

use super::Ledger;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{Event, EventId};
use std::path::PathBuf;

impl Ledger<'_> {
    /// Returns the pending events of this clone, oldest first.
    ///
    /// # Errors
    ///
    /// 4 if a file cannot be read or is not an event.
    pub fn pending(&self) -> Result<Vec<Event>> {
        let folder = &self.pending_folder;
        let mut events = self.unkept.clone();
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(events) };
        for entry in entries {
            let file = entry.context(Kind::Refused, format!("cannot read {}", folder.display()))?.path();
            if file.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = std::fs::read_to_string(&file)
                .context(Kind::Refused, format!("cannot read {}", file.display()))?;
            events.push(serde_json::from_str(&text).map_err(|error| {
                Error::refused(format!("{} is not an event", file.display()))
                    .cause(error)
                    .hint("the file may be damaged or edited; delete it only if its event is not needed")
            })?);
        }
        events.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(events)
    }

    /// Writes events into the queue. Returns the line that `rel sync -` reads on any machine. Where the queue cannot be
    /// written, this process keeps them, and the line is shown at once: it is all that is left if this process ends.
    pub(super) fn write_pending(&mut self, events: &[Event]) -> Result<String> {
        let line = to_line(events)?;
        if let Err(error) = self.write_files(events) {
            let ui = self.context.ui();
            let why = error.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
            ui.warning(format!("{}{why}; keep this line, `rel sync -` sends it:", error.message));
            ui.sync_line(&line);
            self.unkept.extend_from_slice(events);
        }
        Ok(line)
    }

    fn write_files(&self, events: &[Event]) -> Result<()> {
        let folder = &self.pending_folder;
        for event in events {
            let text = serde_json::to_string(event).context(Kind::Defect, "cannot write an event as JSON")?;
            let file = self.pending_file(&event.id);
            let write = || -> std::io::Result<()> {
                std::fs::create_dir_all(folder)?;
                // A process that dies in between leaves no half-written event.
                let part = file.with_extension("part");
                let written = std::fs::write(&part, &text).and_then(|()| std::fs::rename(&part, &file));
                written.inspect_err(|_| drop(std::fs::remove_file(&part)))
            };
            write().context(Kind::Refused, format!("cannot write {}", file.display()))?;
        }
        self.context.ui().something_changed();
        Ok(())
    }

    /// Removes a recorded event from the queue, if it is there. One that cannot be deleted is no reason to stop: when it is
    /// sent again, it is found to be recorded.
    pub(super) fn remove_pending(&mut self, id: &EventId) {
        self.unkept.retain(|event| event.id != *id);
        let file = self.pending_file(id);
        if let Err(error) = std::fs::remove_file(&file)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            let file = file.display();
            self.context.ui().warning(format!("{file} is recorded, and cannot be deleted: {error}"));
        }
    }

    /// Returns the file of an event in the queue.
    pub(super) fn pending_file(&self, id: &EventId) -> PathBuf {
        self.pending_folder.join(format!("{id}.json"))
    }
}

/// Returns events as one line of JSON that can be pasted into a shell between single quotes.
fn to_line(events: &[Event]) -> Result<String> {
    let text = serde_json::to_string(events).context(Kind::Defect, "cannot write an event as JSON")?;
    Ok(text.replace('\'', "\\u0027"))
}

/// Parses the lines that rollbacks printed.
///
/// # Errors
///
/// 2, with the number of the line, if one is not such a line.
pub fn parse_pending_lines(text: &str) -> Result<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parsed: Vec<Event> = serde_json::from_str(line.trim()).map_err(|error| {
            Error::usage(format!("line {} is not a pending event", number + 1))
                .cause(error)
                .hint("paste every line that was printed, whole")
        })?;
        events.extend(parsed);
    }
    Ok(events)
}
