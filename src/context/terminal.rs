//! What the terminal can do, from the terminal itself, the environment and `--color`.

use super::environment::{in_ci, variable};
use crate::ui::TerminalCapabilities;
use std::io::IsTerminal;

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How many columns output has where nothing says it, and the bounds of what is believed.
const DEFAULT_WIDTH: usize = 100;
const MIN_WIDTH: usize = 40;
const MAX_WIDTH: usize = 300;

/// Reads what the terminal of this process can do.
pub fn terminal(colour: Colour) -> TerminalCapabilities {
    let out = std::io::stdout().is_terminal();
    let err = std::io::stderr().is_terminal();
    let coloured = |terminal: bool| match colour {
        Colour::Always => true,
        Colour::Never => false,
        // no-color.org, then bixense.com/clicolors.
        Colour::Auto if variable("NO_COLOR").is_some() => false,
        Colour::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Colour::Auto => terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    };
    let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = columns.or_else(|| (out || err).then(terminal_width).flatten()).unwrap_or(DEFAULT_WIDTH);
    TerminalCapabilities {
        width: width.clamp(MIN_WIDTH, MAX_WIDTH),
        colour_out: coloured(out),
        colour_err: coloured(err),
        interactive: err && std::io::stdin().is_terminal() && !in_ci(),
        stderr_is_terminal: err,
        ci: in_ci(),
    }
}

/// Returns the columns of the terminal of stdout or stderr.
fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
}
