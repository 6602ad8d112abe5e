//! `rel` and the other tools: where they are found, the fairest command for the next version of each, and how its answer is
//! read.

use super::Failure;
use super::histories::cache;
use super::shell::{ask, command};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that computes the next version.
pub(crate) struct Tool {
    /// Its name, with the version that is installed.
    pub(crate) name: String,
    /// The program itself.
    pub(crate) program: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Rel,
    GitCliff,
    Cocogitto,
    Convco,
}

/// Returns the `rel` of this build, or that of `$REL_BINARY`.
pub(crate) fn rel() -> Result<Tool, Failure> {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_rel"));
    Tool::new("rel", std::env::var_os("REL_BINARY").map_or(built, PathBuf::from), Kind::Rel)
}

/// Returns the other tools on `PATH` and in the folder `$REL_PEERS`; one that is not installed is left out, with a message.
pub(crate) fn peers() -> Result<Vec<Tool>, Failure> {
    let mut found = Vec::new();
    for (name, kind) in [("git-cliff", Kind::GitCliff), ("cog", Kind::Cocogitto), ("convco", Kind::Convco)] {
        match find(name) {
            Some(program) => found.push(Tool::new(name, program, kind)?),
            None => println!("{name} is neither on PATH nor in $REL_PEERS: left out.\n"),
        }
    }
    Ok(found)
}

fn find(name: &str) -> Option<PathBuf> {
    let folders = ["REL_PEERS", "PATH"].into_iter().filter_map(std::env::var_os);
    let folders: Vec<PathBuf> =
        folders.flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>()).collect();
    folders.into_iter().map(|folder| folder.join(name)).find(|program| program.is_file())
}

impl Tool {
    fn new(name: &str, program: PathBuf, kind: Kind) -> Result<Self, Failure> {
        let answer = ask(command(&program, Path::new("/")).arg("--version"))?;
        let version = answer.stdout.split_whitespace().nth(1).unwrap_or("?").to_owned();
        Ok(Tool { name: format!("{name} {version}"), program, kind })
    }

    /// Returns the command for the next version, without a configuration except for the prefix of tags.
    pub(crate) fn next(&self, folder: &Path, prefix: &str) -> Result<Command, Failure> {
        let mut command = command(&self.program, folder);
        match self.kind {
            Kind::Rel => command.arg("next"),
            // Without `--unreleased` it answers the same, but reads all releases first; without the pattern it takes
            // the tag of another package for the last release.
            Kind::GitCliff => {
                let pattern = format!("^{prefix}[0-9]");
                command.args(["--unreleased", "--bumped-version", "--tag-pattern", &pattern])
            }
            // It reads tags with a `v` only where its file says so.
            Kind::Cocogitto if !prefix.is_empty() => {
                let file = cache().join("cog.toml");
                fs::write(&file, format!("tag_prefix = \"{prefix}\"\n"))?;
                command.arg("--config").arg(file).args(["bump", "--auto", "--dry-run"])
            }
            Kind::Cocogitto => command.args(["bump", "--auto", "--dry-run"]),
            Kind::Convco => command.args(["version", "--bump", "--prefix", prefix]),
        };
        Ok(command)
    }
}

/// Returns the version in the output of a tool: the last word, without the prefix. `None` if the output is a sentence or empty,
/// because there is nothing to release.
pub(crate) fn version_in(stdout: &str, prefix: &str) -> Option<semver::Version> {
    let word = stdout.split_whitespace().last()?;
    semver::Version::parse(word.strip_prefix(prefix).unwrap_or(word)).ok()
}
