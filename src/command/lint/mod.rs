//! `rel lint`: checks messages against Conventional Commits, and installs the hook that does so at every commit.
//!
//! `source` → `check` → `report`; `install` and `hook` are for the hook.

mod check;
mod hook;
mod install;
mod report;
mod source;
mod strip;

use crate::command::End;
use crate::context::Context;
use crate::error::Result;
use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Check commit messages against Conventional Commits, or install a commit-msg hook that does so
///
/// Checks a file, a title or a range; by default the commits since the last release. All problems are shown at once; if there
/// are any, the exit code is 4.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").args(["file", "title", "range", "install", "uninstall"]))]
#[command(group = ArgGroup::new("hook").args(["install", "uninstall"]))]
pub struct Arguments {
    /// File with a commit message, as git passes it to the commit-msg hook; - for stdin
    file: Option<PathBuf>,
    /// Check TEXT as the title of a pull request
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    title: Option<String>,
    /// Check the commits of A..B; A.. ends at HEAD
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    range: Option<String>,
    /// Ignore lines of FILE that begin with TEXT [default: git's core.commentChar]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    #[arg(requires = "file", conflicts_with_all = ["title", "range", "hook"])]
    comment: Option<String>,
    /// Install the commit-msg hook; an existing hook runs first
    #[arg(long)]
    install: bool,
    /// Uninstall the hook and restore the one that existed before
    #[arg(long)]
    uninstall: bool,
    /// Show what --install or --uninstall would do without doing it
    #[arg(long, requires = "hook")]
    dry_run: bool,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
}

/// Checks messages, or installs or removes the hook.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    if arguments.install || arguments.uninstall {
        return install::run(context, arguments.install, arguments.dry_run);
    }
    let rules = check::LintRules::read(context)?;
    let source::Messages { source, messages } = source::read(context, &arguments)?;
    let checked: Vec<_> = messages.into_iter().map(|message| check::check(message, &rules)).collect();
    report::report(context, &source, &checked)
}
