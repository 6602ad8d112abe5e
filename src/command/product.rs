//! `rel schema`, `rel completions`, `rel man`: what is made from the program itself. Leans on `config` and clap.

use super::End;
use crate::config;
use crate::context::Context;
use crate::error::{Error, Kind, Result, ResultExt};
use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

/// Prints the JSON schema of release.toml, for editors.
#[derive(Debug, Args)]
pub struct Schema {}

/// Prints completions for a shell.
///
/// For bash: `rel completions bash > ~/.local/share/bash-completion/completions/rel`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

/// Prints the man page of rel or of one command, or writes all of them into a folder.
#[derive(Debug, Args)]
pub struct Man {
    /// The command; without one, rel itself.
    command: Option<String>,
    /// Writes the pages of rel and of every command into DIR.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Prints the schema.
pub fn schema(context: &Context, _: Schema) -> Result<End> {
    context.ui().product(config::schema().as_bytes());
    Ok(End::Done)
}

/// Prints the completions.
pub fn completions(context: &Context, arguments: Completions, mut root: clap::Command) -> Result<End> {
    let mut bytes = Vec::new();
    clap_complete::generate(arguments.shell, &mut root, "rel", &mut bytes);
    context.ui().product(&bytes);
    Ok(End::Done)
}

/// Prints or writes man pages.
pub fn man(context: &Context, arguments: Man, mut root: clap::Command) -> Result<End> {
    root.build();
    if let Some(folder) = arguments.out {
        let folder = context.folder().join(folder);
        return clap_mangen::generate_to(root, &folder)
            .context(Kind::Refused, format!("the man pages cannot be written into {}", folder.display()))
            .map(|()| End::Done)
            .map_err(|error| error.hint("the folder must exist"));
    }
    let chosen = match &arguments.command {
        None => root,
        Some(name) => {
            let found = root.get_subcommands().find(|command| command.get_name() == name).cloned();
            found.ok_or_else(|| {
                Error::usage(format!("there is no command {name}")).hint("rel --help lists them")
            })?
        }
    };
    let mut bytes = Vec::new();
    clap_mangen::Man::new(chosen).render(&mut bytes).context(Kind::Defect, "the man page cannot be made")?;
    context.ui().product(&bytes);
    Ok(End::Done)
}
