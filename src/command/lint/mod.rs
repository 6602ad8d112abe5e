//! `rel lint`: messages against Conventional Commits, and the hook that asks for it at every commit. Leans on
//! `model::message`, which is the one reader of messages, and on `history` for the commits since the last release.
//!
//! The way of the data: `source` → `judge` → `report`; `hook` and `install` stand apart.

mod hook;
mod install;
mod judge;
mod report;
mod source;
mod strip;

use crate::command::End;
use crate::context::Context;
use crate::error::Result;
use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Checks a commit message file, a title, or a range against Conventional Commits; installs the commit-msg hook.
///
/// Without a source it checks the commits since the last release. Ends with 4 where there is a fault; all are shown at
/// once.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").args(["file", "title", "range", "install", "uninstall"]))]
#[command(group = ArgGroup::new("hook").args(["install", "uninstall"]))]
pub struct Arguments {
    /// A file with a commit message, as git gives it to the commit-msg hook; - for stdin.
    file: Option<PathBuf>,
    /// Checks one line: the title of a pull request.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    title: Option<String>,
    /// Checks the commits of A..B, or of A..HEAD where only A is given.
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    range: Option<String>,
    /// Lines of FILE that begin with TEXT are no part of the message: without it git's core.commentChar.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    #[arg(requires = "file", conflicts_with_all = ["title", "range", "hook"])]
    comment: Option<String>,
    /// Writes the commit-msg hook of this repository; a hook that is there runs first.
    #[arg(long)]
    install: bool,
    /// Takes the hook away again, and puts back the one that was there.
    #[arg(long)]
    uninstall: bool,
    /// Shows what --install or --uninstall would do.
    #[arg(long, requires = "hook")]
    dry_run: bool,
    /// Never asks a remote.
    #[arg(long)]
    offline: bool,
}

/// Checks messages, or sees to the hook.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    if arguments.install || arguments.uninstall {
        return install::run(context, arguments.install, arguments.dry_run);
    }
    let rules = judge::Rules::read(context)?;
    let batch = source::read(context, &arguments)?;
    let judged: Vec<_> = batch.drafts.into_iter().map(|draft| judge::judge(draft, &rules)).collect();
    report::report(context, &batch.what, &judged)
}
