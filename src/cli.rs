//! The clap root, and the one match from verb to command. Leans on every room.

use crate::command::{
    adopt, approve, bad, changelog, current, cut, demo, deploy, diff, freeze, history, hold, ledger, lint,
    next, product, promote, replay, retag, rollback, status, sync, unlock, verify,
};
use crate::context::{Colour, Context, Screens, Settings};
use crate::error::{Error, Kind};
use crate::ui::{Format, Ui, Verbosity};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// From a commit to production and back: the next version, the release, the image's version tag, what runs where.
#[derive(Debug, Parser)]
#[command(name = "rel", version, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 a defect in rel, 2 usage or release.toml, 3 nothing to release (--require),\n4 refused, 5 conflict, 6 something outside is unreachable, 7 an artifact is missing,\n8 the deployer or the verification failed, 9 the state is unknown, 130 interrupted."
)]
pub struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    verb: Verb,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
struct Everywhere {
    /// Works as if started in DIR.
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Reads FILE instead of release.toml.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// How the answer is written: text for people and $(…), json for scripts, github for $GITHUB_OUTPUT.
    #[arg(long, value_name = "FORMAT", global = true, default_value = "text")]
    format: FormatWord,
    /// Says errors alone.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Says also what is looked at.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Shows colours.
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    color: ColourWord,
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
    Hold(hold::Arguments),
    Unhold(hold::Unhold),
    Freeze(freeze::Freeze),
    Thaw(freeze::Thaw),
    Bad(bad::Arguments),
    /// Takes the mark of a bad build away.
    Good(bad::Arguments),
    Adopt(adopt::Arguments),
    Unlock(unlock::Arguments),
    Sync(sync::Arguments),
    Ledger(ledger::Arguments),
    Verify(verify::Arguments),
    Demo(demo::Arguments),
    Schema(product::Schema),
    Completions(product::Completions),
    Man(product::Man),
}

/// The words of `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatWord {
    Text,
    Json,
    Github,
}

/// The words of `--color`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColourWord {
    Auto,
    Always,
    Never,
}

/// The whole command line, for help, man pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs a command line, its first word being the program's name.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let parsed = command().try_get_matches_from(&words).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&words, &error),
    };
    // A rollback goes ahead without its remote: it waits less for one that is silent.
    let hurry = matches!(cli.verb, Verb::Rollback(_));
    let remote_patience = hurry.then_some(std::time::Duration::from_secs(10));
    let settings = Settings { remote_patience, ..settings(cli.everywhere) };
    let screens = Screens::new(&settings);
    let result = Context::new(settings).and_then(|context| {
        let end = match cli.verb {
            Verb::Next(arguments) => next::show(&context, arguments),
            Verb::Current(arguments) => current::show(&context, arguments),
            Verb::Changelog(arguments) => changelog::show(&context, arguments),
            Verb::Replay(arguments) => replay::show(&context, arguments),
            Verb::Lint(arguments) => lint::show(&context, arguments),
            Verb::Cut(arguments) => cut::cut(&context, arguments),
            Verb::Tag(arguments) => cut::tag(&context, arguments),
            Verb::Retag(arguments) => retag::show(&context, arguments),
            Verb::Deploy(arguments) => deploy::deploy(&context, &arguments),
            Verb::Promote(arguments) => promote::promote(&context, &arguments),
            Verb::Rollback(arguments) => rollback::rollback(&context, &arguments),
            Verb::Status(arguments) => status::show(&context, &arguments),
            Verb::History(arguments) => history::show(&context, &arguments),
            Verb::Diff(arguments) => diff::show(&context, &arguments),
            Verb::Approve(arguments) => approve::approve(&context, &arguments),
            Verb::Hold(arguments) => hold::hold(&context, &arguments),
            Verb::Unhold(arguments) => hold::unhold(&context, &arguments),
            Verb::Freeze(arguments) => freeze::freeze(&context, &arguments),
            Verb::Thaw(arguments) => freeze::thaw(&context, &arguments),
            Verb::Bad(arguments) => bad::bad(&context, &arguments),
            Verb::Good(arguments) => bad::good(&context, &arguments),
            Verb::Adopt(arguments) => adopt::adopt(&context, &arguments),
            Verb::Unlock(arguments) => unlock::unlock(&context, &arguments),
            Verb::Sync(arguments) => sync::sync(&context, &arguments),
            Verb::Ledger(arguments) => ledger::ledger(&context, &arguments),
            Verb::Verify(arguments) => verify::show(&context, arguments),
            Verb::Demo(arguments) => demo::show(&context, arguments),
            Verb::Schema(arguments) => product::schema(&context, arguments),
            Verb::Completions(arguments) => product::completions(&context, arguments, command()),
            Verb::Man(arguments) => product::man(&context, arguments, command()),
        }?;
        context.ui().lost().map_or(Ok(end), Err)
    });
    match result {
        Ok(end) => ExitCode::from(end.code()),
        Err(error) => {
            Ui::new(screens.into()).error(&error);
            ExitCode::from(error.kind.code())
        }
    }
}

fn settings(everywhere: Everywhere) -> Settings {
    let verbosity = match (everywhere.quiet, everywhere.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let format = match everywhere.format {
        FormatWord::Text => Format::Text,
        FormatWord::Json => Format::Json,
        FormatWord::Github => Format::Github,
    };
    let colour = match everywhere.color {
        ColourWord::Auto => Colour::Auto,
        ColourWord::Always => Colour::Always,
        ColourWord::Never => Colour::Never,
    };
    Settings {
        folder: everywhere.directory,
        config: everywhere.config,
        format,
        verbosity,
        colour,
        remote_patience: None,
        now: None,
    }
}

/// Help and version go to stdout with 0; a wrong command line to stderr with 2, and as JSON where that was asked for.
fn usage(words: &[OsString], error: &clap::Error) -> ExitCode {
    // Whoever reads may be gone; there is nobody left to tell.
    drop(error.print());
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let json = words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || words.iter().any(|word| word == "--format=json");
    if json {
        let settings = Settings { format: Format::Json, verbosity: Verbosity::Quiet, ..Settings::default() };
        let text = error.render().to_string();
        // The first paragraph: clap lists the names of what is missing on lines of their own.
        let words: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        let message = words.join(" ");
        let error = Error::usage(message.trim_start_matches("error: ")).hint("rel --help");
        Ui::new(Screens::new(&settings).into()).json(&error.as_json());
    }
    ExitCode::from(Kind::Usage.code())
}
