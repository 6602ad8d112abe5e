//! The only room that prints. Data goes to stdout and nothing else does; everything said to a person goes to
//! stderr, by role. Whatever comes from outside is cleaned here, in one place. Leans on `model` and `error`.

mod ask;
mod defuse;
mod progress;
mod snippet;
mod table;
mod text;

pub use crate::model::{clean, clean_line};
pub use progress::Progress;
pub use table::Table;
pub use text::{Role, Text};

use crate::error::{Details, Error, Result, Snippet};
use serde::Serialize;
use serde_json::Value;
use std::cell::Cell;
use std::io::{self, Write};

/// How the answer of a command is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people and for `$(…)`.
    #[default]
    Text,
    /// One JSON object with a `schema`.
    Json,
    /// `key=value` lines for `$GITHUB_OUTPUT`.
    Github,
}

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors alone.
    Quiet,
    /// Errors, warnings and what was done.
    #[default]
    Normal,
    /// Also what was looked at.
    Verbose,
}

/// What the screens are like; read once, by `context.rs`.
#[derive(Clone, Copy, Debug)]
pub struct TerminalCapabilities {
    /// Columns of the terminal, else 100.
    pub width: usize,
    /// stdout shows colours.
    pub colour_out: bool,
    /// stderr shows colours.
    pub colour_err: bool,
    /// Questions can be asked: stdin and stderr are a terminal, and no CI runner owns them.
    pub asks: bool,
    /// stderr is a terminal, so long work may show itself.
    pub terminal: bool,
    /// A CI runner reads along, and takes some lines for commands.
    pub ci: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// How answers are written.
    pub format: Format,
}

/// The mouth of the program.
#[derive(Debug)]
pub struct Ui {
    screen: TerminalCapabilities,
    lost: Cell<Option<io::ErrorKind>>,
}

impl Ui {
    /// A mouth for these screens.
    pub fn new(screen: TerminalCapabilities) -> Self {
        Ui { screen, lost: Cell::new(None) }
    }

    /// All that was looked at is to be said.
    pub fn verbose(&self) -> bool {
        self.screen.verbosity >= Verbosity::Verbose
    }

    /// How answers are written.
    pub fn format(&self) -> Format {
        self.screen.format
    }

    /// Somebody sits here who can be asked.
    pub fn asks(&self) -> bool {
        self.screen.asks
    }

    /// Waits for Enter.
    pub fn pause(&self, words: &str) -> Result<()> {
        ask::pause(&clean_line(words))
    }

    /// Asks a question that is answered with yes or no; no is what Enter means.
    pub fn ask(&self, question: &str) -> Result<bool> {
        self.may_ask()?;
        ask::confirm(self.screen.colour_err, &clean_line(question))
    }

    /// Lets a person choose one of several; its place.
    pub fn choose(&self, question: &str, choices: &[String]) -> Result<usize> {
        self.may_ask()?;
        let choices: Vec<String> = choices.iter().map(|choice| clean_line(choice)).collect();
        ask::choose(self.screen.colour_err, &clean_line(question), &choices)
    }

