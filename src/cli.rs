//! The command line: the options of every command, and the one match from verb to command.

use crate::command::{
    End, adopt, approve, bad, changelog, current, cut, demo, deploy, diff, freeze, generate, history, hold,
    ledger, lint, next, promote, render_notes, replay, retag, rollback, status, sync, unlock, verify,
};
use crate::context::{self, Colour, Context, Settings};
use crate::error::{Error, Kind, Result};
use crate::process::{end_first_process_on_signals, survive_file_size_limit};
use crate::ui::{Format, Ui, Verbosity};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The timeout of one exchange with the git remote during a rollback.
const ROLLBACK_NETWORK_TIMEOUT: Duration = Duration::from_secs(10);

/// Release, deploy and roll back: from commits to versions, tags, images and environments
#[derive(Debug, Parser)]
#[command(name = "rel", version, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 a bug in rel, 2 wrong usage or invalid release.toml,\n3 nothing to release (--require), 4 refused, 5 conflict,\n6 a remote, a registry or the disk failed, 7 an artifact is missing,\n8 the deployer or the verification failed, 9 the state is unknown,\n130 interrupted."
)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    verb: Verb,
}

/// The options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct GlobalOptions {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Read FILE instead of release.toml
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Output format: text for people and for command substitution in a shell, json for scripts, github for $GITHUB_OUTPUT
    #[arg(long, value_name = "FORMAT", global = true, default_value = "text")]
    format: FormatOption,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print details
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    color: ColourOption,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Next(next::Arguments),
    Current(current::Arguments),
    Changelog(changelog::Arguments),
    Replay(replay::Arguments),
    Lint(lint::Arguments),
    Cut(cut::Cut),
    Tag(cut::Tag),
    Retag(retag::Arguments),
    Deploy(deploy::Arguments),
    Promote(promote::Arguments),
    Rollback(rollback::Arguments),
    Status(status::Arguments),
    History(history::Arguments),
    Diff(diff::Arguments),
    Approve(approve::Arguments),
    Hold(hold::HoldArguments),
    Unhold(hold::UnholdArguments),
    Freeze(freeze::FreezeArguments),
    Thaw(freeze::ThawArguments),
    Bad(bad::Arguments),
    /// Unmark a bad build
    Good(bad::Arguments),
    Adopt(adopt::Arguments),
    Unlock(unlock::Arguments),
    Sync(sync::Arguments),
    Ledger(ledger::Arguments),
    Verify(verify::Arguments),
    Demo(demo::Arguments),
    Schema(generate::Schema),
    Completions(generate::Completions),
    Man(generate::Man),
    #[command(hide = true)]
    RenderNotes(render_notes::Arguments),
}

/// The values of `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatOption {
    Text,
    Json,
    Github,
}

/// The values of `--color`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColourOption {
    Auto,
    Always,
    Never,
}

/// Returns the command line, for help, man pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs a command line. The first word is the name of the program.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let parsed = command().try_get_matches_from(&words).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&words, &error),
    };
    end_first_process_on_signals();
    survive_file_size_limit();
    // A rollback can go on without the remote, so it does not wait long for one that does not answer.
    let network_timeout = matches!(cli.verb, Verb::Rollback(_)).then_some(ROLLBACK_NETWORK_TIMEOUT);
    let terminal = context::terminal(colour(cli.global.color));
    let settings = Settings { network_timeout, ..settings(cli.global) };
    let (verbosity, format) = (settings.verbosity, settings.format);
    let context = match Context::new(settings, terminal) {
        Ok(context) => context,
        Err(error) => return fail(&Ui::new(terminal, verbosity, format, context::secrets()), &error),
    };
    match run_verb(&context, cli.verb) {
        Ok(end) => ExitCode::from(end.code()),
        // The context knows which values are public although their variables are called like secrets.
        Err(error) => fail(context.ui(), &error),
    }
}

fn fail(ui: &Ui, error: &Error) -> ExitCode {
    ui.error(error);
    ExitCode::from(error.kind.code())
}

