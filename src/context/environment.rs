//! The environment variables, the machine and standard input.

use super::Context;
use crate::error::{Kind, Result, ResultExt};
use crate::model::{Redactor, names_a_secret};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Returns an environment variable, `None` if it is empty. Bytes that are not UTF-8 are replaced.
#[expect(clippy::disallowed_methods, reason = "the context reads the environment for all others")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// Returns an environment variable that is a path, as it is.
#[expect(clippy::disallowed_methods, reason = "the context reads the environment for all others")]
pub(super) fn path_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Returns whether a CI system runs this process. All that we know set `CI`, except Jenkins and TeamCity.
pub(super) fn in_ci() -> bool {
    variable("CI").is_some_and(|value| value != "false" && value != "0")
        || ["GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION", "TF_BUILD"]
            .iter()
            .any(|name| variable(name).is_some())
}

/// Returns the secrets of this environment: the values of variables whose names say that they are secret.
#[expect(clippy::disallowed_methods, reason = "the context reads the environment for all others")]
pub fn secrets() -> Redactor {
    Redactor::new(std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        // A key may be one of a table or a cache: an ordinary word, which must stay readable.
        let word = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_lowercase());
        let only_a_key = name.to_ascii_uppercase().ends_with("KEY") && word;
        let file = Path::new(&value).is_absolute() && Path::new(&value).exists();
        (names_a_secret(&name) && !only_a_key && !file).then_some(value)
    }))
}

impl Context {
    /// Returns an environment variable, `None` if it is empty. Bytes that are not UTF-8 are replaced.
    pub fn variable(&self, name: &str) -> Option<String> {
        variable(name)
    }

    /// Returns whether a CI system runs this process.
    pub fn in_ci(&self) -> bool {
        in_ci()
    }

    /// Returns the path of this program, to start it again.
    pub fn program(&self) -> Result<PathBuf> {
        std::env::current_exe().context(Kind::Refused, "the path of this program cannot be found")
    }

    /// Returns the secrets of this environment.
    pub fn secrets(&self) -> &Redactor {
        self.ui.secrets()
    }

    /// Removes the secrets of this environment from a text.
    pub fn masked(&self, text: &str) -> String {
        self.secrets().redact(text)
    }

    /// Returns the name of this machine; `REL_HOST` replaces it.
    pub fn hostname(&self) -> String {
        variable("REL_HOST")
            .unwrap_or_else(|| rustix::system::uname().nodename().to_string_lossy().into_owned())
    }

    /// Returns 128 unpredictable bits.
    pub fn random_bits(&self) -> Result<u128> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).context(Kind::Refused, "this machine has no source of random numbers")?;
        Ok(u128::from_ne_bytes(bytes))
    }

    /// Reads standard input to its end.
    pub fn standard_input(&self) -> Result<String> {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context(Kind::Refused, "standard input cannot be read")?;
        Ok(text)
    }
}
