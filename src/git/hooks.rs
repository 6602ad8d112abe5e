//! The commands of `[cut] before`.

use super::repo::Repo;
use crate::error::{Error, Result};
use crate::process::{CommandEnvironment, CommandSpec, Stream};
use std::path::Path;

/// Runs a command of `[cut] before` at the top of the work tree; what it prints goes to standard error.
pub fn run_before(repo: &Repo, words: &[String]) -> Result<()> {
    let folder = repo.work_tree().unwrap_or_else(|| repo.git.path().to_owned());
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let spec = CommandSpec::new(program, CommandEnvironment::inherited());
    let spec = spec.arguments(arguments).folder(&folder);
    let status = spec.attach(Stream::Null, Stream::Stderr).map_err(|error| {
        Error::refused(format!("{program}, which [cut] before runs, cannot be started"))
            .cause(error)
            .hint("put it on PATH, or give its path")
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::refused(format!("[cut] before failed: {program}")).cause(status).hint("nothing was changed"))
}

/// Returns whether a program of `[cut] before` exists: at its path in the work tree, or in a folder of `path`.
pub fn has_program(repo: &Repo, program: &str, path: &str) -> bool {
    let folder = repo.work_tree().unwrap_or_else(|| repo.git.path().to_owned());
    if program.contains('/') {
        return folder.join(program).exists();
    }
    std::env::split_paths(path).any(|place| Path::new(&place).join(program).is_file())
}
