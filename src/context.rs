//! The only reader of the environment, the folder, the clock and the terminal; opens repository and configuration when they are
//! first asked for. Leans on `git`, `config` and `ui`; commands borrow it immutably, so they cannot write.

use crate::config::{self, Config};
use crate::error::{Error, Kind, Result, ResultExt};
use crate::git::{GitProgram, Repo};
use crate::model::{Actor, Redactor, Timestamp};
use crate::ui::{Format, TerminalCapabilities, Ui, Verbosity};
use std::cell::OnceCell;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// Whether colours are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal that wants them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the command line says to every command.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How long one exchange with a git remote may take, where the verb is in a hurry.
    pub remote_patience: Option<std::time::Duration>,
    /// `-C`: the folder to work in.
    pub folder: Option<PathBuf>,
    /// `--config`: the configuration to use.
    pub config: Option<PathBuf>,
    /// `--format`.
    pub format: Format,
    /// `-q`, `-v`.
    pub verbosity: Verbosity,
    /// `--color`.
    pub colour: Colour,
    /// The time to use instead of the clock of the machine.
    pub now: Option<Timestamp>,
}

/// Everything outside the program, as commands see it.
pub struct Context {
    remote_patience: Option<std::time::Duration>,
    folder: PathBuf,
    config_file: Option<PathBuf>,
    ui: Ui,
    now: Option<Timestamp>,
    repo: OnceCell<Repo>,
    config: OnceCell<Config>,
}

