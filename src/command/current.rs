//! `rel current`: the version of the last release that HEAD reaches. Leans on `history`.

use super::{End, github};
use crate::context::Context;
use crate::error::Result;
use crate::git_history::{HistoryOptions, ReleaseContext, packages};
use crate::ui::Format;
use crate::version::{ReleaseLine, VersionTag};
use clap::Args;
use serde_json::{Value, json};

/// Prints the version of the last release reachable from HEAD.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Answers for one package of several.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Takes prereleases for releases too.
    #[arg(long)]
    pre: bool,
    /// Ends with 3 where there is none.
    #[arg(long)]
    require: bool,
    /// Never asks a remote.
    #[arg(long)]
    offline: bool,
}

/// Shows the last release.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    let several = !context.config()?.packages.is_empty() && arguments.package.is_none();
    let release_context = ReleaseContext::new(
        context,
        HistoryOptions {
            offline: arguments.offline,
            initial: arguments.offline.then_some(None),
            ..HistoryOptions::default()
        },
    )?;
    let mut found: Vec<(String, Option<VersionTag>)> = Vec::new();
    for package in &packages {
        let base = release_context.base(package, &ReleaseLine::default())?;
        let highest = base.prereleases.first().filter(|_| arguments.pre).or_else(|| base.current()).cloned();
        found.push((package.name.clone(), highest));
    }
    let ui = context.ui();
    for (name, tag) in found.iter().filter(|(_, tag)| tag.is_none() || ui.format() == Format::Text) {
        match tag {
            Some(tag) if several => ui.data(format!("{name} {}", tag.version)),
            Some(tag) => ui.data(tag.version.to_string()),
            None => ui.status(format!("{name}: HEAD reaches no release")),
        }
    }
    match (ui.format(), several, found.first()) {
        (Format::Text, ..) => {}
        (Format::Json, false, Some((name, tag))) => ui.json(&json!({ "schema": "rel.current/1", "package": name, "version": tag.as_ref().map(|tag| &tag.version), "tag": tag.as_ref().map(|tag| &tag.name), "commit": tag.as_ref().map(|tag| tag.commit) })),
        (Format::Json, ..) => {
            let list: Vec<Value> = found.iter().map(|(name, tag)| json!({ "package": name, "version": tag.as_ref().map(|tag| &tag.version), "tag": tag.as_ref().map(|tag| &tag.name), "commit": tag.as_ref().map(|tag| tag.commit) })).collect();
            ui.json(&json!({ "schema": "rel.current/1", "packages": list }));
        }
        (Format::Github, ..) => {
            let version = |tag: &Option<VersionTag>| tag.as_ref().map_or_else(String::new, |tag| tag.version.to_string());
            let list = || found.iter().map(|(name, tag)| json!({ "package": name, "current": tag.as_ref().map(|tag| &tag.version) }));
            let lines = match (several, found.first()) {
                (false, Some((_, tag))) => vec![("current", version(tag))],
                _ => vec![("packages", list().collect::<Value>().to_string())],
            };
            github::output(context, &lines)?;
        }
    }
    let none = found.iter().all(|(_, tag)| tag.is_none());
    Ok(if none && arguments.require { End::NothingToRelease } else { End::Done })
}
