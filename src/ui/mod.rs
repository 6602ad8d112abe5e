//! The only module that prints and asks. Data goes to stdout, everything else to stderr. Text from outside is cleaned
//! here.

mod ci_commands;
mod progress;
mod prompt;
mod snippet;
mod table;
mod text;

pub use crate::model::{clean, clean_line};
pub use progress::Progress;
pub use table::Table;
pub use text::{Role, Text};

use crate::error::{Details, Error, Result, Snippet};
use crate::model::Redactor;
use serde::Serialize;
use serde_json::Value;
use std::cell::Cell;
use std::io::{self, Write};

/// The format of a command's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Text for people and for `$(…)`.
    #[default]
    Text,
    /// One JSON object with a `schema`.
    Json,
    /// `key=value` lines for `$GITHUB_OUTPUT`.
    Github,
}

/// How much is printed to stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only errors, and explanations that were asked for.
    Quiet,
    /// Also warnings, hints and what was done.
    #[default]
    Normal,
    /// Also details.
    Verbose,
}

/// What the terminal can do. The context reads it once.
#[derive(Clone, Copy, Debug)]
pub struct TerminalCapabilities {
    /// The columns of a line.
    pub width: usize,
    /// Whether stdout is coloured.
    pub colour_out: bool,
    /// Whether stderr is coloured.
    pub colour_err: bool,
    /// Whether somebody can answer questions: stdin and stderr are a terminal, and not that of a CI system.
    pub interactive: bool,
    /// Whether stderr is a terminal, and so can show progress.
    pub stderr_is_terminal: bool,
    /// Whether a CI system reads the output, which takes some lines for commands.
    pub ci: bool,
}

/// Prints and asks.
#[derive(Debug)]
pub struct Ui {
    terminal: TerminalCapabilities,
    verbosity: Verbosity,
    format: Format,
    secrets: Redactor,
    changed: Cell<bool>,
    write_error: Cell<Option<io::ErrorKind>>,
}

impl Ui {
    /// Creates the user interface of a terminal, which never shows these secrets.
    pub fn new(
        terminal: TerminalCapabilities,
        verbosity: Verbosity,
        format: Format,
        secrets: Redactor,
    ) -> Self {
        Ui { terminal, verbosity, format, secrets, changed: Cell::new(false), write_error: Cell::new(None) }
    }

    /// Returns the secrets that are never shown.
    pub fn secrets(&self) -> &Redactor {
        &self.secrets
    }

    /// Returns a text as it is shown: cleaned, and without secrets.
    pub fn masked(&self, text: &str) -> String {
        self.secrets.redact(&clean(text))
    }

    fn masked_line(&self, text: &str) -> String {
        self.secrets.redact(&clean_line(text))
    }

    /// Notes that something was changed that stays changed. From now on, output that cannot be written is a warning and no
    /// failure: the exit code says what happened, not whether somebody could read it.
    pub fn something_changed(&self) {
        self.changed.set(true);
    }

    /// Returns whether details are printed.
    pub fn is_verbose(&self) -> bool {
        self.verbosity >= Verbosity::Verbose
    }

    /// Returns the format of answers.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns whether somebody can answer questions.
    pub fn is_interactive(&self) -> bool {
        self.terminal.interactive
    }

    /// Prints a text and waits for Enter.
    pub fn pause(&self, words: &str) -> Result<()> {
        prompt::pause(&self.masked_line(words))
    }