/// Reads one environment variable; what is not UTF-8 is replaced, what is empty is absent.
#[expect(clippy::disallowed_methods, reason = "this file is the door through which the environment enters")]
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this file is the door through which the clock enters")]
fn clock() -> Option<u64> {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

impl Context {
    /// The context around this process.
    #[expect(clippy::disallowed_methods, reason = "this file is the door through which the folder enters")]
    pub fn new(settings: Settings) -> Result<Context> {
        let here = std::env::current_dir()
            .context(Kind::Refused, "the current folder cannot be read: was it removed?");
        let folder = match (&settings.folder, here) {
            (Some(folder), _) if folder.is_absolute() => folder.clone(),
            (Some(folder), here) => here?.join(folder),
            (None, here) => here?,
        };
        if !folder.is_dir() {
            return Err(Error::usage(format!("{} is not a folder", folder.display())));
        }
        let config_file = settings.config.as_ref().map(|file| folder.join(file));
        let ui = Ui::new(Screens::new(&settings).into());
        Ok(Context {
            folder,
            config_file,
            ui,
            now: settings.now,
            remote_patience: settings.remote_patience,
            repo: OnceCell::new(),
            config: OnceCell::new(),
        })
    }

    /// The mouth of the program.
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// The folder to work in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// An environment variable, by name; empty counts as absent.
    pub fn variable(&self, name: &str) -> Option<String> {
        variable(name)
    }

    /// This very program, for who starts it anew.
    pub fn program(&self) -> Result<PathBuf> {
        std::env::current_exe().context(Kind::Refused, "the place of this program cannot be found")
    }

    /// A name among the temporary files that nobody has yet.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let run = format!("{name}-{}-{}", std::process::id(), clock().unwrap_or_default());
        std::env::temp_dir().join(run)
    }

    /// What time it is; `REL_NOW` (RFC 3339, or seconds since 1970) says it instead of the clock.
    pub fn now(&self) -> Result<Timestamp> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        if let Some(text) = variable("REL_NOW") {
            return Timestamp::parse(&text).ok_or_else(|| {
                Error::usage(format!("REL_NOW={text} is no time")).hint("REL_NOW=2026-11-20T12:00:00Z")
            });
        }
        let seconds =
            clock().and_then(|seconds| i64::try_from(seconds).ok()).and_then(Timestamp::from_seconds);
        seconds.ok_or_else(|| Error::refused("the clock of this machine is before 1970 or after 9999"))
    }

    /// A text without the secrets of this environment: the values of variables that are called so, wherever they stand.
    #[expect(
        clippy::disallowed_methods,
        reason = "this file is the door through which the environment enters"
    )]
    pub fn masked(&self, text: &str) -> String {
        let secret = |name: &str| {
            ["TOKEN", "PASSWORD", "SECRET", "_KEY", "WEBHOOK_URL", "CREDENTIALS"]
                .iter()
                .any(|end| name.ends_with(end))
        };
        let secrets = std::env::vars_os().filter_map(|(name, value)| {
            let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
            secret(&name).then_some(value)
        });
        Redactor::new(secrets).redact(text)
    }

    /// What time it is in milliseconds since 1970, for names that sort.
    #[expect(clippy::disallowed_methods, reason = "this file is the door through which the clock enters")]
    pub fn milliseconds(&self) -> Result<u64> {
        if variable("REL_NOW").is_some() {
            return Ok(u64::try_from(self.now()?.seconds()).unwrap_or(0) * 1000);
        }
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// The name of the time zone in which people here read a clock; UTC where nothing says it.
    pub fn zone(&self) -> String {
        let link = || {
            let target = std::fs::read_link("/etc/localtime").ok()?;
            Some(target.to_string_lossy().split("zoneinfo/").nth(1)?.to_owned())
        };
        let set = variable("TZ").map(|zone| zone.trim_start_matches(':').to_owned());
        set.or_else(link).unwrap_or_else(|| "UTC".to_owned())
    }

    /// The name of this machine.
    pub fn host(&self) -> String {
        variable("REL_HOST")
            .unwrap_or_else(|| rustix::system::uname().nodename().to_string_lossy().into_owned())
    }

    /// 128 bits that nobody can foresee.
    pub fn randomness(&self) -> Result<u128> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).context(Kind::Refused, "this machine gives no randomness")?;
        Ok(u128::from_ne_bytes(bytes))
    }

    /// What is read from standard input, for verbs that take lines.
    pub fn input(&self) -> Result<String> {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context(Kind::Refused, "standard input cannot be read")?;
        Ok(text)
    }

    /// A name for this run that no other bears: the CI run where one is named, and the timestamp.
    #[expect(clippy::disallowed_methods, reason = "this file is the door through which the clock enters")]
    pub fn run_id(&self) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        // GitHub, GitLab, Jenkins, Buildkite, CircleCI.
        let ci = ["GITHUB_RUN_ID", "CI_JOB_ID", "BUILD_TAG", "BUILDKITE_JOB_ID", "CIRCLE_WORKFLOW_JOB_ID"];
        let run = ci.iter().find_map(|name| variable(name)).unwrap_or_else(|| "local".to_owned());
        let run: String = run.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect();
        format!("{run}.{}.{:x}", std::process::id(), now.as_nanos())
    }

    /// Who acts: in CI whom its variables name, else whom git knows; claimed, not proven.
    pub fn actor(&self) -> Result<Actor> {
        if let Some(actor) = Actor::of_ci(&|name| variable(name)) {
            return Ok(actor);
        }
        let author = self.repo()?.author()?;
        Ok(Actor::local(&author.email, &author.name, self.ui.asks()))
    }

    /// The repository that the folder lies in.
    pub fn repo(&self) -> Result<&Repo> {
        if let Some(repo) = self.repo.get() {
            return Ok(repo);
        }
        let program = GitProgram::new(&self.folder, std::io::stdin().is_terminal());
        let program = match self.remote_patience {
            Some(patience) => program.with_network_timeout(patience),
            None => program,
        };
        let replace = variable("GIT_NO_REPLACE_OBJECTS").is_none();
        // As git has it: what GIT_DIR names, from the folder that is worked in.
        let git_dir = variable("GIT_DIR").map(|place| self.folder.join(place));
        let repo = Repo::open(git_dir.as_deref().unwrap_or(&self.folder), program, replace)?;
        Ok(self.repo.get_or_init(|| repo))
    }

    /// The configuration: `--config`, else `release.toml` at the top of the work tree, else (in a bare repository) that
    /// of HEAD, else the defaults.
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

    /// The file that `--config` names, with its text.
    pub fn config_named(&self) -> Result<Option<(String, String)>> {
        if self.config_file.is_some() { self.config_text() } else { Ok(None) }
    }

    /// Lets another configuration decide than that of the work tree: that of the remote's default branch, for verbs of
    /// environments. Whatever was asked before keeps what it had.
    pub fn govern(&self, config: &Config) {
        self.config.get_or_init(|| config.clone());
    }

    /// Says that notifications are asked for and that nothing sends them yet.
    pub fn warn_of_what_is_not_sent(&self) -> Result<()> {
        if self.config()?.notifies {
            self.ui.warning("[[notify]] of release.toml is not used by this version: nothing is sent");
        }
        Ok(())
    }

    /// The name and the text of the configuration; `None` where there is none.
    fn config_text(&self) -> Result<Option<(String, String)>> {
        if let Some(file) = &self.config_file {
            let name = file.display().to_string();
            return read_text(file, &name)?.map(|text| Some((name.clone(), text))).ok_or_else(|| {
                Error::usage(format!("{name} does not exist")).hint("--config names a file that is there")
            });
        }
        let name = config::FILE.to_owned();
        match self.repo()?.work_tree() {
            Some(top) => Ok(read_text(&top.join(config::FILE), &name)?.map(|text| (name, text))),
            None => Ok(self.repo()?.file_at_head(config::FILE)?.map(|text| (format!("HEAD:{name}"), text))),
        }
    }
}

