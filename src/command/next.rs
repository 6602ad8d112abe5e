//! `rel next`: the next version, and why. Leans on `history`.

use super::{End, explain, github};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{HistoryOptions, ReleaseContext, packages};
use crate::model::{Bump, Version};
use crate::ui::{Format, Text};
use crate::version::VersionDecision;
use clap::Args;
use serde_json::{Value, json};

/// Prints the next version and nothing else on stdout.
///
/// It is computed from the commits since the highest release that HEAD reaches. Nothing is written; the network is
/// asked only where this clone is shallow or has no version tags at all.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Shows on stderr the base and why, the tags that are not it, and what every commit did.
    #[arg(long)]
    explain: bool,
    /// Makes a prerelease of a channel: rc, beta, dev. Wins over the branch's own.
    #[arg(long, value_name = "CHANNEL")]
    pre: Option<String>,
    /// Makes this bump, whatever the commits say.
    #[arg(long, value_name = "BUMP", value_parser = bump)]
    bump: Option<Bump>,
    /// Answers for one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Ends with 3 where there is nothing to release.
    #[arg(long)]
    require: bool,
    /// Makes a first release although other tags exist; of this version, where one is given.
    #[arg(long, value_name = "VERSION", num_args = 0..=1, require_equals = true, value_parser = version)]
    initial: Option<Option<Version>>,
    /// Answers as on this branch; for a detached HEAD.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Never asks a remote.
    #[arg(long)]
    offline: bool,
}

/// Reads `--bump`.
pub(super) fn bump(text: &str) -> std::result::Result<Bump, String> {
    Bump::parse(text).ok_or_else(|| "a bump is patch, minor or major".to_owned())
}

/// Reads `--initial`.
pub(super) fn version(text: &str) -> std::result::Result<Version, String> {
    Version::parse(text.trim_start_matches('v'))
        .filter(Version::is_final)
        .ok_or_else(|| "a first version is three numbers: 1.0.0".to_owned())
}

/// Shows the next version.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    let several = !context.config()?.packages.is_empty() && arguments.package.is_none();
    let ask = HistoryOptions {
        branch: arguments.branch,
        channel: arguments.pre,
        bump: arguments.bump,
        initial: arguments.initial,
        offline: arguments.offline,
        ..HistoryOptions::default()
    };
    let release_context = ReleaseContext::new(context, ask)?;
    let (mut decisions, mut refusals) = (Vec::new(), Vec::new());
    for package in &packages {
        let found = release_context.try_decide(package, arguments.explain).map(|decision| {
            let refusal = decision.refusal.clone();
            decisions.push(decision);
            refusal
        });
        match found {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) if several => {
                refusals.push(Error { message: format!("{}: {}", package.name, error.message), ..error })
            }
            Ok(Some(error)) | Err(error) => refusals.push(error),
        }
    }
    let ui = context.ui();
    for decision in &decisions {
        if arguments.explain {
            explain::explain(ui, decision, &context.config()?.version.bump);
        }
        explain::warn(ui, decision);
    }
    if let Some(error) = Error::all(refusals) {
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
        ui.status("error: nothing to release, and --require asks for something");
    }
    Ok(End::NothingToRelease)
}

fn text(context: &Context, decisions: &[VersionDecision], several: bool, explained: bool) {
    for decision in decisions {
        match &decision.next {
            Some(next) if several => context.ui().data(format!("{} {}", decision.package, next.version)),
            Some(next) => context.ui().data(next.version.to_string()),
            None if explained => {}
            None => {
                let name = if several { format!("{}: ", decision.package) } else { String::new() };
                context
                    .ui()
                    .status(Text::new().plain(format!("{name}nothing to release: {}", decision.reason)));
                // In a repository with many packages most have nothing to say.
                if !several {
                    explain::uncounted(context.ui(), decision);
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

fn as_json(context: &Context, decision: &VersionDecision) -> Result<Value> {
    let table = &context.config()?.version.bump;
    let commits: Vec<Value> =
        decision.commits.iter().map(|classified| explain::commit_json(classified, table)).collect();
    let next = decision.next.as_ref();
    let rejected = decision.rejected.iter().map(|rejected| json!({ "tag": rejected.tag.name, "version": rejected.tag.version, "commit": rejected.tag.commit, "why": rejected.why }));
    Ok(json!({
        "package": decision.package,
        "release": next.is_some(),
        "next": next.map(|next| &next.version),
        "tag": next.map(|next| &next.tag),
        "already": next.is_some_and(|next| next.already),
        "bump": decision.bump,
        "current": decision.current.as_ref().map(|tag| &tag.version),
        "current_tag": decision.current.as_ref().map(|tag| &tag.name),
        "commit": decision.head,
        "branch": decision.line.branch.as_ref().map(ToString::to_string),
        "channel": decision.line.channel.as_ref().map(ToString::to_string),
        "reason": decision.reason,
        "steps": decision.steps,
        "base": decision.base.as_ref().map(|tag| json!({ "tag": tag.name, "version": tag.version, "commit": tag.commit })),
        "rejected": rejected.collect::<Vec<_>>(),
        "warnings": decision.warnings,
        "commits": commits,
    }))
}

/// What a workflow goes on with.
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
