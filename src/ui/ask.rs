//! Questions at a terminal. The only file that knows `dialoguer`, and the only one that minds Ctrl-C: while a question
//! stands, it ends the question and not the program, so that the terminal is given back as it was.

use crate::error::{Error, Kind, Result, ResultExt};
use dialoguer::console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, Select};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What makes an answer unfit, as a sentence.
pub(super) type Fault<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Yes or no; Enter means no.
pub(super) fn confirm(colour: bool, question: &str) -> Result<bool> {
    let theme = theme(colour);
    guarded(|| Confirm::with_theme(&*theme).with_prompt(question).default(false).interact_opt())
}

/// One of several, by its place.
pub(super) fn choose(colour: bool, question: &str, choices: &[String]) -> Result<usize> {
    let theme = theme(colour);
    guarded(|| Select::with_theme(&*theme).with_prompt(question).items(choices).default(0).interact_opt())
}

/// A line of text.
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

/// Waits for Enter.
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

/// Whether Ctrl-C ends the program, as it does where no question stands. Without this it would end the program inside
/// of a question too, with the cursor hidden.
fn ctrl_c() -> Result<&'static AtomicBool> {
    static ENDS: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(ends) = ENDS.get() {
        return Ok(ends);
    }
    let ends = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, Arc::clone(&ends))
        .context(Kind::Refused, "Ctrl-C cannot be minded, so nothing is asked")?;
    Ok(ENDS.get_or_init(|| ends))
}

/// Asks, and gives the terminal back whatever happens. Escape, Ctrl-C and a terminal that went away end with 130.
fn guarded<T>(ask: impl FnOnce() -> dialoguer::Result<Option<T>>) -> Result<T> {
    let ends_the_program = ctrl_c()?;
    ends_the_program.store(false, Ordering::SeqCst);
    let answer = ask();
    ends_the_program.store(true, Ordering::SeqCst);
    // A question that was broken off has left the cursor hidden; where the terminal is gone, nobody sees it.
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

/// From here on Ctrl-C ends no program: whoever runs something that must be ended first listens for it.
pub(super) fn keep_running() {
    // Where it cannot be minded, nothing was ever asked, and nothing of ours listens either.
    if let Ok(ends) = ctrl_c() {
        ends.store(false, Ordering::SeqCst);
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted").hint("nothing was changed")
}
