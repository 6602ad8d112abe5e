//! The whole life of a release in a scratch folder: real git with a bare remote, an image layout, two environments in
//! which something really runs. Every line is shown and then run as it stands. Leans on `context` and `ui`.

mod stage;
mod story;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::{Role, Text};
use stage::Stage;
use std::path::Path;
use story::{ACTS, Act};

/// How a shell says that its line wrote to a pipe that nobody reads any more: 128 and SIGPIPE.
const CLOSED: i32 = 141;

/// Plays the story in `folder`, which is new or empty, and leaves it as it is at the end; `wait` pauses between the acts.
///
/// # Errors
///
/// A folder that cannot be used (exit code 4); a line that ends otherwise than the story says (1).
pub fn play(context: &Context, folder: &Path, wait: bool) -> Result<()> {
    let ui = context.ui();
    ui.data(format!(
        "A shop with a bare remote, an image layout and two environments, in {}.",
        folder.display()
    ));
    ui.data("Everything below is really run; nothing leaves this folder.");
    let stage = Stage::build(folder, context.program()?, context.variable("PATH"))?;
    let told = acts(context, &stage, wait);
    stage.stop();
    if !told? {
        return Ok(());
    }
    ui.data("\nThat was it. The folder stays; the shops in it were stopped. To go on from here:");
    ui.data(format!("  cd {} && PATH={}:$PATH", stage.shop().display(), stage.bin().display()));
    ui.data("  rel rollback prod --reason 'just to see'");
    Ok(())
}

/// Plays one act after the other; false where nobody reads along any more.
fn acts(context: &Context, stage: &Stage, wait: bool) -> Result<bool> {
    for (number, act) in ACTS.iter().enumerate() {
        if wait {
            context.ui().pause("Enter goes on, Ctrl-C ends.")?;
        }
        if !tell(context, stage, number + 1, act)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Plays one act; false where whoever read along went away (`rel demo | head`).
fn tell(context: &Context, stage: &Stage, number: usize, act: &Act) -> Result<bool> {
    let ui = context.ui();
    ui.data(Text::new().plain("\n").with(Role::Answer, format!("{number}. {}", act.title)));
    ui.data(act.why);
    for line in act.lines {
        ui.data(Text::new().with(Role::Faint, "\n$ ").with(Role::Name, line.words));
        let code = stage.run(line.words)?;
        if code == CLOSED {
            return Ok(false);
        }
        if code != line.code {
            let place = stage.shop().display();
            return Err(Error::defect(format!(
                "`{}` ended with {code} and not with {}",
                line.words, line.code
            ))
            .hint(format!("the folder stays as it is: {place}")));
        }
        if code != 0 {
            ui.data(Text::new().with(Role::Faint, format!("(exit code {code})")));
        }
    }
    Ok(true)
}
