//! The door of the room: all registries of a repository's configuration, opened once for a command. What is asked here is
//! asked in parallel, under one deadline, and without an async word outside. Leans on the other files of the room.

use super::credentials::{Credentials, Login};
use super::host::Host;
use super::layout::Layout;
use super::manifest::Platform;
use super::order::{Detail, ImageReference, Resolution, RetagRequest, RetaggedImage};
use super::patience::Deadline;
use super::remote::Remote;
use super::secret::Mask;
use super::shelf::Shelf;
use super::site::Site;
use super::wire::Wire;
use super::{look, retag};
use crate::context::Context;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{Digest, Reference, Repository};
use futures_util::future::join_all;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a command waits for registries, where nothing else was said.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(120);
/// So long nobody wonders what is being waited for.
const UNREMARKED: Duration = Duration::from_secs(1);

/// The registries that a command works with.
pub struct Registries<'w> {
    context: &'w Context,
    deadline: Deadline,
    credentials: Rc<Credentials>,
    mask: Rc<Mask>,
    hosts: RefCell<HashMap<String, Rc<Host<'w>>>>,
    /// Taken out only when all is over.
    runtime: Option<Runtime>,
}

impl<'w> Registries<'w> {
    /// Opens them. Nothing is sent yet. `deadline` is for everything that is asked of them together.
    ///
    /// # Errors
    ///
    /// Credentials are given in a way that does not say for which registry (2), or a file of credentials cannot be
    /// read (4).
    pub fn open(context: &'w Context, deadline: Duration, login: Option<Login>) -> Result<Self> {
        let mut hosts: Vec<String> = Vec::new();
        for host in context.config()?.images.iter().filter_map(|image| image.repository.host()) {
            if !hosts.iter().any(|other| other == host) {
                hosts.push(host.to_owned());
            }
        }
        let credentials = Rc::new(Credentials::new(context, login, &hosts)?);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context(Kind::Refused, "this machine gives no means to wait for answers")?;
        let (mask, hosts) = (Rc::default(), RefCell::default());
        let deadline = Deadline::new(deadline);
        Ok(Registries { context, deadline, credentials, mask, hosts, runtime: Some(runtime) })
    }

    /// What names stand for, in the order of the questions.
    pub fn resolve(&self, wanted: &[ImageReference], look: Detail) -> Vec<Resolution> {
        self.each(
            wanted,
            |wanted| (&wanted.repository, false),
            async |shelf, wanted| Ok(look::resolve(&shelf, wanted, look).await),
        )
        .into_iter()
        .map(|result| result.unwrap_or_else(Resolution::Unknown))
        .map(|finding| match finding {
            Resolution::Unknown(error) => Resolution::Unknown(self.mask.cover(error)),
            other => other,
        })
        .collect()
    }

    /// Gives digests their tags, in the order of the orders. One that fails stops no other.
    ///
    /// # Errors
    ///
    /// Of each: a version tag or the source tag names another digest (5), the source is missing (7), the registry cannot
    /// be reached, does not let us in or answers nonsense (6).
    pub fn retag(&self, orders: &[RetagRequest]) -> Vec<Result<RetaggedImage>> {
        let progress = self.context.ui().progress();
        let ended = Cell::new(0_usize);
        let show = || progress.at(&format!("{} of {} images", ended.get(), orders.len()));
        show();
        self.each(
            orders,
            |order| (&order.repository, true),
            async |shelf, order| {
                let result = retag::retag(&shelf, order).await;
                ended.set(ended.get() + 1);
                show();
                result
            },
        )
    }

    /// What `retag` would answer now, without writing: the source is there, and no version tag names another digest.
    ///
    /// # Errors
    ///
    /// As those of `retag`.
    pub fn check_retag(&self, orders: &[RetagRequest]) -> Vec<Result<RetaggedImage>> {
        self.each(
            orders,
            |order| (&order.repository, true),
            async |shelf, order| retag::check_retag(&shelf, order).await,
        )
    }

    /// Those of some tags that exist, in their order; for messages only, so that a registry that does not answer has none.
    pub fn existing(&self, repository: &Repository, tags: &[String]) -> Vec<String> {
        let wanted =
            |tag: &String| ImageReference { repository: repository.clone(), reference: Reference::tag(tag) };
        let wanted: Vec<ImageReference> = tags.iter().map(wanted).collect();
        let findings = self.resolve(&wanted, Detail::Digest);
        let there = tags.iter().zip(findings).filter(|(_, finding)| matches!(finding, Resolution::Found(_)));
        there.map(|(tag, _)| tag.clone()).collect()
    }

