//! One environment of one package, and all that an operation there needs to know. Leans on `ledger` and `context`.

use crate::config::{EnvironmentRules, ImageRule};
use crate::context::Context;
use crate::error::Result;
use crate::ledger::{Freshness, Ledger, Snapshot};
use crate::model::{Actor, CommitId, EnvironmentState, People, Release, TagFormat, Timestamp};
use crate::resolve;

/// Where an operation takes place, and who acts.
pub struct DeploymentContext<'w> {
    /// The context.
    pub context: &'w Context,
    /// The exact name of the environment.
    pub environment: String,
    /// The package.
    pub package: String,
    /// ` --package api`, where commands must name it.
    pub flag: String,
    /// The rules of the environment, for this package.
    pub rules: EnvironmentRules,
    /// The images of the package.
    pub images: Vec<ImageRule>,
    /// The formats of the package's tags.
    pub formats: Vec<TagFormat>,
    /// Who is who.
    pub people: People,
    /// SHA-256 of the configuration that decides.
    pub config: String,
    /// The commit that holds it; `None` for a file of `--config`.
    pub config_commit: Option<CommitId>,
    /// Variables that hold URLs of notifications: no command sees them.
    pub urls: Vec<String>,
    /// Identities are only claimed: nothing proves them.
    pub claimed: bool,
    /// The remote of the ledger cannot be reached.
    pub cut_off: bool,
    /// Who acts.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
}

impl<'w> DeploymentContext<'w> {
    /// An environment for a package. Names are exact: what is not there is never guessed.
    ///
    /// # Errors
    ///
    /// 2 where there is no such environment.
    pub fn new(context: &'w Context, ledger: &Ledger<'w>, environment: &str, package: &str) -> Result<Self> {
        let config = ledger.config();
        let several = config.packages.len() > 1;
        Ok(DeploymentContext {
            context,
            environment: environment.to_owned(),
            package: package.to_owned(),
            flag: if several { format!(" --package {package}") } else { String::new() },
            rules: resolve::environment_rules(ledger, environment, package)?,
            images: config.images_of(package).cloned().collect(),
            formats: resolve::package(ledger, Some(package))?.formats,
            people: config.people.clone(),
            config: ledger.active_config().hash.clone(),
            config_commit: ledger.active_config().source.commit(),
            urls: config.secret_urls.clone(),
            claimed: config.ledger.allowed_signers.is_none(),
            cut_off: matches!(ledger.freshness(), Freshness::Copy(_)),
            actor: context.actor()?,
            now: context.now()?,
        })
    }

    /// Checks that release.toml names the repositories of a release's images.
    ///
    /// # Errors
    ///
    /// 5 if it does not.
    pub(super) fn check_repositories(&self, release: &Release) -> Result<()> {
        resolve::check_repositories(&self.image_rules(), &release.label(), &release.pin.images)
    }

    /// The images of the package, as `resolve` takes them.
    pub(super) fn image_rules(&self) -> Vec<&ImageRule> {
        self.images.iter().collect()
    }

    /// What a snapshot knows of it; `None` where nothing ever happened there.
    pub fn state(&self, snapshot: &Snapshot) -> Result<Option<EnvironmentState>> {
        snapshot.environment(&self.package, &self.environment)
    }
}

/// Whether nobody acted between two looks: the same operation, the same release, the same hold.
pub(super) fn unmoved(before: Option<&EnvironmentState>, now: Option<&EnvironmentState>) -> bool {
    let marks = |state: Option<&EnvironmentState>| {
        state.map(|state| {
            (
                state.lock.as_ref().map(|lock| lock.operation.clone()),
                state.running.as_ref().map(|running| running.event.clone()),
                state.hold.as_ref().map(|hold| hold.event.clone()),
            )
        })
    };
    marks(before).unwrap_or_default() == marks(now).unwrap_or_default()
}
