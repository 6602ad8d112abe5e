//! `rel changelog`: prints notes, or writes them into the changelog.

use super::End;
use super::arguments::VersionOptions;
use super::view::{decision, file_diff, github};
use crate::context::Context;
use crate::error::Result;
use crate::git_history::{HistoryOptions, ReleaseContext, packages};
use crate::release::{ChangelogUpdate, Notes, NotesSelection, check_section, open_changelog};
use crate::ui::Format;
use crate::version::VersionDecision;
use clap::Args;
use serde_json::{Value, json};

/// Print the notes for unreleased commits, a version or a range
///
/// With --write, inserts the section of the next version into the changelog and changes nothing else in it. Uses the network
/// only when `rel next` would.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Version or tag, or a range A..B (A.. ends at HEAD) [default: unreleased commits].
    #[arg(value_name = "VERSION|A..B")]
    what: Option<String>,
    /// Insert the section into the changelog.
    #[arg(long)]
    write: bool,
    /// Exit with 4 if the section in the changelog differs from the generated notes.
    #[arg(long, conflicts_with_all = ["write", "dry_run"])]
    check: bool,
    /// Show what --write would change.
    #[arg(long)]
    dry_run: bool,
    /// Package to act on (monorepos).
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    version: VersionOptions,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
}

/// Runs `rel changelog`.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    let several = !context.config()?.packages.is_empty() && arguments.package.is_none();
    let for_file = arguments.write || arguments.check || arguments.dry_run;
    let options = HistoryOptions {
        // Printing notes without the network cannot make a first release by mistake.
        initial: arguments
            .version
            .initial
            .clone()
            .or_else(|| (!for_file && arguments.offline).then_some(None)),
        offline: arguments.offline,
        ..arguments.version.for_history()
    };
    let release_context = ReleaseContext::new(context, options)?;
    let selections = NotesSelection::parse(&release_context, packages, arguments.what.as_deref())?;
    let mut answers: Vec<Value> = Vec::new();
    for (package, selection) in &selections {
        if !for_file {
            answers.push(print(context, &selection.notes(context, &release_context, package)?)?);
            continue;
        }
        let found = selection.for_file(context, &release_context, package, arguments.check)?;
        if let Some(decision) = &found.decision {
            decision::warn(context.ui(), decision);
        }
        match (found.notes, &found.decision) {
            (Some(notes), _) if arguments.check => answers.push(check(context, &notes)?),
            (Some(notes), _) => answers.push(write(context, &notes, arguments.dry_run)?),
            (None, Some(decision)) => nothing(context, decision)?,
            (None, None) => {}
        }
    }
    answer(context, answers, several && arguments.what.is_none())
}

/// Prints notes to stdout. Every line of them is sanitized already.
fn print(context: &Context, notes: &Notes<'_>) -> Result<Value> {
    let rendered = notes.render(true, None)?;
    let ui = context.ui();
    if ui.format() == Format::Text {
        if notes.is_empty() && notes.tag.is_none() {
            let since = notes.from().map_or("the first commit", |tag| tag.as_str());
            ui.status(format!("{}: no notable changes since {since}", notes.package));
        } else {
            ui.raw(context.masked(&format!("{rendered}\n")).as_bytes());
        }
    }
    Ok(notes_json(notes, &rendered))
}

/// Inserts notes into the changelog, or shows what that would change.
fn write(context: &Context, notes: &Notes<'_>, dry_run: bool) -> Result<Value> {
    let (ui, title) = (context.ui(), &notes.title);
    let file = open_changelog(context)?;
    let name = file.name();
    let update = ChangelogUpdate::new(notes, name, file.read()?, None)?;
    match &update.after {
        None => ui.status(format!("{name} already has a section {title}; nothing changed")),
        Some(after) if dry_run => {
            if ui.format() == Format::Text {
                let lines = file_diff::lines(name, update.before.as_deref(), after)?;
                lines.into_iter().for_each(|line| ui.data(line));
            }
        }
        Some(after) => {
            file.write(after)?;
            ui.status(format!("{name}: added section {title}"));
        }
    }
    Ok(file_json(notes_json(notes, &update.section), name, "changed", update.after.is_some()))
}

/// Compares the section in the changelog with the notes.
fn check(context: &Context, notes: &Notes<'_>) -> Result<Value> {
    let file = open_changelog(context)?;
    let section = check_section(notes, &file)?;
    let name = file.name();
    context.ui().status(format!("{name}: section {} matches the generated notes", notes.title));
    Ok(file_json(notes_json(notes, &section), name, "agrees", true))
}

/// Reports that there is nothing to write.
fn nothing(context: &Context, decision: &VersionDecision) -> Result<()> {
    let path = &context.config()?.changelog.path;
    let name = &decision.package;
    context.ui().status(format!("{name}: nothing to release: {}; {path} is unchanged", decision.reason));
    decision::uncounted(context.ui(), decision);
    Ok(())
}

fn answer(context: &Context, mut answers: Vec<Value>, several: bool) -> Result<End> {
    match context.ui().format() {
        Format::Text => {}
        Format::Json => {
            let value = match (several, answers.len()) {
                (false, 0 | 1) => answers.pop().unwrap_or_else(|| json!({ "version": null, "notes": null })),
                _ => json!({ "packages": answers }),
            };
            let mut object = serde_json::Map::from_iter([("schema".to_owned(), json!("rel.changelog/1"))]);
            object.extend(value.as_object().cloned().unwrap_or_default());
            context.ui().json(&Value::Object(object));
        }
        Format::Github => {
            let text = |value: &Value, key: &str| match &value[key] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let lines: Vec<(&str, String)> = answers
                .iter()
                .flat_map(|value| [("version", text(value, "version")), ("changed", text(value, "changed"))])
                .collect();
            github::output(context, &lines)?;
        }
    }
    Ok(End::Done)
}

/// Returns notes in the form `rel.changelog/1`, without its schema.
fn notes_json(notes: &Notes<'_>, rendered: &str) -> Value {
    json!({ "package": notes.package, "version": notes.version, "tag": notes.tag, "from": notes.from(), "commit": notes.to(), "notes": rendered })
}

/// Adds the path of the changelog and one answer to the notes.
fn file_json(notes: Value, path: &str, key: &str, answer: bool) -> Value {
    let mut object = notes.as_object().cloned().unwrap_or_default();
    object.insert("path".to_owned(), json!(path));
    object.insert(key.to_owned(), json!(answer));
    Value::Object(object)
}
