//! Writes the commit of an event, signed if the configuration or the ledger asks for it.

use super::commit_message::commit_message;
use super::event_builder::EventBuilder;
use super::snapshot::Snapshot;
use super::{ConfigSource, Ledger, identity};
use crate::error::{Error, Result};
use crate::git::{Sign, Writer};
use crate::model::{Event, EventId, FORMAT, Person};

impl Ledger<'_> {
    /// Writes the commit of an event on a snapshot. It stays local until it is pushed.
    ///
    /// # Errors
    ///
    /// 4 if the ledger has a newer format, which is read but never written, if the signature would not be accepted, or if
    /// `--config` may not decide what is recorded.
    pub(super) fn commit(&self, event: &Event, on: &Snapshot) -> Result<Snapshot> {
        check_format(on)?;
        let (environment, package) = (event.environment.as_deref(), event.package.as_deref());
        self.active_config.check_may_record(self.context, environment, package)?;
        let repo = &self.store.repo;
        let tree = Writer::new(repo).write_tree(on.tip(), &on.changes(event)?)?;
        let message = commit_message(event);
        let commit = if self.signs()? {
            let commit = Writer::new(repo).write_commit(on.tip(), tree, &message, Sign::Always)?;
            self.store.verify_signature(commit).map_err(|error| {
                Error::refused("your signing key is not an allowed signer of the ledger")
                    .cause(error)
                    .hint("add your key to the file that [ledger] allowed_signers names")
            })?;
            commit
        } else {
            Writer::new(repo).write_unsigned_commit(on.tip(), tree, &message, &self.committer(event)?)?
        };
        Snapshot::new(repo, Some(commit))
    }

    fn signs(&self) -> Result<bool> {
        match (self.active_config.config.ledger.sign, self.store.needs_signatures()) {
            (Some(false), true) => Err(Error::usage("[ledger] has both sign = false and allowed_signers")
                .cause("every reader would reject an event without a signature")
                .hint("remove one of the two")),
            (Some(sign), _) => Ok(sign),
            (None, true) => Ok(true),
            (None, false) => self.context.repo()?.signs_commits(),
        }
    }

    /// Returns git's own committer, so that forges recognise the address; else the actor.
    fn committer(&self, event: &Event) -> Result<Person> {
        let seconds = event.at.seconds();
        if let Some((name, email)) = self.context.repo()?.configured_user() {
            return Ok(Person { name, email, seconds });
        }
        let id = &event.actor.id;
        let email =
            if id.contains('@') { id.clone() } else { format!("{}@rel.invalid", id.replace(':', ".")) };
        Ok(Person { name: event.actor.label().to_owned(), email, seconds })
    }

    /// Returns what all events of this command have in common.
    ///
    /// # Errors
    ///
    /// Those of [`identity::repository_identity`].
    pub(super) fn event_builder(&self) -> Result<EventBuilder> {
        let overrides = match &self.active_config.source {
            ConfigSource::File(file) => vec![format!("--config {file}")],
            _ => Vec::new(),
        };
        Ok(EventBuilder {
            repository: identity::repository_identity(self)?,
            actor: self.actor()?.clone(),
            host: self.context.hostname(),
            at: self.context.now()?,
            config: Some(self.active_config.hash.clone()),
            overrides,
        })
    }

    /// Returns the id of the event with this number in the command. An event that is sent again keeps its id.
    pub(super) fn event_id(&mut self, number: usize) -> Result<EventId> {
        while self.ids.len() <= number {
            let milliseconds = self.context.now_in_milliseconds()?;
            // The events of one command sort in the order in which they were made.
            let order = u64::try_from(self.ids.len()).unwrap_or(0).min(999);
            self.ids.push(EventId::new(milliseconds + order, self.context.random_bits()?));
        }
        self.ids.get(number).cloned().ok_or_else(|| Error::defect("an event has no id"))
    }
}

/// Refuses to write a ledger of a newer format.
///
/// # Errors
///
/// 4 if the ledger has one.
pub(super) fn check_format(on: &Snapshot) -> Result<()> {
    let format = on.format()?;
    if format <= FORMAT {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the ledger has format {format}, and this version of rel writes format {FORMAT}"
    ))
    .hint("update rel: a newer version wrote the ledger"))
}
