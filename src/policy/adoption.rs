//! Whether somebody may say what runs in an environment, without `rel` having brought it there.

use super::Authority;
use crate::config::EnvironmentRules;
use crate::error::{Error, Result};
use crate::model::{BadBuild, Release};

/// What decides whether a release may be adopted.
pub struct Adoption<'a> {
    /// The rules of the environment, for this package.
    pub rules: &'a EnvironmentRules,
    /// The environment that takes its releases from this one.
    pub feeds: Option<&'a str>,
    /// Who adopts.
    pub authority: &'a Authority,
}

impl Adoption<'_> {
    /// Refuses a build that is marked bad, and anybody but a person where rules say what may run, or where another
    /// environment relies on it.
    ///
    /// # Errors
    ///
    /// Exit code 4, with all reasons.
    pub fn check(&self, release: &Release, bad: Option<&BadBuild>) -> Result<()> {
        let environment = &self.rules.name;
        let mut errors = Vec::new();
        if let Some(mark) = bad {
            let reason = mark.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let (label, by) = (release.label(), mark.by.label());
            let message = format!("{label} was marked bad by {by} at {}{reason}", mark.since);
            errors.push(Error::refused(message).hint(format!("rel good {label} --reason \"…\"")));
        }
        let why = self.reasons();
        if !self.authority.actor.person && !why.is_empty() {
            let message = format!("only a person may record what runs in {environment}");
            let error = why.iter().fold(Error::refused(message), |error, why| error.cause(why));
            let hint = "run `rel adopt` at a terminal, or in a CI run that was started by hand";
            errors.push(error.hint(hint));
        }
        let what = format!("{} cannot be adopted in {environment}", release.label());
        Error::combine(&what, errors).map_or(Ok(()), Err)
    }

    /// Returns why only a person may adopt here; nothing where anybody may.
    fn reasons(&self) -> Vec<String> {
        let rules = self.rules;
        let set = [
            ("protected", rules.protected),
            ("from", rules.from.is_some() || rules.lanes.iter().any(|lane| lane.from.is_some())),
            ("approvals", rules.approvals > 0),
            ("freeze", !rules.freeze.is_empty()),
        ];
        let keys: Vec<&str> = set.iter().filter(|(_, set)| *set).map(|(key, _)| *key).collect();
        let keys = (!keys.is_empty()).then(|| format!("it has {}", keys.join(", ")));
        let feeds = self.feeds.map(|other| format!("{other} takes releases from it"));
        keys.into_iter().chain(feeds).collect()
    }
}
