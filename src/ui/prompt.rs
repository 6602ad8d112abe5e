//! Questions at a terminal. The only file that knows `dialoguer`. While a question is open, Ctrl-C ends the question and
//! not the program, so that the terminal is restored.

use crate::error::{Error, Kind, Result, ResultExt};
use dialoguer::console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, Select};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Says what is wrong with an answer; `None` if nothing is.
pub(super) type Fault<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Asks a yes/no question. Enter means no.
pub(super) fn confirm(colour: bool, question: &str) -> Result<bool> {
    let theme = theme(colour);
    guarded(|| Confirm::with_theme(&*theme).with_prompt(question).default(false).interact_opt())
}

/// Asks to choose one of several, and returns its index.
pub(super) fn choose(colour: bool, question: &str, choices: &[String]) -> Result<usize> {
    let theme = theme(colour);
    guarded(|| Select::with_theme(&*theme).with_prompt(question).items(choices).default(0).interact_opt())
}

/// Asks for a line of text.
pub(super) fn input(
    colour: bool,
    question: &str,
    default: Option<&str>,
    fault: &Fault<'_>,
) -> Result<String> {
    let theme = theme(colour);
    let check = |text: &String| fault(text).map_or(Ok(()), Err);
    guarded(|| {
        let input = Input::<String>::with_theme(&*theme).with_prompt(question).validate_with(check);
        let input = match default {
            Some(default) => input.default(default.to_owned()),
            None => input,
        };
        input.interact_text().map(Some)
    })
}

/// Prints a text and waits for Enter.
pub(super) fn pause(words: &str) -> Result<()> {
    guarded(|| {
        let terminal = Term::stderr();
        terminal.write_str(&format!("\n{words} "))?;
        terminal.read_line()?;
        Ok(Some(()))
    })
}

fn theme(colour: bool) -> Box<dyn Theme> {
    if colour { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) }
}

/// Returns the flag that says whether Ctrl-C ends the program, as it does while no question is open. Without the flag it
/// would end the program within a question too, with the cursor hidden.
fn interrupt_ends_program() -> Result<&'static AtomicBool> {
    static ENDS: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(ends) = ENDS.get() {
        return Ok(ends);
    }
    let ends = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, Arc::clone(&ends))
        .context(Kind::Refused, "cannot ask for confirmation: Ctrl-C cannot be handled")?;
    Ok(ENDS.get_or_init(|| ends))
}

/// Asks, and restores the terminal whatever happens. Escape, Ctrl-C and a closed terminal end with exit code 130.
fn guarded<T>(ask: impl FnOnce() -> dialoguer::Result<Option<T>>) -> Result<T> {
    let ends_the_program = interrupt_ends_program()?;
    ends_the_program.store(false, Ordering::SeqCst);
    let answer = ask();
    ends_the_program.store(true, Ordering::SeqCst);
    // An interrupted question leaves the cursor hidden. If the terminal is closed, that fails and does not matter.
    drop(Term::stderr().show_cursor());
    match answer {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(interrupted()),
        Err(error) => {
            drop(Term::stderr().write_line(""));
            let dialoguer::Error::IO(cause) = error;
            match cause.kind() {
                std::io::ErrorKind::Interrupted => Err(interrupted()),
                _ => Err(interrupted().cause(cause)),
            }
        }
    }
}

/// Stops Ctrl-C from ending the program: the caller handles the signal.
pub(super) fn hold_interrupts() {
    // If it cannot be handled, no question was ever asked, and the signal does what the caller set up.
    if let Ok(ends) = interrupt_ends_program() {
        ends.store(false, Ordering::SeqCst);
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted").hint("nothing was changed")
}
