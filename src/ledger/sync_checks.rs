//! Which pending events may be recorded: operations that were really under way. A line may come from anywhere.

use super::commit::check_format;
use super::synced_events::{PendingEvent, Search};
use super::{Ledger, identity};
use crate::config::is_name;
use crate::error::{Error, Result};
use crate::model::{Event, EventKind, FORMAT, State};

impl Ledger<'_> {
    /// Checks events before they are recorded late.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, combined: 5 if an event belongs to another repository or is no operation that was under way;
    /// 4 if a newer version of rel made it; 2 if it names an environment or a package that does not exist.
    pub(super) fn check_pending(&self, events: &[PendingEvent]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        check_format(self.snapshot())?;
        let own = identity::repository_identity(self)?;
        let mut errors = Vec::new();
        for pending in events {
            let event = &pending.event;
            if event.repository != own {
                errors.push(
                    Error::conflict(format!("event {} belongs to another repository", event.id))
                        .cause(format!("it belongs to {}, and this is {}", event.repository.name, own.name)),
                );
                continue;
            }
            let checked = of_this_format(event)
                .and_then(|()| self.check_names(pending))
                .and_then(|()| self.check_operation(pending, events));
            if let Err(error) = checked {
                errors.push(if pending.own { self.with_its_file(error, event) } else { error });
            }
        }
        Error::combine("nothing was recorded", errors).map_or(Ok(()), Err)
    }

    /// Adds to an error how to go on without an event that this clone kept: nothing else is recorded before it is gone.
    fn with_its_file(&self, error: Error, event: &Event) -> Error {
        error.hint(format!(
            "rm {}   # only if that event is not needed",
            self.pending_file(&event.id).display()
        ))
    }

    /// Checks the names of package and environment. Those of a line must be in release.toml.
    fn check_names(&self, pending: &PendingEvent) -> Result<()> {
        let event = &pending.event;
        let (Some(package), Some(environment)) = (&event.package, &event.environment) else {
            return Err(not_an_operation(event));
        };
        for name in [package, environment] {
            if !is_name(name) {
                return Err(Error::usage(format!(
                    "event {} names {name:?}, which is not a valid name",
                    event.id
                )));
            }
        }
        if pending.own {
            return Ok(());
        }
        let config = self.config();
        let packages: Vec<&str> = match config.packages.as_slice() {
            [] => config.name.iter().map(String::as_str).collect(),
            several => several.iter().map(|rule| rule.name.as_str()).collect(),
        };
        let environments: Vec<&str> = config.environments.names().collect();
        for (what, name, known) in
            [("environment", environment, environments), ("package", package, packages)]
        {
            if !known.contains(&name.as_str()) {
                return Err(Error::usage(format!("event {}: there is no {what} {name}", event.id))
                    .cause(format!("release.toml defines {}", known.join(", "))));
            }
        }
        Ok(())
    }

    /// Checks that an event belongs to an operation that was under way: a rollback, or the end of an operation whose start is
    /// recorded or among `events`. What this clone kept may also be a start whose end is missing.
    fn check_operation(&self, pending: &PendingEvent, events: &[PendingEvent]) -> Result<()> {
        let event = &pending.event;
        if !matches!(event.kind, EventKind::Deploy | EventKind::Promote | EventKind::Rollback) {
            return Err(not_an_operation(event));
        }
        let missing = match &event.state {
            None => Some("it has no state".to_owned()),
            Some(State::Other(word)) => Some(format!("its state is {word}")),
            Some(State::Deploying) if event.operation.is_some() => Some("it ends nothing".to_owned()),
            Some(_) => event.release.is_none().then(|| "it has no release".to_owned()),
        };
        if let Some(missing) = missing {
            return Err(Error::conflict(format!("event {} is not complete: {missing}", event.id))
                .hint("paste every line that was printed, whole"));
        }
        let among = |is: &dyn Fn(&Event) -> bool| events.iter().any(|other| is(&other.event));
        let Some(id) = &event.operation else {
            let ended = among(&|other| other.operation.as_ref() == Some(&event.id));
            if event.kind == EventKind::Rollback || pending.own || (event.is_start() && ended) {
                return Ok(());
            }
            return Err(if event.is_start() {
                Error::conflict(format!("event {} starts a {} whose end is missing", event.id, event.kind))
                    .hint("paste every line that was printed, whole")
            } else {
                Error::conflict(format!("event {} is a {} that rel did not carry out", event.id, event.kind))
                    .cause("rel sync - takes only operations that were under way")
                    .hint("run `rel sync` in the clone where it was recorded")
            });
        };
        // An operation ends once; `unlock` does not say how it ended.
        let ends_it = |other: &Event| {
            other.operation.as_ref() == Some(id) && other.kind == event.kind && other.id != event.id
        };
        // Nothing that is older than a start of this clone can be an end of it.
        let own_start = events.iter().find(|other| other.own && other.event.id == *id);
        let since = own_start.and_then(|start| start.event.previous).filter(|_| pending.own);
        let recorded =
            self.find_in_chain(event, Search::Chain, since, &|other| other.id == *id || ends_it(other))?;
        if recorded.as_ref().is_some_and(ends_it) || among(&ends_it) {
            return Err(Error::conflict(format!(
                "event {} is another end of the {} {id}, which ended before",
                event.id, event.kind
            )));
        }
        let start = events.iter().map(|other| &other.event).find(|other| other.id == *id).cloned();
        let start = start.or(recorded);
        let matches = |start: &Event| {
            start.is_start()
                && (&start.kind, &start.package, &start.environment)
                    == (&event.kind, &event.package, &event.environment)
                && start.release.as_ref().map(|release| &release.pin)
                    == event.release.as_ref().map(|release| &release.pin)
        };
        if start.as_ref().is_some_and(matches) {
            return Ok(());
        }
        Err(Error::conflict(format!(
            "event {} ends a {} that was never started: {id} is not its start",
            event.id, event.kind
        ))
        .hint("paste every line that was printed, whole"))
    }
}

/// Returns the error for an event that only its author may record, and only at once.
fn not_an_operation(event: &Event) -> Error {
    let author = &event.actor.id;
    Error::conflict(format!(
        "event {} was made by {author}, and is not a deploy, promotion or rollback",
        event.id
    ))
    .cause(format!("it is of kind {}; only an operation can be recorded later", event.kind))
    .hint(format!("ask {} to run the command again", event.actor.label()))
}

/// Refuses an event of another format than this program writes.
fn of_this_format(event: &Event) -> Result<()> {
    if event.format == FORMAT {
        return Ok(());
    }
    Err(Error::refused(format!(
        "event {} has format {}, and this version of rel writes format {FORMAT}",
        event.id, event.format
    ))
    .hint("run `rel sync` with the version of rel that made the event"))
}