fn run_verb(context: &Context, verb: Verb) -> Result<End> {
    let end = match verb {
        Verb::Next(arguments) => next::show(context, arguments),
        Verb::Current(arguments) => current::show(context, arguments),
        Verb::Changelog(arguments) => changelog::show(context, arguments),
        Verb::Replay(arguments) => replay::show(context, arguments),
        Verb::Lint(arguments) => lint::show(context, arguments),
        Verb::Cut(arguments) => cut::cut(context, arguments),
        Verb::Tag(arguments) => cut::tag(context, arguments),
        Verb::Retag(arguments) => retag::show(context, arguments),
        Verb::Deploy(arguments) => deploy::deploy(context, &arguments),
        Verb::Promote(arguments) => promote::promote(context, &arguments),
        Verb::Rollback(arguments) => rollback::rollback(context, &arguments),
        Verb::Status(arguments) => status::show(context, &arguments),
        Verb::History(arguments) => history::show(context, &arguments),
        Verb::Diff(arguments) => diff::show(context, &arguments),
        Verb::Approve(arguments) => approve::approve(context, &arguments),
        Verb::Hold(arguments) => hold::hold(context, &arguments),
        Verb::Unhold(arguments) => hold::unhold(context, &arguments),
        Verb::Freeze(arguments) => freeze::freeze(context, &arguments),
        Verb::Thaw(arguments) => freeze::thaw(context, &arguments),
        Verb::Bad(arguments) => bad::bad(context, &arguments),
        Verb::Good(arguments) => bad::good(context, &arguments),
        Verb::Adopt(arguments) => adopt::adopt(context, &arguments),
        Verb::Unlock(arguments) => unlock::unlock(context, &arguments),
        Verb::Sync(arguments) => sync::sync(context, &arguments),
        Verb::Ledger(arguments) => ledger::ledger(context, &arguments),
        Verb::Verify(arguments) => verify::show(context, arguments),
        Verb::Demo(arguments) => demo::show(context, arguments),
        Verb::Schema(arguments) => generate::schema(context, arguments),
        Verb::Completions(arguments) => generate::completions(context, arguments, command()),
        Verb::RenderNotes(arguments) => render_notes::show(context, arguments),
        Verb::Man(arguments) => generate::man(context, arguments, command()),
    }?;
    context.ui().write_error().map_or(Ok(end), Err)
}

fn colour(option: ColourOption) -> Colour {
    match option {
        ColourOption::Auto => Colour::Auto,
        ColourOption::Always => Colour::Always,
        ColourOption::Never => Colour::Never,
    }
}

fn settings(global: GlobalOptions) -> Settings {
    let verbosity = match (global.quiet, global.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let format = match global.format {
        FormatOption::Text => Format::Text,
        FormatOption::Json => Format::Json,
        FormatOption::Github => Format::Github,
    };
    Settings {
        folder: global.directory,
        config: global.config,
        format,
        verbosity,
        network_timeout: None,
        now: None,
    }
}

/// Prints help and version to stdout (exit code 0), and what is wrong with a command line to stderr (2), with
/// `--format json` also as JSON.
fn usage(words: &[OsString], error: &clap::Error) -> ExitCode {
    let ui = Ui::new(context::terminal(Colour::Auto), Verbosity::Quiet, Format::Json, context::secrets());
    let plain = error.render().to_string();
    if error.use_stderr() && ui.masked(&plain) != plain {
        // An argument that is wrong may be a secret.
        ui.explain(plain.trim_end());
    } else {
        // A reader that went away does not matter.
        drop(error.print());
    }
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let json = words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || words.iter().any(|word| word == "--format=json");
    if json {
        // Only the first paragraph: clap lists the missing arguments in lines of their own.
        let words: Vec<&str> = plain.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        let message = words.join(" ");
        let error = Error::usage(message.trim_start_matches("error: ")).hint("rel --help");
        ui.json(&error.as_json());
    }
    ExitCode::from(Kind::Usage.code())
}