    /// Lets a person type a line. `fault` says what makes it unfit.
    pub fn input(
        &self,
        question: &str,
        default: Option<&str>,
        fault: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String> {
        self.may_ask()?;
        ask::input(self.screen.colour_err, &clean_line(question), default, fault)
    }

    /// From here on Ctrl-C does not end the program by itself: a deployer runs that must be ended, and recorded, first.
    pub fn keep_running(&self) {
        ask::keep_running();
    }

    fn may_ask(&self) -> Result<()> {
        if self.screen.asks {
            return Ok(());
        }
        Err(Error::refused("this asks before it does anything, and there is no terminal to ask at")
            .hint("--yes answers"))
    }

    /// Begins to show long work: on a terminal, and not with `-q`.
    pub fn progress(&self) -> Progress {
        Progress::new(self.screen.terminal && self.screen.verbosity >= Verbosity::Normal)
    }

    /// Columns that a line may take.
    pub fn width(&self) -> usize {
        self.screen.width
    }

    /// Prints data: one line, or several.
    pub fn data(&self, text: impl Into<Text>) {
        let painted = text.into().paint(self.screen.colour_out);
        self.write(&mut io::stdout().lock(), &painted);
    }

    /// Prints bytes that are the product themselves (a schema, a man page, a completion script), unchanged.
    pub fn product(&self, bytes: &[u8]) {
        self.note(io::stdout().lock().write_all(bytes));
    }

    /// Prints one JSON object, on a line of its own; its strings are cleaned like any other text.
    pub fn json(&self, value: &impl Serialize) {
        let line = serde_json::to_value(value).map(cleaned).and_then(|value| serde_json::to_string(&value));
        // Only a map with keys that are no strings could fail, and no shape of ours has one.
        self.note(writeln!(io::stdout().lock(), "{}", line.unwrap_or_default()));
    }

    /// Says what was asked for but is no data: an explanation beside the answer. Also with `-q`.
    pub fn explain(&self, text: impl Into<Text>) {
        self.say(text.into());
    }

    /// Says what was done or seen. Silent with `-q`.
    pub fn status(&self, text: impl Into<Text>) {
        if self.screen.verbosity >= Verbosity::Normal {
            self.say(text.into());
        }
    }

    /// Says what was looked at. Only with `-v`.
    pub fn detail(&self, text: impl Into<Text>) {
        if self.screen.verbosity >= Verbosity::Verbose {
            self.say(text.into());
        }
    }

    /// Says what is not right but stops nothing. Silent with `-q`.
    pub fn warning(&self, text: impl AsRef<str>) {
        self.status(Text::new().with(Role::Warning, "warning: ").plain(text));
    }

    /// Says what to do next. Silent with `-q`.
    pub fn hint(&self, text: impl AsRef<str>) {
        self.status(Text::new().with(Role::Name, "hint: ").plain(text));
    }

    /// Shows an error: on stderr for people, and also on stdout as JSON with `--format json`.
    pub fn error(&self, error: &Error) {
        match &error.details {
            Details::Text(text) => self.say(Text::new().plain(text.trim_end())),
            Details::Causes => {
                self.message(error);
                for cause in &error.causes {
                    self.say(Text::new().with(Role::Faint, "  because: ").plain(cause));
                }
            }
            Details::Snippets(snippets) => {
                snippets.iter().for_each(|snippet| self.snippet(snippet));
                for cause in error.causes.iter().skip(snippets.len()) {
                    self.say(Text::new().plain(cause));
                }
                self.message(error);
            }
        }
        for hint in &error.hints {
            self.say(Text::new().with(Role::Name, "hint: ").plain(hint));
        }
        if self.screen.format == Format::Json {
            self.json(&error.as_json());
        }
    }

    fn message(&self, error: &Error) {
        self.say(Text::new().with(Role::Bad, "error: ").plain(&error.message));
    }

    /// Shows an excerpt of a text with what is wrong in it, and an empty line. Also with `-q`.
    pub fn snippet(&self, snippet: &Snippet) {
        let rendered = snippet::render(snippet, self.screen.width, self.screen.colour_err);
        self.write(&mut io::stderr().lock(), &format!("{rendered}\n"));
    }

    /// What could not be written; `None` where all was, or where the reader went away.
    pub fn lost(&self) -> Option<Error> {
        let kind = self.lost.get()?;
        Some(Error::unreachable("the answer could not be written").cause(kind).hint("is the disk full?"))
    }

    /// A reader that went away (`rel next | head`) is not an error of ours; everything else is.
    fn note(&self, result: io::Result<()>) {
        if let Err(error) = result.and_then(|()| io::stdout().flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.lost.set(Some(error.kind()));
        }
    }

    fn say(&self, text: Text) {
        let painted = text.paint(self.screen.colour_err);
        self.write(&mut io::stderr().lock(), &painted);
    }

    fn write(&self, out: &mut impl Write, text: &str) {
        for line in text.split('\n') {
            let line = line.trim_end_matches(' ');
            let line = if self.screen.ci { defuse::defuse(line) } else { line.into() };
            self.note(writeln!(out, "{line}"));
        }
    }
}

/// A value whose strings are clean.
fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(cleaned).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, cleaned(value))).collect(),
        other => other,
    }
}
