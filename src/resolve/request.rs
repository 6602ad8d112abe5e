//! The words of one command line that name an environment, a release and a package; and words in the wrong order.

use super::environment::{is_environment, no_such_environment};
use super::package::{choose_package, packages};
use super::pin::PinnedRelease;
use super::typed_release::{TypedRelease, typed_release};
use crate::config::{Accept, EnvironmentRules};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::{Version, suggest};

/// What was typed, by the places in which it was typed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The verb, for hints: `rollback`.
    pub verb: &'static str,
    /// What was typed for ENV.
    pub environment: &'a str,
    /// What was typed for VERSION.
    pub release: Option<&'a str>,
    /// What was typed for `--package`.
    pub package: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// A request that names no release.
    pub fn new(verb: &'static str, environment: &'a str, package: Option<&'a str>) -> Self {
        Request { verb, environment, release: None, package }
    }

    /// The same request with what was typed for VERSION.
    pub fn with_release(self, release: Option<&'a str>) -> Self {
        Request { release, ..self }
    }

    /// Returns the environment. Its name must be exact: a misspelled one is never guessed.
    ///
    /// # Errors
    ///
    /// 2 if there is no such environment; if the words are in the wrong order, with the command in the right order.
    pub fn environment(&self, ledger: &Ledger<'_>) -> Result<&'a str> {
        let config = ledger.config();
        if is_environment(config, self.environment) {
            return Ok(self.environment);
        }
        if let Some(release) = self.release.filter(|release| is_environment(config, release)) {
            return Err(Error::usage(format!(
                "the arguments are in the wrong order: {release} is the environment"
            ))
            .hint(self.command(release, Some(self.environment))));
        }
        if !names_release(ledger, self.environment)? {
            return Err(no_such_environment(config, self.environment));
        }
        let names: Vec<&str> = config.environments.names().collect();
        let error = Error::usage(format!("{} is a release, not an environment", self.environment));
        let error = match names.as_slice() {
            [] => error.cause("release.toml on the default branch names no environment"),
            names => error.cause(format!("release.toml defines {}", names.join(", "))),
        };
        let meant = match (self.release, names.as_slice()) {
            (Some(release), names) => suggest(release, names.iter().copied()),
            (None, [only]) => Some(*only),
            (None, _) => None,
        };
        Err(error.hint(match (self.verb, meant) {
            ("status", _) => "rel status   # every environment, and the release that runs there".to_owned(),
            ("deploy" | "rollback" | "approve" | "adopt", meant) => {
                self.command(meant.unwrap_or("ENV"), Some(self.environment))
            }
            (_, meant) => self.command(meant.unwrap_or("ENV"), None),
        }))
    }

    /// Checks the environment that `rel promote` takes a release from.
    ///
    /// # Errors
    ///
    /// 2 if there is no such environment; if a release was typed for one of the two, with the command that deploys it.
    pub fn source_environment(&self, ledger: &Ledger<'_>, from: &str) -> Result<()> {
        let config = ledger.config();
        let (to_exists, from_exists) =
            (is_environment(config, self.environment), is_environment(config, from));
        let (environment, release) =
            if from_exists { (from, self.environment) } else { (self.environment, from) };
        match (to_exists && from_exists, to_exists || from_exists) {
            (true, _) => Ok(()),
            (_, true) if names_release(ledger, release)? => {
                Err(Error::usage(format!("{release} is a release, not an environment"))
                    .hint(Request { verb: "deploy", ..*self }.command(environment, Some(release))))
            }
            _ => Err(no_such_environment(config, if from_exists { self.environment } else { from })),
        }
    }

    /// Returns the package, and asks for it at a terminal if there are several and none is named.
    ///
    /// # Errors
    ///
    /// 2 if there is no such environment or package, or several packages and no terminal.
    pub fn package(&self, ledger: &Ledger<'_>) -> Result<String> {
        let environment = self.environment(ledger)?;
        choose_package(ledger, self.package, environment)
    }

    /// Returns the release as it was typed, before its tag is read: a version, a tag, or a commit if the environment accepts
    /// any. A tag names its package; for a bare version, the package is asked for at a terminal if there are several. `None`
    /// if no release was typed.
    ///
    /// # Errors
    ///
    /// 2 if there is no such environment, if it accepts no commits, if a tag is of another package than the named one, or if
    /// the package is not clear.
    pub fn typed(&self, ledger: &Ledger<'_>) -> Result<Option<TypedRelease>> {
        let environment = self.environment(ledger)?;
        let Some(typed) = self.release else { return Ok(None) };
        let package = match self.package {
            None if Version::parse(typed).is_some() => Some(choose_package(ledger, None, environment)?),
            package => package.map(str::to_owned),
        };
        typed_release(ledger, package.as_deref(), typed, self.accepts_commits(ledger)).map(Some)
    }

    /// Returns the release with its digests.
    ///
    /// # Errors
    ///
    /// Those of [`Request::typed`] and of [`TypedRelease::pinned`].
    pub fn pinned(&self, ledger: &Ledger<'_>) -> Result<PinnedRelease> {
        let typed = self.typed(ledger)?.ok_or_else(|| Error::defect("no release was typed"))?;
        typed.pinned(ledger)
    }

    /// Whether the environment accepts any commit, for the named package or for some package.
    fn accepts_commits(&self, ledger: &Ledger<'_>) -> bool {
        let config = ledger.config();
        let any = |rules: &EnvironmentRules| rules.accept == Accept::Any;
        let accepts = |package: &str| config.environments.get(self.environment, package).is_some_and(any);
        match self.package {
            Some(package) => accepts(package),
            None => accepts("") || config.packages.iter().any(|package| accepts(&package.name)),
        }
    }

    /// The command with these words.
    fn command(&self, environment: &str, release: Option<&str>) -> String {
        let package = self.package.map(|package| format!("--package {package}"));
        let words = [Some("rel"), Some(self.verb), Some(environment), release, package.as_deref()];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Whether something typed has the form of a version, with or without `v`, or of a tag of a package.
fn names_release(ledger: &Ledger<'_>, typed: &str) -> Result<bool> {
    let version = Version::parse(typed.strip_prefix('v').unwrap_or(typed)).is_some();
    let tag = |package: &crate::git_history::Package| package.version_of(typed).is_some();
    Ok(version || packages(ledger, None)?.iter().any(tag))
}
