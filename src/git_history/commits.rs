//! Reads the commits of a range: what their messages say, and which paths they changed.

use super::package::Package;
use crate::config::{Config, PackageRule};
use crate::error::Result;
use crate::git::{Link, RawTag, Repo, Target};
use crate::model::message::Message;
use crate::model::{BumpTable, CommitId};
use crate::version::Commit;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Paths that commits changed, by commit.
type PathCache = RefCell<HashMap<CommitId, Rc<[String]>>>;

/// Reads commits, and keeps what it read: every package of a repository asks for the same ones, and so do notes after the
/// version.
pub struct CommitReader<'w> {
    repo: &'w Repo,
    config: &'w Config,
    /// The bump rules that messages are parsed with.
    table: BumpTable,
    messages: RefCell<HashMap<CommitId, Rc<Message>>>,
    paths: Rc<PathCache>,
}

impl<'w> CommitReader<'w> {
    /// A reader that has read nothing yet.
    pub fn new(repo: &'w Repo, config: &'w Config, table: BumpTable) -> Self {
        CommitReader { repo, config, table, messages: RefCell::default(), paths: Rc::default() }
    }

    /// A reader that parses messages with other bump rules. Both share the paths that were read.
    pub(super) fn with_table(&self, table: BumpTable) -> Self {
        let paths = Rc::clone(&self.paths);
        CommitReader { repo: self.repo, config: self.config, table, messages: RefCell::default(), paths }
    }

    /// Reads the commits of a range for a package.
    pub(super) fn read(&self, links: Vec<Link>, package: &Package, tags: &[RawTag]) -> Result<Vec<Commit>> {
        links.into_iter().map(|link| self.commit(link, package, tags)).collect()
    }

    fn commit(&self, link: Link, package: &Package, tags: &[RawTag]) -> Result<Commit> {
        let message = self.message(&link)?;
        let own = self.is_release_commit(&link, tags)?;
        // A merge never counts, so its paths are not needed.
        let touches = match &package.rule {
            Some(_) if link.parents.len() > 1 => false,
            Some(rule) => self.changed_paths(&link)?.iter().any(|path| owns(self.config, rule, path)),
            None => true,
        };
        Ok(Commit { id: link.id, parents: link.parents, message, touches, own })
    }

    /// The parsed message of a commit.
    pub(super) fn message(&self, link: &Link) -> Result<Rc<Message>> {
        if let Some(message) = self.messages.borrow().get(&link.id) {
            return Ok(Rc::clone(message));
        }
        let text = self.repo.message(link.id)?;
        let message = Rc::new(Message::parse(&text, &self.table, link.parents.len() == 1));
        self.messages.borrow_mut().insert(link.id, Rc::clone(&message));
        Ok(message)
    }

    /// Whether a commit is one of `rel`'s own release commits (V30): it names a tag that points at it, and changes only
    /// files that `rel` writes. The trailer is not enough, because anybody can write one.
    pub fn is_release_commit(&self, link: &Link, tags: &[RawTag]) -> Result<bool> {
        self.is_release_commit_of(link, tags, false)
    }

    /// The same for a commit that may be `tagged`: a tag is known to point at it. A release commit of several packages names a tag for each, and this
    /// clone may lack the others.
    pub(super) fn is_release_commit_of(&self, link: &Link, tags: &[RawTag], tagged: bool) -> Result<bool> {
        match self.message(link)?.rel_release.as_deref() {
            Some(name) if link.parents.len() == 1 && (tagged || points_at(tags, name, link.id)) => {
                Ok(self.changed_paths(link)?.iter().all(|path| self.config.writes(path)))
            }
            _ => Ok(false),
        }
    }

    /// Whether the message of a commit names a release, so that it may be one of `rel`'s own.
    pub(super) fn names_release(&self, commit: CommitId) -> Result<bool> {
        let text = self.repo.message(commit)?;
        Ok(Message::parse(&text, &self.table, true).rel_release.is_some())
    }

    /// The paths that a commit changed against its first parent.
    fn changed_paths(&self, link: &Link) -> Result<Rc<[String]>> {
        if let Some(paths) = self.paths.borrow().get(&link.id) {
            return Ok(Rc::clone(paths));
        }
        let paths: Rc<[String]> = self.repo.changed_paths(link.id, link.parents.first().copied())?.into();
        self.paths.borrow_mut().insert(link.id, Rc::clone(&paths));
        Ok(paths)
    }
}

fn points_at(tags: &[RawTag], name: &str, commit: CommitId) -> bool {
    tags.iter().any(|tag| tag.name.as_str() == name && tag.target == Target::Commit(commit))
}

/// Whether a package owns a file: its matching path is the longest of all packages, and it does not exclude the file (V17).
pub(super) fn owns(config: &Config, rule: &PackageRule, path: &str) -> bool {
    let Some(reach) = rule.paths.reach(path) else { return false };
    let longer = config.packages.iter().any(|other| other.paths.reach(path) > Some(reach));
    !longer && !rule.exclude.matches(path)
}
