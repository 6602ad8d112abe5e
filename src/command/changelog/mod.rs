//! `rel changelog`: notes of what is unreleased, of one release, or of a range; and the file that keeps them. Leans on
//! `history` and `changelog`.

mod diff;
pub(super) mod file;
pub(super) mod wanted;

use super::{End, explain, github, next};
use crate::context::Context;
use crate::error::Result;
use crate::git_history::{HistoryOptions, ReleaseContext, packages};
use crate::model::{Bump, Version};
use crate::ui::Format;
use clap::Args;
use serde_json::{Value, json};
use wanted::{Notes, Wanted};

/// Renders notes: of what is unreleased, of one version, or of a range.
///
/// With --write the section of the next version is brought into the changelog, and no other byte of it is touched. Nothing
/// is asked over the network but what `rel next` asks.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A version or a tag, or a range A..B of them; B may be left out for HEAD. Without it: what is unreleased.
    #[arg(value_name = "VERSION|A..B")]
    what: Option<String>,
    /// Brings the section into the changelog.
    #[arg(long)]
    write: bool,
    /// Ends with 4 where the changelog does not hold exactly the section that would be rendered.
    #[arg(long, conflicts_with_all = ["write", "dry_run"])]
    check: bool,
    /// Shows what --write would change.
    #[arg(long)]
    dry_run: bool,
    /// Answers for one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Writes the section of a prerelease of a channel: rc, beta, dev. Wins over the branch's own.
    #[arg(long, value_name = "CHANNEL")]
    pre: Option<String>,
    /// Makes this bump, whatever the commits say.
    #[arg(long, value_name = "BUMP", value_parser = next::bump)]
    bump: Option<Bump>,
    /// Makes a first release although other tags exist; of this version, where one is given.
    #[arg(long, value_name = "VERSION", num_args = 0..=1, require_equals = true, value_parser = next::version)]
    initial: Option<Option<Version>>,
    /// Answers as on this branch; for a detached HEAD.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Never asks a remote.
    #[arg(long)]
    offline: bool,
}

/// Shows notes, or brings them into the file.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    let several = !context.config()?.packages.is_empty() && arguments.package.is_none();
    let for_file = arguments.write || arguments.check || arguments.dry_run;
    let ask = HistoryOptions {
        branch: arguments.branch.clone(),
        channel: arguments.pre.clone(),
        bump: arguments.bump,
        // Who only reads makes no first release by mistake.
        initial: arguments.initial.clone().or_else(|| (!for_file && arguments.offline).then_some(None)),
        offline: arguments.offline,
        ..HistoryOptions::default()
    };
    let release_context = ReleaseContext::new(context, ask)?;
    let wanted = Wanted::read(&release_context, packages, arguments.what.as_deref())?;
    let mut found: Vec<Value> = Vec::new();
    for (package, wanted) in &wanted {
        let notes = if for_file {
            let Some(notes) = wanted.for_file(context, &release_context, package, arguments.check)? else {
                continue;
            };
            notes
        } else {
            wanted.notes(context, &release_context, package)?
        };
        found.push(if for_file { file::act(context, &arguments, &notes)? } else { print(context, &notes)? });
    }
    answer(context, found, several && arguments.what.is_none())
}

/// Notes on stdout. They are the product itself, and every line of them is harmless already.
fn print(context: &Context, notes: &Notes<'_>) -> Result<Value> {
    let rendered = notes.rendered(true, None)?;
    let ui = context.ui();
    if ui.format() == Format::Text {
        if notes.is_empty() && notes.tag.is_none() {
            ui.status(format!("{}: nothing to note since {}", notes.package, notes.since()));
        } else {
            ui.product(format!("{rendered}\n").as_bytes());
        }
    }
    Ok(notes.as_json(&rendered))
}

fn answer(context: &Context, mut found: Vec<Value>, several: bool) -> Result<End> {
    match context.ui().format() {
        Format::Text => {}
        Format::Json => {
            let whole = match (several, found.len()) {
                (false, 0 | 1) => found.pop().unwrap_or_else(|| json!({ "version": null, "notes": null })),
                _ => json!({ "packages": found }),
            };
            let mut object = serde_json::Map::from_iter([("schema".to_owned(), json!("rel.changelog/1"))]);
            object.extend(whole.as_object().cloned().unwrap_or_default());
            context.ui().json(&Value::Object(object));
        }
        Format::Github => {
            let text = |value: &Value, key: &str| match &value[key] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let lines: Vec<(&str, String)> = found
                .iter()
                .flat_map(|value| [("version", text(value, "version")), ("changed", text(value, "changed"))])
                .collect();
            github::output(context, &lines)?;
        }
    }
    Ok(End::Done)
}

/// Why there is nothing to write.
fn nothing(context: &Context, decision: &crate::version::VersionDecision) -> Result<()> {
    let path = &context.config()?.changelog.path;
    let name = &decision.package;
    context.ui().status(format!("{name}: nothing to release: {}; {path} is unchanged", decision.reason));
    explain::uncounted(context.ui(), decision);
    Ok(())
}
