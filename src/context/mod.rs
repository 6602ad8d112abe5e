//! The only reader of environment variables, the current folder, the clock and the terminal. Repository and configuration
//! are opened when a command first needs them.

mod clock;
mod environment;
mod repository;
mod temporary;
mod terminal;

pub use environment::secrets;
pub use terminal::{Colour, terminal};

use crate::config::Config;
use crate::error::{Error, Kind, Result, ResultExt};
use crate::git::Repo;
use crate::model::Timestamp;
use crate::ui::{Format, TerminalCapabilities, Ui, Verbosity};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The options of the command line that every command has.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The timeout of one exchange with a git remote, if it is not the default.
    pub network_timeout: Option<Duration>,
    /// `-C`: the folder to work in.
    pub folder: Option<PathBuf>,
    /// `--config`: the configuration to use.
    pub config: Option<PathBuf>,
    /// `--format`.
    pub format: Format,
    /// `-q`, `-v`.
    pub verbosity: Verbosity,
    /// The time to use instead of the clock.
    pub now: Option<Timestamp>,
}

/// What is around the program. Commands borrow it immutably, so those that only read cannot write.
pub struct Context {
    network_timeout: Option<Duration>,
    folder: PathBuf,
    config_file: Option<PathBuf>,
    ui: Ui,
    now: Option<Timestamp>,
    repo: OnceCell<Repo>,
    config: OnceCell<Config>,
}

impl Context {
    /// Creates the context of this process.
    #[expect(clippy::disallowed_methods, reason = "the context reads the current folder for all others")]
    pub fn new(settings: Settings, terminal: TerminalCapabilities) -> Result<Context> {
        let current = std::env::current_dir()
            .context(Kind::Refused, "the current folder cannot be read: was it removed?");
        let folder = match (&settings.folder, current) {
            (Some(folder), _) if folder.is_absolute() => folder.clone(),
            (Some(folder), current) => current?.join(folder),
            (None, current) => current?,
        };
        if !folder.is_dir() {
            return Err(Error::usage(format!("{} is not a folder", folder.display())));
        }
        let config_file = settings.config.as_ref().map(|file| folder.join(file));
        Ok(Context {
            folder,
            config_file,
            ui: Ui::new(terminal, settings.verbosity, settings.format, secrets()),
            now: settings.now,
            network_timeout: settings.network_timeout,
            repo: OnceCell::new(),
            config: OnceCell::new(),
        })
    }

    /// Returns what prints and asks.
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// Returns the folder to work in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
