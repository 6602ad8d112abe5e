//! `rel next`: the next version, and why.

use super::End;
use super::arguments::VersionOptions;
use super::view::{decision, github};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{HistoryOptions, Package, ReleaseContext, packages};
use crate::ui::{Format, Text};
use crate::version::VersionDecision;
use clap::Args;
use serde_json::{Value, json};

/// Print the next version, and nothing else, on stdout.
///
/// It is computed from the commits since the highest release reachable from HEAD. Nothing is written. The remote is contacted
/// only if this clone is shallow or has no tags with versions at all.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Show on stderr the base and why it was chosen, the tags that were passed over, and the effect of every commit.
    #[arg(long)]
    explain: bool,
    /// Package to act on (monorepos).
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    #[command(flatten)]
    version: VersionOptions,
    /// Exit with 3 if there is nothing to release.
    #[arg(long)]
    require: bool,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
}

/// Shows the next version.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    let several = !context.config()?.packages.is_empty() && arguments.package.is_none();
    let options = HistoryOptions { offline: arguments.offline, ..arguments.version.for_history() };
    let release_context = ReleaseContext::new(context, options)?;
    let (decisions, errors) = decide_all(&release_context, &packages, several, arguments.explain);
    let ui = context.ui();
    for made in &decisions {
        if arguments.explain {
            decision::explain(ui, made, &context.config()?.version.bump);
        }
        decision::warn(ui, made);
    }
    if let Some(error) = Error::combine("", errors) {
        return Err(error);
    }
    match (ui.format(), several, decisions.first()) {
        (Format::Text, ..) => text(context, &decisions, several, arguments.explain),
        (Format::Json, false, Some(decision)) => ui.json(&with_schema(as_json(context, decision)?)),
        (Format::Json, ..) => {
            let list =
                decisions.iter().map(|decision| as_json(context, decision)).collect::<Result<Vec<_>>>()?;
            ui.json(&json!({ "schema": "rel.next/1", "packages": list }));
        }
        (Format::Github, several, _) => github(context, &decisions, several)?,
    }
    let nothing = decisions.iter().all(|decision| decision.next.is_none());
    if !(nothing && arguments.require) {
        return Ok(End::Done);
    }
    if ui.format() == Format::Text && arguments.explain {
        ui.status("error: nothing to release, and --require is set");
    }
    Ok(End::NothingToRelease)
}

/// Decides for all packages. Returns the decisions, and what prevents a version; of `several` packages with their names.
fn decide_all(
    release_context: &ReleaseContext<'_>,
    packages: &[Package],
    several: bool,
    with_branches: bool,
) -> (Vec<VersionDecision>, Vec<Error>) {
    let (mut decisions, mut errors) = (Vec::new(), Vec::new());
    for package in packages {
        let error = match release_context.try_decide(package, with_branches) {
            Ok(decision) => {
                let refusal = decision.refusal.clone();
                decisions.push(decision);
                refusal
            }
            Err(error) => Some(error),
        };
        errors.extend(error.map(|error| match several {
            true => error.of_package(&package.name),
            false => error,
        }));
    }
    (decisions, errors)
}

fn text(context: &Context, decisions: &[VersionDecision], several: bool, explained: bool) {
    for made in decisions {
        match &made.next {
            Some(next) if several => context.ui().data(format!("{} {}", made.package, next.version)),
            Some(next) => context.ui().data(next.version.to_string()),
            None if explained => {}
            None => {
                let name = if several { format!("{}: ", made.package) } else { String::new() };
                let line = format!("{name}nothing to release: {}", made.reason);
                context.ui().status(Text::new().plain(line));
                // In a repository with many packages, most have nothing to release.
                if !several {
                    decision::uncounted(context.ui(), made);
                }
            }
        }
    }
}

fn with_schema(value: Value) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("schema".into(), json!("rel.next/1"));
    if let Value::Object(rest) = value {
        object.extend(rest);
    }
    Value::Object(object)
}

fn as_json(context: &Context, made: &VersionDecision) -> Result<Value> {
    let table = &context.config()?.version.bump;
    let commits: Vec<Value> =
        made.commits.iter().map(|classified| decision::commit_json(classified, table)).collect();
    let next = made.next.as_ref();
    let rejected = made.rejected.iter().map(|rejected| json!({ "tag": rejected.tag.name, "version": rejected.tag.version, "commit": rejected.tag.commit, "why": rejected.why }));
    Ok(json!({
        "package": made.package,
        "release": next.is_some(),
        "next": next.map(|next| &next.version),
        "tag": next.map(|next| &next.tag),
        "already": next.is_some_and(|next| next.already),
        "bump": made.bump,
        "current": made.current.as_ref().map(|tag| &tag.version),
        "current_tag": made.current.as_ref().map(|tag| &tag.name),
        "commit": made.head,
        "branch": made.line.branch.as_ref().map(ToString::to_string),
        "channel": made.line.channel.as_ref().map(ToString::to_string),
        "reason": made.reason,
        "steps": made.steps,
        "base": made.base.as_ref().map(|tag| json!({ "tag": tag.name, "version": tag.version, "commit": tag.commit })),
        "rejected": rejected.collect::<Vec<_>>(),
        "warnings": made.warnings,
        "commits": commits,
    }))
}

/// Writes the outputs that the next steps of a workflow read.
fn github(context: &Context, decisions: &[VersionDecision], several: bool) -> Result<()> {
    for decision in decisions.iter().filter(|decision| decision.next.is_none()) {
        context.ui().status(format!("{}: nothing to release: {}", decision.package, decision.reason));
    }
    let release = decisions.iter().any(|decision| decision.next.is_some());
    let mut lines = vec![("release", release.to_string())];
    if several {
        let next = |decision: &VersionDecision| {
            let next = decision.next.as_ref()?;
            Some(
                json!({ "package": decision.package, "next": next.version, "tag": next.tag, "bump": decision.bump }),
            )
        };
        lines.push(("packages", decisions.iter().filter_map(next).collect::<Value>().to_string()));
    } else if let Some(decision) = decisions.first() {
        let next = decision.next.as_ref();
        let text = |value: Option<String>| value.unwrap_or_default();
        lines.push(("next", text(next.map(|next| next.version.to_string()))));
        lines.push(("tag", text(next.map(|next| next.tag.to_string()))));
        lines.push(("current", text(decision.current.as_ref().map(|tag| tag.version.to_string()))));
        lines.push(("bump", text(decision.bump.map(|bump| bump.to_string()))));
    }
    github::output(context, &lines)
}
