//! One environment of one package, and all that an operation there needs to know. Leans on `ledger` and `context`.

use crate::config::{EnvironmentRules, ImageRule};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ledger::{Freshness, Ledger, Snapshot};
use crate::model::{Actor, CommitId, EnvironmentState, People, TagFormat, Timestamp};

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

/// Opens the ledger; its configuration decides for everything that this command does.
pub fn open(context: &Context) -> Result<Ledger<'_>> {
    let ledger = Ledger::open(context)?;
    context.govern(ledger.config());
    Ok(ledger)
}

/// The package that a verb is about: the named one, or the only one; at a terminal it is asked for, that in which something
/// happened last standing first.
///
/// # Errors
///
/// 2 where there are several, none is named and nobody can be asked.
pub fn package(
    context: &Context,
    ledger: &Ledger<'_>,
    named: Option<&str>,
    environment: &str,
) -> Result<String> {
    let mut names: Vec<String> = ledger.packages(named)?.into_iter().map(|package| package.name).collect();
    if names.len() < 2 || !context.ui().asks() {
        return ledger.package(named).map(|package| package.name);
    }
    let newest = |name: &String| {
        let state = ledger.snapshot().environment(name, environment).ok().flatten();
        std::cmp::Reverse(state.map(|state| state.newest.at))
    };
    names.sort_by_key(newest);
    let chosen = context.ui().choose(&format!("Which package of {environment}?"), &names)?;
    names.into_iter().nth(chosen).ok_or_else(|| Error::defect("a choice that was not offered"))
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
            rules: rules(ledger, environment, package)?,
            images: config.images_of(package).cloned().collect(),
            formats: ledger.package(Some(package))?.formats,
            people: config.people.clone(),
            config: ledger.governing().hash.clone(),
            config_commit: ledger.governing().source.commit(),
            urls: config.secret_urls.clone(),
            claimed: config.ledger.allowed_signers.is_none(),
            cut_off: matches!(ledger.freshness(), Freshness::Copy(_)),
            actor: context.actor()?,
            now: context.now()?,
        })
    }

    /// What a snapshot knows of it; `None` where nothing ever happened there.
    pub fn state(&self, snapshot: &Snapshot) -> Result<Option<EnvironmentState>> {
        snapshot.environment(&self.package, &self.environment)
    }
}

/// The rules of an environment that is named exactly.
pub fn rules(ledger: &Ledger<'_>, environment: &str, package: &str) -> Result<EnvironmentRules> {
    let environments = &ledger.config().environments;
    if let Some(rules) = environments.get(environment, package) {
        return Ok(rules.clone());
    }
    let names: Vec<&str> = environments.names().collect();
    let near = names.iter().max_by(|one, other| {
        strsim::jaro_winkler(environment, one).total_cmp(&strsim::jaro_winkler(environment, other))
    });
    let error = Error::usage(format!("there is no environment {environment}"));
    Err(match near {
        Some(near) => error
            .cause(format!("release.toml names {}", names.join(", ")))
            .hint(format!("is {near} meant? A name is never guessed")),
        None => error.cause("release.toml of the default branch names none").hint(format!(
            "add to release.toml, and bring it to the default branch:\n  [environment.{environment}]"
        )),
    })
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
