//! Shows a release from its commits to a rollback, in a folder of its own: real git with a bare remote, an image layout,
//! and two environments in which a program runs. Every command is shown and then run.

mod sandbox;
mod story;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::{Role, Text};
use sandbox::Sandbox;
use std::path::Path;
use story::{PARTS, Part};

/// The exit code of a shell whose command wrote to a closed pipe: 128 and SIGPIPE.
const CLOSED_PIPE: i32 = 141;

/// Runs the demo in `folder`, which is new or empty and is kept. `wait` pauses between the parts.
///
/// # Errors
///
/// The folder cannot be used (exit code 4); a command does not end as expected (1).
pub fn play(context: &Context, folder: &Path, wait: bool) -> Result<()> {
    let ui = context.ui();
    ui.data(format!(
        "A shop with a bare remote, an image layout and two environments, in {}.",
        folder.display()
    ));
    ui.data("Every command below really runs; nothing outside this folder is changed.");
    let sandbox = Sandbox::create(folder, context.program()?, context.variable("PATH"))?;
    let finished = run_parts(context, &sandbox, wait);
    sandbox.stop();
    if !finished? {
        return Ok(());
    }
    ui.data(
        "\nThat is all. The folder is kept; the processes that the demo started have been stopped. To continue from here:",
    );
    ui.data(format!("  cd {} && PATH={}:$PATH", sandbox.shop().display(), sandbox.bin().display()));
    ui.data("  rel rollback prod --reason 'just to see'");
    Ok(())
}

/// Runs one part after the other. Returns false where the output is no longer read (`rel demo | head`).
fn run_parts(context: &Context, sandbox: &Sandbox, wait: bool) -> Result<bool> {
    for (number, part) in PARTS.iter().enumerate() {
        if wait {
            context.ui().pause("Press Enter to continue, Ctrl-C to stop.")?;
        }
        if !run_part(context, sandbox, number + 1, part)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs one part. Returns false where the output is no longer read.
fn run_part(context: &Context, sandbox: &Sandbox, number: usize, part: &Part) -> Result<bool> {
    let ui = context.ui();
    ui.data(Text::new().plain("\n").with(Role::Answer, format!("{number}. {}", part.title)));
    ui.data(part.why);
    for line in part.lines {
        ui.data(Text::new().with(Role::Faint, "\n$ ").with(Role::Name, line.command));
        let code = sandbox.run(line.command)?;
        if code == CLOSED_PIPE {
            return Ok(false);
        }
        if code != line.code {
            let place = sandbox.shop().display();
            return Err(Error::defect(format!(
                "`{}` exited with {code} instead of {}",
                line.command, line.code
            ))
            .hint(format!("the folder is kept: {place}")));
        }
        if code != 0 {
            ui.data(Text::new().with(Role::Faint, format!("(exit code {code})")));
        }
    }
    Ok(true)
}