    /// The commit that every platform of an image says it was built from (`org.opencontainers.image.revision`, an
    /// annotation or a label); `None` where it does not say.
    ///
    /// # Errors
    ///
    /// The image or a platform of it is missing (7); the registry cannot be asked (6).
    pub fn revisions(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Vec<(Platform, Option<String>)>> {
        let ask = [(repository, digest)];
        let found = self.each(
            &ask,
            |(repository, _)| (*repository, false),
            async |shelf, (repository, digest)| look::revisions(&shelf, repository, digest).await,
        );
        found.into_iter().next().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Does something with each of several things, all at once. `place` says in which repository, and whether it writes.
    fn each<'t, T, R>(
        &self,
        things: &'t [T],
        place: impl Fn(&'t T) -> (&'t Repository, bool),
        act: impl AsyncFn(Shelf<'w>, &'t T) -> Result<R>,
    ) -> Vec<Result<R>> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        // All shelves first: what is going to be done is known before the first token is asked for.
        let shelves: Vec<Result<Shelf<'w>>> = things
            .iter()
            .map(|thing| {
                let (repository, writes) = place(thing);
                self.shelf(repository, writes)
            })
            .collect();
        let asked = things.iter().map(&place).filter(|(_, writes)| !writes).map(|(repository, _)| repository);
        let hosts: BTreeSet<&str> = asked.filter_map(Repository::host).collect();
        let works = things.iter().zip(shelves).map(|(thing, shelf)| async {
            let result = match shelf {
                Ok(shelf) => act(shelf, thing).await,
                Err(error) => Err(error),
            };
            result.map_err(|error| self.mask.cover(error))
        });
        runtime.block_on(async {
            let mut works = pin!(join_all(works));
            if let Ok(done) = tokio::time::timeout(UNREMARKED, &mut works).await {
                return done;
            }
            // What writes shows how far it is.
            if !hosts.is_empty() {
                let hosts: Vec<&str> = hosts.into_iter().collect();
                let left = self.deadline.left().as_secs_f64().ceil();
                self.context.ui().status(format!("waiting for {}, {left} s at most", hosts.join(", ")));
            }
            works.await
        })
    }

    fn shelf(&self, repository: &Repository, writes: bool) -> Result<Shelf<'w>> {
        match repository {
            Repository::Layout(folder) => {
                Layout::open(self.context, folder, self.deadline).map(Shelf::Layout)
            }
            Repository::Registry { host, path } => {
                let host = self.host(host, path)?;
                host.announce(path, writes);
                let (repository, path) = (repository.clone(), path.clone());
                Ok(Shelf::Remote(Remote { host, repository, path }))
            }
        }
    }

    fn host(&self, name: &str, path: &str) -> Result<Rc<Host<'w>>> {
        let area = self.credentials.area(name, path);
        if let Some(host) = self.hosts.borrow().get(&area) {
            return Ok(Rc::clone(host));
        }
        let rule = self.context.config()?.registries.get(name).cloned().unwrap_or_default();
        let ca = rule.ca.as_ref().map(|file| self.inside(file)).transpose()?;
        let wire = Wire::new(self.context.ui(), Rc::clone(&self.mask), self.deadline, ca);
        let host = Host::new(Site::new(name, rule)?, wire, Rc::clone(&self.credentials), area.clone());
        let host = Rc::new(host);
        self.hosts.borrow_mut().insert(area, Rc::clone(&host));
        Ok(host)
    }

    /// A file of the work tree that links do not lead out of it.
    fn inside(&self, file: &str) -> Result<std::path::PathBuf> {
        let top = self.context.repo()?.work_tree().unwrap_or_else(|| self.context.folder().to_owned());
        let path = top.join(file);
        let real = path.canonicalize().context(Kind::Usage, format!("{file} cannot be read"))?;
        let top = top.canonicalize().context(Kind::Refused, "the work tree cannot be read")?;
        if real.starts_with(&top) {
            Ok(real)
        } else {
            Err(Error::usage(format!("{file} lies outside of the work tree")))
        }
    }
}

impl Drop for Registries<'_> {
    /// A name server that does not answer would hold up the end of the program.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
