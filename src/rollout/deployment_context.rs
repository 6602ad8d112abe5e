//! One environment of one package: its rules, who acts, and what else an operation needs to know.

use crate::config::{EnvironmentRules, ImageRule};
use crate::context::Context;
use crate::error::Result;
use crate::git::Repo;
use crate::ledger::{ConfigSource, Freshness, Ledger, Snapshot};
use crate::model::{CommitId, EnvironmentState, People, Pin, Release, TagFormat, Timestamp};
use crate::policy::Authority;
use crate::process::CommandEnvironment;
use crate::resolve;

/// The environment and package that an operation acts on, and who acts.
pub struct DeploymentContext<'w> {
    /// The context of the process.
    pub context: &'w Context,
    /// The exact name of the environment.
    pub environment: String,
    /// The name of the package.
    pub package: String,
    /// ` --package api` where commands must name the package, else empty.
    pub package_flag: String,
    /// The rules of the environment, for this package.
    pub rules: EnvironmentRules,
    /// The images of the package.
    pub images: Vec<ImageRule>,
    /// The formats of the package's tags.
    pub formats: Vec<TagFormat>,
    /// Which identities belong to the same person.
    pub people: People,
    /// The SHA-256 of the active configuration.
    pub config_hash: String,
    /// The commit of the active configuration; `None` for a file given with `--config`.
    pub config_commit: Option<CommitId>,
    /// Environment variables with notification URLs, which no command may see.
    pub secret_urls: Vec<String>,
    /// Nothing proves the identity of the actor, because the ledger requires no signatures.
    pub unverified_identity: bool,
    /// The remote of the ledger cannot be reached.
    pub ledger_unreachable: bool,
    /// The active configuration is a copy: the newest one cannot be fetched.
    pub config_is_copy: bool,
    /// Who acts, and what they may do.
    pub authority: Authority,
    /// When the command began.
    pub now: Timestamp,
}

impl<'w> DeploymentContext<'w> {
    /// Collects what is known of an environment for a package. Names are exact and never guessed.
    ///
    /// # Errors
    ///
    /// Exit code 2 where the environment does not exist.
    pub fn new(context: &'w Context, ledger: &Ledger<'w>, environment: &str, package: &str) -> Result<Self> {
        let config = ledger.config();
        let several = config.packages.len() > 1;
        Ok(DeploymentContext {
            context,
            environment: environment.to_owned(),
            package: package.to_owned(),
            package_flag: if several { format!(" --package {package}") } else { String::new() },
            rules: resolve::environment_rules(ledger, environment, package)?,
            images: config.images_of(package).cloned().collect(),
            formats: resolve::package(ledger, Some(package))?.formats,
            people: config.people.clone(),
            config_hash: ledger.active_config().hash.clone(),
            config_commit: ledger.active_config().source.commit(),
            secret_urls: config.secret_urls.clone(),
            unverified_identity: config.ledger.allowed_signers.is_none(),
            ledger_unreachable: matches!(ledger.freshness(), Freshness::Copy(_)),
            config_is_copy: matches!(ledger.active_config().source, ConfigSource::Copy(_)),
            authority: resolve::authority(ledger, Some(environment), Some(package))?,
            now: context.now()?,
        })
    }

    /// Returns the state of the environment in a snapshot; `None` where nothing was ever recorded for it.
    pub fn state(&self, snapshot: &Snapshot) -> Result<Option<EnvironmentState>> {
        snapshot.environment(&self.package, &self.environment)
    }

    /// Returns whether deploying both has the same result, so that one need not replace the other. Without images the result
    /// is the commit itself: a deployer may show or use its version.
    pub(super) fn same_result(&self, one: &Pin, other: &Pin) -> bool {
        let Ok(repo) = self.context.repo() else { return one.same_commit_and_digests(other) };
        same_result(repo, one, other)
    }

    /// Returns a recorded release with its images in the repositories in which they are now.
    ///
    /// # Errors
    ///
    /// Exit code 5 where release.toml does not name the repository of an image.
    pub(super) fn locate(&self, release: &Release) -> Result<Release> {
        let images = resolve::locate_images(&self.image_rules(), &release.label(), &release.pin.images)?;
        Ok(Release { pin: Pin::new(release.pin.commit, images), ..release.clone() })
    }

    /// Returns the images of the package.
    pub(super) fn image_rules(&self) -> Vec<&ImageRule> {
        self.images.iter().collect()
    }

    /// Returns the environment variables that commands get from this process.
    pub(super) fn command_environment(&self) -> CommandEnvironment {
        let get = |name: &str| self.context.variable(name);
        let environment = CommandEnvironment::allowlisted(&get, &self.rules.pass_env, &self.secret_urls)
            .hiding(self.context.secrets());
        if let Ok(repo) = self.context.repo() {
            // The commit and the tag of a CI run are passed on, but no secrets.
            environment.redactor().forget(&|value| repo.names(value));
        }
        environment
    }
}

/// Returns whether deploying both has the same result: without images they have the same commit, else they are the same build.
pub(super) fn same_result(repo: &Repo, one: &Pin, other: &Pin) -> bool {
    match one.images.is_empty() {
        true => one.same_commit_and_digests(other),
        false => one.same_build(other, &|one, other| repo.same_tree(one, other)),
    }
}
