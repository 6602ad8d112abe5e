//! The commits of a range with what they say and what they touch. Leans on `git` and `model`.

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

/// Reads commits; remembers which paths they changed, because every package asks again.
pub(super) struct Reader<'w> {
    repo: &'w Repo,
    config: &'w Config,
    paths: RefCell<HashMap<CommitId, Rc<[String]>>>,
}

impl<'w> Reader<'w> {
    pub(super) fn new(repo: &'w Repo, config: &'w Config) -> Self {
        Reader { repo, config, paths: RefCell::default() }
    }

    /// Reads the commits of a range for a package, by the law of bumps that holds.
    pub(super) fn read(
        &self,
        links: Vec<Link>,
        package: &Package,
        tags: &[RawTag],
        table: &BumpTable,
    ) -> Result<Vec<Commit>> {
        links.into_iter().map(|link| self.commit(link, package, tags, table)).collect()
    }

    fn commit(&self, link: Link, package: &Package, tags: &[RawTag], table: &BumpTable) -> Result<Commit> {
        let single = link.parents.len() == 1;
        let message = Message::parse(&self.repo.message(link.id)?, table, single);
        let own = self.own(&link, &message, tags)?;
        // A merge never counts, so nobody needs its paths.
        let touches = match &package.rule {
            Some(_) if link.parents.len() > 1 => false,
            Some(rule) => self.changed(&link)?.iter().any(|path| owns(self.config, rule, path)),
            None => true,
        };
        Ok(Commit { id: link.id, parents: link.parents, message, touches, own })
    }

    /// One of `rel`'s own release commits (V30): it names a tag that points at it, and touches nothing but what `rel`
    /// writes. Anybody can write a trailer.
    pub(super) fn own(&self, link: &Link, message: &Message, tags: &[RawTag]) -> Result<bool> {
        match message.rel_release.as_deref() {
            Some(tag) if link.parents.len() == 1 && points_at(tags, tag, link.id) => {
                Ok(self.changed(link)?.iter().all(|path| self.config.writes(path)))
            }
            _ => Ok(false),
        }
    }

    /// The paths that a commit changed against its first parent.
    fn changed(&self, link: &Link) -> Result<Rc<[String]>> {
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

/// The package whose path is the longest owns a file; an exclusion leaves it to nobody (V17).
pub(super) fn owns(config: &Config, rule: &PackageRule, path: &str) -> bool {
    let Some(reach) = rule.paths.reach(path) else { return false };
    let longer = config.packages.iter().any(|other| other.paths.reach(path) > Some(reach));
    !longer && !rule.exclude.matches(path)
}
