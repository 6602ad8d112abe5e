//! Whether who acts may pass what stops others: override the policy, or lift what a person set. Both want a person who can be
//! asked, at a terminal, or `override_in_ci`.

use crate::error::{Error, Result};
use crate::model::{Actor, Hold};

/// Who acts, and what they may do besides what everybody may.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Who acts.
    pub actor: Actor,
    /// Whether a person can be asked: there is a terminal, and this is no CI.
    pub at_terminal: bool,
    /// Whether a CI system runs this process.
    pub in_ci: bool,
    /// The environment whose `override_in_ci` counts; `None` for what concerns more than one.
    pub environment: Option<String>,
    /// `override_in_ci`, as the remote's default branch has it.
    pub override_in_ci: bool,
}

impl Authority {
    /// Returns whether `--override` is allowed.
    pub fn may_override(&self) -> bool {
        self.at_terminal || self.override_in_ci
    }

    /// Returns whether this actor may lift what another one set. What a CI run set that no person started may be lifted
    /// anywhere; outside of CI, so may what the same identity set without a terminal.
    pub fn may_lift(&self, set_by: &Actor) -> bool {
        let own = !self.in_ci && set_by.id.eq_ignore_ascii_case(&self.actor.id);
        let by_person = set_by.person || (set_by.ci.is_none() && !own);
        !by_person || self.may_override()
    }

    /// Refuses to lift what a person set. `what` says what that is: `the hold on prod`.
    ///
    /// # Errors
    ///
    /// Exit code 4.
    pub fn check_lift(&self, what: &str, set_by: &Actor) -> Result<()> {
        if self.may_lift(set_by) {
            return Ok(());
        }
        let message =
            format!("{what} was set by {}, and only a person at a terminal may lift it", set_by.label());
        Err(Error::refused(message).hint(self.remedy()))
    }

    /// Returns whether a deploy may end a hold: of a rollback, if a person is asked first (`asks`), or their own.
    pub fn may_end_hold(&self, hold: &Hold, asks: bool) -> bool {
        let own = hold.by.id.eq_ignore_ascii_case(&self.actor.id);
        let person_in_ci = self.override_in_ci && self.actor.person;
        (own && (self.at_terminal || person_in_ci)) || (hold.is_of_rollback() && self.at_terminal && asks)
    }

    /// Returns the error for an `--override` that is not allowed.
    pub fn override_not_allowed(&self) -> Error {
        let environment = self.environment.as_deref().unwrap_or("rel");
        Error::refused(format!("{environment} accepts --override only at a terminal")).hint(self.remedy())
    }

    fn remedy(&self) -> String {
        match &self.environment {
            Some(environment) => format!(
                "run it at a terminal, or set [environment.{environment}] override_in_ci = true on the default branch"
            ),
            None => "run it at a terminal".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Authority;
    use crate::model::Actor;
    use serde_json::{Value, json};

    fn actor(value: Value) -> Actor {
        serde_json::from_value(value).unwrap()
    }

    fn authority(who: Value, at_terminal: bool, in_ci: bool, override_in_ci: bool) -> Authority {
        let environment = Some("prod".to_owned());
        Authority { actor: actor(who), at_terminal, in_ci, environment, override_in_ci }
    }

    #[test]
    fn what_a_person_set_is_lifted_at_a_terminal_or_where_override_in_ci_allows_it() {
        let ada = || json!({ "id": "ada@acme.example", "person": true });
        let script = || json!({ "id": "ada@acme.example" });
        let push = || json!({ "id": "github:ada", "ci": "github" });
        let unknown = || json!({ "id": "ada@acme.example", "ci": "unknown" });
        let by_hand = || json!({ "id": "github:ada", "ci": "github", "person": true });
        for (what, set_by, authority, lifts) in [
            ("a terminal", ada(), authority(ada(), true, false, false), true),
            ("a push job", ada(), authority(push(), false, true, false), false),
            ("a push job with override_in_ci", ada(), authority(push(), false, true, true), true),
            ("a run by hand", ada(), authority(by_hand(), false, true, false), false),
            ("a push job, of a run by hand", by_hand(), authority(push(), false, true, false), false),
            ("a push job, of a push job", push(), authority(push(), false, true, false), true),
            ("no terminal, of a push job", push(), authority(script(), false, false, false), true),
            ("no terminal, of a person", ada(), authority(script(), false, false, false), false),
            ("a script, its own", script(), authority(script(), false, false, false), true),
            ("an unknown CI, of a script", script(), authority(script(), false, true, false), false),
            ("an unknown CI, its own", unknown(), authority(unknown(), false, true, false), true),
            ("a push job, of a script", script(), authority(push(), false, true, false), false),
        ] {
            assert_eq!(authority.may_lift(&actor(set_by)), lifts, "{what}");
            assert_eq!(
                authority.check_lift("the hold on prod", &actor(ada())).is_ok(),
                authority.may_override()
            );
        }
    }
}
