//! `rel render-notes`: renders a template for another process of `rel`, within limits. It is not for people.

use super::End;
use crate::changelog::run_render_job;
use crate::context::Context;
use crate::error::Result;
use crate::process::limit_this_process;
use clap::Args;

/// Render the notes that standard input describes
#[derive(Debug, Args)]
#[command(hide = true)]
pub struct Arguments {}

/// Runs the command.
pub fn show(context: &Context, _: Arguments) -> Result<End> {
    limit_this_process();
    context.ui().raw(run_render_job(&context.standard_input()?).as_bytes());
    Ok(End::Done)
}
