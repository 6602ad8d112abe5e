//! `rel demo`: shows a release from its commits to a rollback, in a temporary folder.

use super::End;
use crate::context::Context;
use crate::demo;
use crate::error::{Error, Kind, Result, ResultExt};
use clap::Args;
use std::path::PathBuf;

/// Walk through a release, from commits to rollback, in a temporary folder
///
/// Goes through commits, version, image, release, deploy, promotion, a bad release, rollback and history, with real git, a bare
/// remote, an image layout and two environments. Every command is shown and can be repeated in the folder, which is kept.
/// Nothing outside that folder is changed. At a terminal, press Enter to go on to the next part.
#[derive(Debug, Args)]
pub struct Arguments {
    /// New or empty folder to use [default: a new temporary folder]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Do not wait between the parts
    #[arg(short, long)]
    yes: bool,
}

/// Runs the demo.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let folder = match arguments.folder {
        Some(folder) => context.folder().join(folder),
        None => context.temporary_path("rel-demo"),
    };
    std::fs::create_dir_all(&folder)
        .context(Kind::Refused, format!("{} cannot be created", folder.display()))?;
    let mut entries =
        std::fs::read_dir(&folder).context(Kind::Refused, format!("{} cannot be read", folder.display()))?;
    if entries.next().is_some() {
        return Err(Error::refused(format!("{} is not empty", folder.display()))
            .hint("name a new or empty folder, or run `rel demo` without one"));
    }
    demo::play(context, &folder, context.ui().is_interactive() && !arguments.yes)?;
    Ok(End::Done)
}
