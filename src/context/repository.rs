//! The repository, its configuration and who acts.

use super::Context;
use super::environment::{path_variable, variable};
use crate::config::{self, Config};
use crate::error::{Error, Kind, Result};
use crate::git::{GitProgram, Location, Repo};
use crate::model::Actor;
use std::io::{IsTerminal, Read};
use std::path::Path;

/// The most bytes of an event of a CI run: GitHub sends at most 25 MB.
const MAX_EVENT: u64 = 32 << 20;

impl Context {
    /// Returns the repository of the folder.
    pub fn repo(&self) -> Result<&Repo> {
        if let Some(repo) = self.repo.get() {
            return Ok(repo);
        }
        let program = GitProgram::new(&self.folder, std::io::stdin().is_terminal());
        let program = match self.network_timeout {
            Some(timeout) => program.with_network_timeout(timeout),
            None => program,
        };
        let replace = variable("GIT_NO_REPLACE_OBJECTS").is_none();
        // As in git, they are relative to the folder to work in.
        let git_dir = path_variable("GIT_DIR").map(|path| self.folder.join(path));
        let work_tree = path_variable("GIT_WORK_TREE").map(|path| self.folder.join(path));
        let location =
            Location { folder: &self.folder, git_dir: git_dir.as_deref(), work_tree: work_tree.as_deref() };
        let repo = Repo::open(&location, program, replace)?;
        // CI systems keep hashes and tags in variables such as CACHE_KEY.
        self.secrets().forget(&|secret| repo.names(secret));
        Ok(self.repo.get_or_init(|| repo))
    }

    /// Returns who acts: in CI the person that its variables name, else git's author. Nothing proves either.
    pub fn actor(&self) -> Result<Actor> {
        if let Some(actor) = Actor::of_ci(&|name| variable(name), &|path| read_event(path)) {
            return Ok(actor);
        }
        let author = self.repo()?.author()?;
        if self.in_ci() {
            return Ok(Actor::of_unknown_ci(&author.email, &author.name));
        }
        Ok(Actor::local(&author.email, &author.name, self.ui.is_interactive()))
    }

    /// Returns who acts; the account of this machine, with a warning, if git names nobody. A rollback does not wait for settings.
    pub fn actor_or_account(&self) -> Actor {
        self.actor().unwrap_or_else(|error| {
            let account = variable("USER").or_else(|| variable("LOGNAME"));
            let account = account.unwrap_or_else(|| "unknown".to_owned());
            let address = format!("{account}@{}", self.hostname());
            self.ui.warning(format!("{}; acting as {address}", error.message));
            match self.in_ci() {
                true => Actor::of_unknown_ci(&address, &account),
                false => Actor::local(&address, &account, self.ui.is_interactive()),
            }
        })
    }

    /// Returns the configuration: that of `--config`, else `release.toml` at the top of the work tree, else (in a bare
    /// repository) that of HEAD, else the defaults.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = match self.config_text()? {
            None => Config::default(),
            Some((name, text)) => config::read(&name, &text)?,
        };
        Ok(self.config.get_or_init(|| config))
    }

    /// Returns name and text of the file of `--config`, if there is that option.
    pub fn config_option(&self) -> Result<Option<(String, String)>> {
        if self.config_file.is_some() { self.config_text() } else { Ok(None) }
    }

    /// Sets the configuration: commands for environments use that of the remote's default branch. It has no effect once a
    /// configuration was read.
    pub fn set_config(&self, config: &Config) {
        self.config.get_or_init(|| config.clone());
    }

    /// Warns that this version sends no notifications, if some are configured.
    pub fn warn_about_notifications(&self) -> Result<()> {
        if self.config()?.notifies {
            self.ui.warning(
                "this version of rel sends no notifications: [[notify]] in release.toml has no effect",
            );
        }
        Ok(())
    }

    /// Returns name and text of the configuration; `None` if there is none.
    fn config_text(&self) -> Result<Option<(String, String)>> {
        if let Some(file) = &self.config_file {
            let name = file.display().to_string();
            return read_text(file, &name)?.map(|text| Some((name.clone(), text))).ok_or_else(|| {
                Error::usage(format!("{name} does not exist")).hint("name an existing file with --config")
            });
        }
        let name = config::FILE.to_owned();
        match self.repo()?.work_tree() {
            Some(top) => Ok(read_text(&top.join(config::FILE), &name)?.map(|text| (name, text))),
            None => {
                // A bare repository without a commit has no configuration either.
                let Ok(head) = self.repo()?.head() else { return Ok(None) };
                // A configuration that cannot be read is a usage error, wherever it is.
                let usage = |error: Error| match error.kind {
                    Kind::Refused => Error { kind: Kind::Usage, ..error },
                    _ => error,
                };
                let text = self.repo()?.file_at(head.commit, config::FILE).map_err(usage)?;
                Ok(text.map(|text| (format!("HEAD:{name}"), text)))
            }
        }
    }
}

/// The largest configuration that is read.
const MAX_CONFIG_BYTES: u64 = 4 << 20;

/// Returns the text of a file; `None` if it does not exist.
fn read_text(file: &Path, name: &str) -> Result<Option<String>> {
    // A pipe without a writer, or a device, would be read for ever.
    if let Ok(found) = std::fs::metadata(file)
        && (!found.is_file() || found.len() > MAX_CONFIG_BYTES)
    {
        let why = if found.is_file() { "it is larger than 4 MiB" } else { "it is not a file" };
        return Err(Error::usage(format!("{name} cannot be read")).cause(why));
    }
    match std::fs::read(file) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let byte = error.utf8_error().valid_up_to();
            Error::usage(format!("{name} is not UTF-8: byte {byte} is invalid"))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::usage(format!("{name} cannot be read")).cause(error)),
    }
}

/// Returns the text of a file with the event of a CI run, if it can be read and is not larger than any such event.
fn read_event(path: &str) -> Option<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MAX_EVENT).read_to_string(&mut text).ok()?;
    Some(text)
}
