//! `rel schema`, `rel completions`, `rel man`: files that are generated from the program itself.

use super::End;
use crate::config;
use crate::context::Context;
use crate::error::{Error, Kind, Result, ResultExt};
use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

/// Print the JSON schema for release.toml
#[derive(Debug, Args)]
pub struct Schema {}

/// Print shell completions
///
/// For bash: `rel completions bash > ~/.local/share/bash-completion/completions/rel`.
#[derive(Debug, Args)]
pub struct Completions {
    /// Shell
    shell: Shell,
}

/// Print the man page of rel or of a command, or write all man pages to a folder
#[derive(Debug, Args)]
pub struct Man {
    /// Command to describe [default: rel itself]
    command: Option<String>,
    /// Write the man pages of rel and of every command to DIR
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Runs `rel schema`.
pub fn schema(context: &Context, _: Schema) -> Result<End> {
    context.ui().raw(config::schema().as_bytes());
    Ok(End::Done)
}

/// Runs `rel completions`.
pub fn completions(context: &Context, arguments: Completions, mut root: clap::Command) -> Result<End> {
    let mut bytes = Vec::new();
    clap_complete::generate(arguments.shell, &mut root, "rel", &mut bytes);
    context.ui().raw(&bytes);
    Ok(End::Done)
}

/// Runs `rel man`.
pub fn man(context: &Context, arguments: Man, mut root: clap::Command) -> Result<End> {
    root.build();
    if let Some(folder) = arguments.out {
        let folder = context.folder().join(folder);
        return clap_mangen::generate_to(root, &folder)
            .context(Kind::Refused, format!("the man pages cannot be written to {}", folder.display()))
            .map(|()| End::Done)
            .map_err(|error| error.hint("the folder must exist"));
    }
    let chosen = match &arguments.command {
        None => root,
        Some(name) => {
            let found = root.get_subcommands().find(|command| command.get_name() == name).cloned();
            found.ok_or_else(|| Error::usage(format!("{name} is not a command")).hint("rel --help"))?
        }
    };
    let mut bytes = Vec::new();
    clap_mangen::Man::new(chosen)
        .render(&mut bytes)
        .context(Kind::Defect, "the man page cannot be generated")?;
    context.ui().raw(&bytes);
    Ok(End::Done)
}