    /// Asks a yes/no question. Enter means no.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        self.check_interactive()?;
        prompt::confirm(self.terminal.colour_err, &self.masked_line(question))
    }

    /// Asks to choose one of several, and returns its index.
    pub fn choose(&self, question: &str, choices: &[String]) -> Result<usize> {
        self.check_interactive()?;
        let choices: Vec<String> = choices.iter().map(|choice| self.masked_line(choice)).collect();
        prompt::choose(self.terminal.colour_err, &self.masked_line(question), &choices)
    }

    /// Asks for a line of text. `fault` says what is wrong with it.
    pub fn input(
        &self,
        question: &str,
        default: Option<&str>,
        fault: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String> {
        self.check_interactive()?;
        prompt::input(self.terminal.colour_err, &self.masked_line(question), default, fault)
    }

    /// Stops Ctrl-C from ending the program: a command is running that must be ended and recorded first.
    pub fn hold_interrupts(&self) {
        prompt::hold_interrupts();
    }

    fn check_interactive(&self) -> Result<()> {
        if self.terminal.interactive {
            return Ok(());
        }
        Err(Error::refused("confirmation is needed, but there is no terminal")
            .hint("pass --yes to skip the confirmation"))
    }

    /// Shows progress on a terminal. Silent with `-q`.
    pub fn progress(&self) -> Progress {
        let shown = self.terminal.stderr_is_terminal && self.verbosity >= Verbosity::Normal;
        Progress::new(shown, self.secrets.clone())
    }

    /// Returns the columns of a line.
    pub fn width(&self) -> usize {
        self.terminal.width
    }

    /// Prints data: one line or several.
    pub fn data(&self, text: impl Into<Text>) {
        let painted = text.into().styled(self.terminal.colour_out);
        self.note(self.write(&mut io::stdout().lock(), &painted));
    }

    /// Prints bytes unchanged: a schema, a man page, a completion script.
    pub fn raw(&self, bytes: &[u8]) {
        self.note(io::stdout().lock().write_all(bytes));
    }

    /// Prints one JSON object in one line, with its strings cleaned.
    pub fn json(&self, value: &impl Serialize) {
        let line = serde_json::to_value(value)
            .map(|value| self.cleaned(value))
            .and_then(|value| serde_json::to_string(&value));
        // Only a map whose keys are not strings could fail, and there is none.
        self.note(writeln!(io::stdout().lock(), "{}", line.unwrap_or_default()));
    }

    /// Prints an event in one line of JSON as it is recorded: what people wrote in it was cleaned when it was made, and a
    /// hash in it that is hidden makes it useless.
    pub fn event(&self, event: &impl Serialize) {
        // No key of an event could fail.
        let line = serde_json::to_string(event).map(|line| clean_line(&line));
        self.note(writeln!(io::stdout().lock(), "{}", line.unwrap_or_default()));
    }

    /// Prints a line of events for `rel sync -` as it is, for the same reason. It may be the only copy.
    pub fn sync_line(&self, line: &str) {
        // Nobody can be told that telling failed.
        drop(writeln!(io::stderr().lock(), "{line}"));
    }

    /// Prints an explanation that was asked for, beside the answer. Also with `-q`.
    pub fn explain(&self, text: impl Into<Text>) {
        self.print_to_stderr(text.into());
    }

    /// Prints what was done. Silent with `-q`.
    pub fn status(&self, text: impl Into<Text>) {
        if self.verbosity >= Verbosity::Normal {
            self.print_to_stderr(text.into());
        }
    }

    /// Prints details. Only with `-v`.
    pub fn detail(&self, text: impl Into<Text>) {
        if self.verbosity >= Verbosity::Verbose {
            self.print_to_stderr(text.into());
        }
    }

    /// Prints a warning. Silent with `-q`.
    pub fn warning(&self, text: impl AsRef<str>) {
        self.status(Text::new().with(Role::Warning, "warning: ").plain(text));
    }

    /// Prints what to do next. Silent with `-q`.
    pub fn hint(&self, text: impl AsRef<str>) {
        self.status(Text::new().with(Role::Name, "hint: ").plain(text));
    }

    /// Shows an error: on stderr for people, and also on stdout as JSON with `--format json`.
    pub fn error(&self, error: &Error) {
        match &error.details {
            Details::Errors(errors) => {
                self.message(error);
                errors.iter().enumerate().for_each(|(index, part)| self.numbered(index + 1, part));
                for cause in error.added_causes() {
                    self.print_to_stderr(Text::new().with(Role::Faint, "  because: ").plain(cause));
                }
            }
            Details::Causes => {
                self.message(error);
                for cause in &error.causes {
                    self.print_to_stderr(Text::new().with(Role::Faint, "  because: ").plain(cause));
                }
            }
            Details::Snippets(snippets) => {
                snippets.iter().for_each(|snippet| self.snippet(snippet));
                for cause in error.causes.iter().skip(snippets.len()) {
                    self.print_to_stderr(Text::new().plain(cause));
                }
                self.message(error);
            }
        }
        for hint in &error.hints {
            self.print_to_stderr(Text::new().with(Role::Name, "hint: ").plain(hint));
        }
        if self.format == Format::Json {
            self.json(&error.as_json());
        }
    }

    fn numbered(&self, number: usize, error: &Error) {
        self.print_to_stderr(Text::new().plain(format!("  {number}. {}", error.message)));
        for cause in &error.causes {
            self.print_to_stderr(Text::new().with(Role::Faint, "     because: ").plain(cause));
        }
        for hint in error.all_hints() {
            self.print_to_stderr(
                Text::new().with(Role::Name, "     hint: ").plain(hint.replace('\n', "\n     ")),
            );
        }
    }

    fn message(&self, error: &Error) {
        self.print_to_stderr(Text::new().with(Role::Bad, "error: ").plain(&error.message));
    }

    /// Shows an excerpt of a text with what is wrong in it, and an empty line. Also with `-q`.
    pub fn snippet(&self, snippet: &Snippet) {
        let rendered = snippet::render(snippet, self.terminal.width, self.terminal.colour_err);
        self.write_to_stderr(&format!("{rendered}\n"));
    }

    /// Returns the error of the last write to stdout that failed, if nothing was changed; else warns. A reader that went away is
    /// not an error, nor is a stderr that takes nothing: the answer is on stdout.
    pub fn write_error(&self) -> Option<Error> {
        let kind = self.write_error.get()?;
        if self.changed.get() {
            self.warning(format!("the output could not be written: {kind}"));
            return None;
        }
        Some(Error::unreachable("the output could not be written").cause(kind).hint("is the disk full?"))
    }

    /// Remembers a failed write. A reader that went away (`rel next | head`) is not an error.
    fn note(&self, result: io::Result<()>) {
        if let Err(error) = result.and_then(|()| io::stdout().flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.write_error.set(Some(error.kind()));
        }
    }

    fn print_to_stderr(&self, text: Text) {
        self.write_to_stderr(&text.styled(self.terminal.colour_err));
    }

    fn write_to_stderr(&self, text: &str) {
        // Nobody can be told that telling failed.
        drop(self.write(&mut io::stderr().lock(), text));
    }

    fn write(&self, out: &mut impl Write, text: &str) -> io::Result<()> {
        for line in self.secrets.redact(text).split('\n') {
            let line = line.trim_end_matches(' ');
            let line = if self.terminal.ci { ci_commands::escape_ci_commands(line) } else { line.into() };
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Cleans all strings of a value.
    fn cleaned(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.masked(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.cleaned(item)).collect(),
            Value::Object(entries) => {
                entries.into_iter().map(|(key, value)| (key, self.cleaned(value))).collect()
            }
            other => other,
        }
    }
}
