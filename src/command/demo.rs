//! `rel demo`: the whole life of a release, played in a scratch folder. Leans on `demo`.

use super::End;
use crate::context::Context;
use crate::demo;
use crate::error::{Error, Kind, Result, ResultExt};
use clap::Args;
use std::path::PathBuf;

/// Plays the whole life of a release in a scratch folder: commits, version, image, release, deploy, promotion, a bad
/// release, rollback, history.
///
/// Real git with a bare remote, an image layout, two environments in which something really runs; every command is
/// shown, and can be repeated in the folder, which stays. Nothing outside that folder is touched. At a terminal, Enter
/// goes from act to act.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder to play in: new, or empty. Default: a new one among the temporary files.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Does not wait between the acts.
    #[arg(short, long)]
    yes: bool,
}

/// Plays it.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let folder = match arguments.folder {
        Some(folder) => context.folder().join(folder),
        None => context.scratch("rel-demo"),
    };
    std::fs::create_dir_all(&folder)
        .context(Kind::Refused, format!("{} cannot be made", folder.display()))?;
    let mut entries =
        std::fs::read_dir(&folder).context(Kind::Refused, format!("{} cannot be read", folder.display()))?;
    if entries.next().is_some() {
        return Err(Error::refused(format!("{} is not empty", folder.display()))
            .hint("name a new folder, or none: rel demo"));
    }
    demo::play(context, &folder, context.ui().asks() && !arguments.yes)?;
    Ok(End::Done)
}
