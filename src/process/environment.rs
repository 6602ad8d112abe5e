//! Which environment variables a program gets: everything but our own credentials for the user's tools, an allowlist
//! for the commands of environments.

use crate::model::Redactor;
use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Credentials for registries, which are for `rel` only.
const WITHHELD_PREFIX: &str = "REL_REGISTRY_";

/// What every command of an environment gets; it gets other variables only where `pass_env` names them.
const ALLOWED: [&str; 34] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "TZ",
    "TMPDIR",
    "TERM",
    "COLUMNS",
    "NO_COLOR",
    "CI",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "SYSTEMROOT",
    "HOSTNAME",
    "PWD",
];

/// The environment of a program, and the secrets in it.
#[derive(Clone, Default)]
pub struct CommandEnvironment {
    /// Nothing of the environment of this process is passed on.
    cleared: bool,
    /// Variables that are set, or removed where the value is `None`; the last one of a name counts.
    variables: Vec<(OsString, Option<OsString>)>,
    /// Hides the values of `pass_env`.
    redactor: Redactor,
}

impl CommandEnvironment {
    /// Returns the environment of this process without credentials for registries: for git, credential helpers, the
    /// editor and `[cut] before`, which are the user's own tools.
    pub fn inherited() -> Self {
        CommandEnvironment::default()
    }

    /// Returns an empty environment.
    pub fn nothing() -> Self {
        CommandEnvironment { cleared: true, ..CommandEnvironment::default() }
    }

    /// Returns what a command of an environment gets: `pass_env` and what every program needs, but never credentials
    /// for a registry or a variable of `withheld` (the URLs of notifications). `get` reads a variable.
    pub fn allowlisted(
        get: &dyn Fn(&str) -> Option<String>,
        pass_env: &[String],
        withheld: &[String],
    ) -> Self {
        let passed = pass_env.iter().map(String::as_str);
        let always = ALLOWED.into_iter().filter(|name| !pass_env.iter().any(|passed| passed == name));
        let mut environment = CommandEnvironment { cleared: true, ..CommandEnvironment::default() };
        for name in passed.chain(always).filter(|name| !withheld.iter().any(|other| other == name)) {
            let Some(value) = get(name).filter(|_| !is_withheld(OsStr::new(name))) else { continue };
            if !ALLOWED.contains(&name) {
                environment.redactor.register(&value);
            }
            environment = environment.with(name, value);
        }
        environment
    }

    /// Hides these secrets too in what the command prints.
    #[must_use]
    pub fn hiding(self, secrets: &Redactor) -> Self {
        self.redactor.register_all(secrets);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), Some(value.into())));
        self
    }

    /// Removes a variable.
    #[must_use]
    pub fn without(mut self, name: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), None));
        self
    }

    /// Returns what hides the secrets that were passed on.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Gives a command this environment.
    pub(super) fn apply(&self, command: &mut Command) {
        if self.cleared {
            command.env_clear();
        } else {
            own_names().filter(|name| is_withheld(name)).for_each(|name| {
                command.env_remove(name);
            });
        }
        for (name, value) in self.variables.iter().filter(|(name, _)| !is_withheld(name)) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

fn is_withheld(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(WITHHELD_PREFIX.as_bytes())
}

/// Returns the names of all variables of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "only the names are read, so that some can be withheld by prefix"
)]
fn own_names() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::CommandEnvironment;
    use std::ffi::OsStr;
    use std::process::Command;

    #[test]
    fn commands_of_environments_get_what_they_need_and_no_more() {
        let outside = |name: &str| Some(format!("value-of-{name}"));
        let pass = ["KUBECONFIG", "REL_REGISTRY_PASSWORD", "SLACK_URL"].map(str::to_owned);
        let environment = CommandEnvironment::allowlisted(&outside, &pass, &["SLACK_URL".to_owned()]);
        let mut command = Command::new("true");
        environment.apply(&mut command);
        let has = |name: &str| command.get_envs().any(|(known, _)| known == OsStr::new(name));
        assert!(has("PATH") && has("HOME") && has("KUBECONFIG"));
        assert!(!has("REL_REGISTRY_PASSWORD") && !has("SLACK_URL") && !has("AWS_SECRET_ACCESS_KEY"));
        assert_eq!(
            environment.redactor().redact("value-of-KUBECONFIG of value-of-HOME"),
            "*** of value-of-HOME"
        );
    }

    #[test]
    fn credentials_for_registries_cannot_be_set_either() {
        let mut command = Command::new("true");
        CommandEnvironment::inherited().with("REL_REGISTRY_USER", "ada").apply(&mut command);
        assert_eq!(command.get_envs().filter(|(_, value)| value.is_some()).count(), 0);
    }
}
