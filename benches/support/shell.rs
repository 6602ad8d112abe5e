//! Runs child processes without the configuration of the user of this machine.

use super::Failure;
use super::histories::cache;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// The result of a process.
pub(crate) struct Answer {
    /// It ended with 0.
    pub(crate) ok: bool,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it printed on stderr.
    pub(crate) stderr: String,
}

/// Returns the command of a program in a folder, with an empty home, and `PATH` as its only inherited variable.
pub(crate) fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", cache().join("home")).env("XDG_CONFIG_HOME", cache().join("home"));
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
    command
}

/// Runs a command to its end.
pub(crate) fn ask(command: &mut Command) -> Result<Answer, Failure> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Answer { ok: output.status.success(), stdout: text(&output.stdout), stderr: text(&output.stderr) })
}

/// Runs `git`, which must succeed, and returns what it printed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let answer = ask(command("git", folder).args(arguments))?;
    if !answer.ok {
        return Err(format!("git {}: {}", arguments.join(" "), answer.stderr.trim()).into());
    }
    Ok(answer.stdout)
}
