//! Reads settings of git through git itself, which also knows those of its environment (`GIT_CONFIG_COUNT`,
//! `GIT_CONFIG_PARAMETERS`). libgit2 reads only files.

use super::repo::Repo;
use crate::error::{Error, Result};

/// How git writes the value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettingType {
    /// As it is set.
    Text,
    /// `true` or `false`.
    Bool,
    /// With `~` expanded.
    Path,
}

impl Repo {
    /// Returns the value of a setting of git; `None` where it is not set.
    ///
    /// # Errors
    ///
    /// Exit code 4: git cannot read its configuration, or the value is not of this type.
    pub(super) fn setting(&self, name: &'static str, of: SettingType) -> Result<Option<String>> {
        let command = self.program.command("config");
        let command = match of {
            SettingType::Text => command,
            SettingType::Bool => command.option("--type=bool"),
            SettingType::Path => command.option("--type=path"),
        };
        let answer = command.option("--get").operand(name).run()?;
        match (answer.ok, answer.stderr.trim().is_empty()) {
            (true, _) => Ok(Some(answer.stdout.trim_end_matches('\n').to_owned())),
            // git-config(1): exit code 1 without a word where nothing is set.
            (false, true) => Ok(None),
            (false, false) => Err(Error::refused(format!("cannot read git's setting {name}"))
                .cause(answer.message)
                .hint(format!("git config --show-origin --get-all {name}"))),
        }
    }

    /// Returns whether a setting is on.
    pub(super) fn is_set(&self, name: &'static str) -> Result<bool> {
        Ok(self.setting(name, SettingType::Bool)?.as_deref() == Some("true"))
    }
}
