//! All registries of a repository's configuration, opened once for a command. Operations run in parallel, under one
//! deadline; the async runtime stays inside.

use super::client::RegistryClient;
use super::credentials::{Credentials, Login};
use super::endpoint::RegistryEndpoint;
use super::image_repository::ImageRepository;
use super::layout::ImageLayout;
use super::manifest::Platform;
use super::remote_repository::RemoteRepository;
use super::resolution::{Detail, ImageReference, Resolution};
use super::retag_request::{RetagRequest, RetaggedImage};
use super::retry::Deadline;
use super::transport::HttpTransport;
use super::{resolve, retag};
use crate::config::ImageRule;
use crate::context::Context;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::model::{CommitId, Digest, Redactor, Reference, Repository, image};
use futures_util::future::join_all;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long a command waits for registries if `--deadline` is not given.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(120);
/// How many commits before and after a missing build `suggest_builds` is usually given.
pub const NEARBY_COMMITS: usize = 5;
/// How long a command waits before it says what it is waiting for.
const QUIET_WAIT: Duration = Duration::from_secs(1);

/// The registries that a command uses.
pub struct Registries<'w> {
    context: &'w Context,
    deadline: Deadline,
    credentials: Rc<Credentials<'w>>,
    redactor: Rc<Redactor>,
    /// By credential scope.
    clients: RefCell<HashMap<String, Rc<RegistryClient<'w>>>>,
    /// `None` only while this is dropped.
    runtime: Option<Runtime>,
}

impl<'w> Registries<'w> {
    /// Opens the registries. Nothing is sent yet, and no credential is read. `deadline` is for all operations together.
    ///
    /// # Errors
    ///
    /// The configuration is wrong (2).
    pub fn open(context: &'w Context, deadline: Duration, login: Option<Login>) -> Result<Self> {
        let mut hosts: Vec<String> = Vec::new();
        for host in context.config()?.images.iter().filter_map(|image| image.repository.host()) {
            if !hosts.iter().any(|other| other == host) {
                hosts.push(host.to_owned());
            }
        }
        let credentials = Rc::new(Credentials::new(context, login, hosts));
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context(Kind::Refused, "the runtime for network requests cannot be started")?;
        let (redactor, clients) = (Rc::default(), RefCell::default());
        let deadline = Deadline::new(deadline);
        Ok(Registries { context, deadline, credentials, redactor, clients, runtime: Some(runtime) })
    }

    /// Resolves references, in their order.
    pub fn resolve(&self, images: &[ImageReference], detail: Detail) -> Vec<Resolution> {
        self.run_all(
            images,
            |image| (&image.repository, false),
            async |repository, image| resolve::resolve(&repository, image, detail).await,
        )
        .into_iter()
        .map(|result| result.unwrap_or_else(Resolution::Unknown))
        .collect()
    }

    /// Carries out requests, and returns the results in their order. One that fails does not stop the others.
    ///
    /// # Errors
    ///
    /// For each request: a version tag or the source tag names another digest (5), the source is missing (7), the registry
    /// cannot be reached, denies access or answers with something invalid (6).
    pub fn retag(&self, requests: &[RetagRequest]) -> Vec<Result<RetaggedImage>> {
        let progress = self.context.ui().progress();
        let finished = Cell::new(0_usize);
        let show = || progress.message(&format!("{} of {} images", finished.get(), requests.len()));
        show();
        self.run_all(
            requests,
            |request| (&request.repository, true),
            async |repository, request| {
                let result = retag::retag(&repository, request).await;
                if result.is_ok() {
                    self.context.ui().something_changed();
                }
                finished.set(finished.get() + 1);
                show();
                result
            },
        )
    }

    /// Returns what `retag` would return now, without writing.
    ///
    /// # Errors
    ///
    /// Those of `retag`.
    pub fn check_retag(&self, requests: &[RetagRequest]) -> Vec<Result<RetaggedImage>> {
        self.run_all(
            requests,
            |request| (&request.repository, true),
            async |repository, request| retag::check_retag(&repository, request).await,
        )
    }

    /// Adds a hint to the error for a missing build: which of the `nearby` commits have one. A registry that does not answer
    /// counts as having none.
    pub fn suggest_builds(
        &self,
        error: Error,
        rule: &ImageRule,
        build: CommitId,
        nearby: &[CommitId],
    ) -> Error {
        let tags: Vec<String> =
            nearby.iter().map(|commit| image::source_tag(&rule.source, *commit)).collect();
        let reference = |tag: &String| ImageReference {
            repository: rule.repository.clone(),
            reference: Reference::tag(tag),
        };
        let references: Vec<ImageReference> = tags.iter().map(reference).collect();
        let resolutions = self.resolve(&references, Detail::Digest);
        let found = tags.iter().zip(resolutions);
        let found = found.filter(|(_, resolution)| matches!(resolution, Resolution::Found(_)));
        let found: Vec<&str> = found.map(|(tag, _)| tag.as_str()).collect();
        if found.is_empty() {
            return error.hint(format!("no commit near {} has a build either", build.short()));
        }
        error.hint(format!("builds of commits near {}: {}", build.short(), found.join(", ")))
    }