/// The text of a file; `None` where there is none.
fn read_text(file: &Path, name: &str) -> Result<Option<String>> {
    match std::fs::read(file) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            Error::usage(format!("{name} is not UTF-8: byte {} is not", error.utf8_error().valid_up_to()))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::usage(format!("{name} cannot be read")).cause(error)),
    }
}

/// What the screens around this process are like, and what the command line wants of them.
#[derive(Clone, Copy, Debug)]
pub struct Screens(TerminalCapabilities);

impl Screens {
    /// Looks at terminal and environment.
    pub fn new(settings: &Settings) -> Self {
        let out = std::io::stdout().is_terminal();
        let err = std::io::stderr().is_terminal();
        let colour = |terminal: bool| match settings.colour {
            Colour::Always => true,
            Colour::Never => false,
            // no-color.org, then bixense.com/clicolors.
            Colour::Auto if variable("NO_COLOR").is_some() => false,
            Colour::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            Colour::Auto => terminal && variable("TERM").is_none_or(|term| term != "dumb"),
        };
        let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let width: usize = columns.or_else(|| (out || err).then(terminal_width).flatten()).unwrap_or(100);
        Screens(TerminalCapabilities {
            width: width.clamp(40, 300),
            colour_out: colour(out),
            colour_err: colour(err),
            asks: err && std::io::stdin().is_terminal() && !in_ci(),
            terminal: err,
            ci: in_ci(),
            verbosity: settings.verbosity,
            format: settings.format,
        })
    }
}

impl From<Screens> for TerminalCapabilities {
    fn from(screens: Screens) -> TerminalCapabilities {
        screens.0
    }
}

impl Context {
    /// Whether this runs in CI, of a known system or not.
    pub fn in_ci(&self) -> bool {
        in_ci()
    }
}

/// Whether a CI runner reads along: all that we know of set `CI`, but Jenkins and TeamCity.
fn in_ci() -> bool {
    variable("CI").is_some_and(|value| value != "false" && value != "0")
        || ["GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION", "TF_BUILD"]
            .iter()
            .any(|name| variable(name).is_some())
}

/// Columns of the terminal behind stdout or stderr.
fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
}
