//! The options of verbs that speak to registries: `rel retag`, `rel verify`, `rel cut`.

use crate::error::{Error, Result};
use crate::registry::{Login, Secret};
use clap::Args;
use std::io::Read;
use std::time::Duration;

/// How to reach the registries.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registries")]
pub(in crate::command) struct RegistryAccess {
    /// Give up on registries after this time, such as 120s or 5m
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = span)]
    pub deadline: Duration,
    /// Log in to the registry as USER; needs --password-stdin
    #[arg(long, value_name = "USER", requires = "password_stdin")]
    registry_user: Option<String>,
    /// Read the password of --registry-user from stdin
    #[arg(long, requires = "registry_user")]
    password_stdin: bool,
}

/// Parses `--deadline`.
fn span(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let time = seconds.or_else(|| crate::config::parse_duration(text)).filter(|time| !time.is_zero());
    time.ok_or_else(|| "a duration is written as 120s, 5m or 1h30m".to_owned())
}

impl RegistryAccess {
    /// Returns the user and the password; `None` if the command line has none.
    ///
    /// # Errors
    ///
    /// 2 if stdin has no password.
    pub(in crate::command) fn login(&self) -> Result<Option<Login>> {
        let Some(user) = &self.registry_user else { return Ok(None) };
        let mut text = String::new();
        let read = std::io::stdin().lock().take(1 << 16).read_to_string(&mut text);
        read.map_err(|error| Error::usage("the password cannot be read from stdin").cause(error))?;
        let password = text.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            return Err(Error::usage("--password-stdin found no password on stdin"));
        }
        Ok(Some(Login { user: user.clone(), password: Secret::new(password) }))
    }
}