    /// Returns the commit that every platform of an image says it was built from (`org.opencontainers.image.revision`, an
    /// annotation or a label); `None` if it does not say.
    ///
    /// # Errors
    ///
    /// The image or a platform of it is missing (7); the registry cannot be reached (6).
    pub fn revisions(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Vec<(Platform, Option<String>)>> {
        let results = self.run_all(
            &[digest],
            |_| (repository, false),
            async |images, digest| resolve::revisions(&images, repository, digest).await,
        );
        results.into_iter().next().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Runs an operation for each item, all at the same time. `target` returns the repository, and whether it is written to.
    fn run_all<'t, T, R>(
        &self,
        items: &'t [T],
        target: impl Fn(&'t T) -> (&'t Repository, bool),
        operation: impl AsyncFn(ImageRepository<'w>, &'t T) -> Result<R>,
    ) -> Vec<Result<R>> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        // All repositories first, so that all scopes are declared before the first token is fetched.
        let repositories: Vec<Result<ImageRepository<'w>>> = items
            .iter()
            .map(|item| {
                let (repository, writes) = target(item);
                self.repository(repository, writes)
            })
            .collect();
        let operations = items.iter().zip(repositories).map(|(item, repository)| async {
            let result = match repository {
                Ok(repository) => operation(repository, item).await,
                Err(error) => Err(error),
            };
            result.map_err(|error| self.redactor.redact_error(error))
        });
        let read = items.iter().map(&target).filter(|(_, writes)| !writes).map(|(repository, _)| repository);
        let read: BTreeSet<&str> = read.filter_map(Repository::host).collect();
        let results = runtime.block_on(async {
            let mut operations = pin!(join_all(operations));
            if let Ok(results) = tokio::time::timeout(QUIET_WAIT, &mut operations).await {
                return results;
            }
            // Writing shows its own progress.
            if !read.is_empty() {
                let hosts: Vec<&str> = read.into_iter().collect();
                let left = self.deadline.left().as_secs_f64().ceil();
                self.context.ui().status(format!("waiting for {}, {left} s at most", hosts.join(", ")));
            }
            operations.await
        });
        self.count_images(items.iter().map(|item| target(item).0), results)
    }

    /// Adds to the error of a registry that is of no use how many images are kept there. Each of them has the same error, so
    /// that it is reported once.
    fn count_images<'t, R>(
        &self,
        repositories: impl Iterator<Item = &'t Repository>,
        mut results: Vec<Result<R>>,
    ) -> Vec<Result<R>> {
        let repositories: Vec<&Repository> = repositories.collect();
        let denied = self.clients.borrow().values().filter_map(|client| client.denied()).collect::<Vec<_>>();
        for error in denied.into_iter().map(|error| self.redactor.redact_error(error)) {
            let has_it = |result: &Result<R>| result.as_ref().err() == Some(&error);
            let concerned = repositories.iter().zip(&results).filter(|(_, result)| has_it(result));
            let images: BTreeSet<_> = concerned.map(|(repository, _)| *repository).collect();
            if images.len() > 1 {
                let counted = error.clone().cause(format!("{} images are kept there", images.len()));
                for result in results.iter_mut().filter(|result| has_it(result)) {
                    *result = Err(counted.clone());
                }
            }
        }
        results
    }

    fn repository(&self, repository: &Repository, writes: bool) -> Result<ImageRepository<'w>> {
        match repository {
            Repository::Layout(folder) => {
                ImageLayout::open(self.context, folder, self.deadline).map(ImageRepository::Layout)
            }
            Repository::Registry { host, path } => {
                let client = self.client(host, path)?;
                client.declare_scope(path, writes);
                let (repository, path) = (repository.clone(), path.clone());
                Ok(ImageRepository::Remote(RemoteRepository { client, repository, path }))
            }
        }
    }

    fn client(&self, host: &str, path: &str) -> Result<Rc<RegistryClient<'w>>> {
        let scope = self.credentials.credential_scope(host, path);
        if let Some(client) = self.clients.borrow().get(&scope) {
            return Ok(Rc::clone(client));
        }
        let rule = self.context.config()?.registries.get(host).cloned().unwrap_or_default();
        let ca = rule.ca.as_ref().map(|file| self.work_tree_file(file)).transpose()?;
        let transport = HttpTransport::new(self.context.ui(), Rc::clone(&self.redactor), self.deadline, ca);
        let endpoint = RegistryEndpoint::new(host, rule)?;
        let client =
            Rc::new(RegistryClient::new(endpoint, transport, Rc::clone(&self.credentials), scope.clone()));
        self.clients.borrow_mut().insert(scope, Rc::clone(&client));
        Ok(client)
    }

    /// Returns the path of a file in the work tree; refuses a symbolic link that leads out of it.
    fn work_tree_file(&self, file: &str) -> Result<std::path::PathBuf> {
        let top = self.context.repo()?.work_tree().unwrap_or_else(|| self.context.folder().to_owned());
        let path = top.join(file);
        let real = path.canonicalize().context(Kind::Usage, format!("{file} cannot be read"))?;
        let top = top.canonicalize().context(Kind::Refused, "the work tree cannot be read")?;
        if real.starts_with(&top) {
            Ok(real)
        } else {
            Err(Error::usage(format!("{file} is outside the work tree")))
        }
    }
}

impl Drop for Registries<'_> {
    /// Does not wait for the runtime: a name server that does not answer would delay the end of the program.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
