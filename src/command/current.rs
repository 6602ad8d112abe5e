//! `rel current`: the version of the last release reachable from HEAD.

use super::End;
use super::view::github;
use crate::context::Context;
use crate::error::Result;
use crate::git_history::{HistoryOptions, ReleaseContext, packages};
use crate::ui::Format;
use crate::version::{ReleaseLine, VersionTag};
use clap::Args;
use serde_json::{Value, json};

/// Print the version of the last release reachable from HEAD.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Package to act on (monorepos).
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Include prereleases.
    #[arg(long)]
    pre: bool,
    /// Exit with 3 if there is no release.
    #[arg(long)]
    require: bool,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
}

/// A package and its last release.
struct Current {
    package: String,
    tag: Option<VersionTag>,
}

/// Shows the last release.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let packages = packages(context, arguments.package.as_deref())?;
    let several = !context.config()?.packages.is_empty() && arguments.package.is_none();
    let (offline, initial) = (arguments.offline, arguments.offline.then_some(None));
    let release_context =
        ReleaseContext::new(context, HistoryOptions { offline, initial, ..HistoryOptions::default() })?;
    let mut found = Vec::new();
    for package in &packages {
        let base = release_context.base(package, &ReleaseLine::default())?;
        let highest = base.prereleases.first().filter(|_| arguments.pre).or_else(|| base.current());
        found.push(Current { package: package.name.clone(), tag: highest.cloned() });
    }
    let ui = context.ui();
    for Current { package, tag } in &found {
        match tag {
            Some(_) if ui.format() != Format::Text => {}
            Some(tag) if several => ui.data(format!("{package} {}", tag.version)),
            Some(tag) => ui.data(tag.version.to_string()),
            None => ui.status(format!("{package}: no release is reachable from HEAD")),
        }
    }
    match (ui.format(), several, found.first()) {
        (Format::Text, ..) => {}
        (Format::Json, false, Some(current)) => {
            let mut object = serde_json::Map::from_iter([("schema".to_owned(), json!("rel.current/1"))]);
            object.extend(as_json(current).as_object().cloned().unwrap_or_default());
            ui.json(&Value::Object(object));
        }
        (Format::Json, ..) => {
            let list: Vec<Value> = found.iter().map(as_json).collect();
            ui.json(&json!({ "schema": "rel.current/1", "packages": list }));
        }
        (Format::Github, false, Some(Current { tag, .. })) => {
            let version = tag.as_ref().map_or_else(String::new, |tag| tag.version.to_string());
            github::output(context, &[("current", version)])?;
        }
        (Format::Github, ..) => {
            let one = |Current { package, tag }: &Current| json!({ "package": package, "current": tag.as_ref().map(|tag| &tag.version) });
            github::output(context, &[("packages", found.iter().map(one).collect::<Value>().to_string())])?;
        }
    }
    let none = found.iter().all(|current| current.tag.is_none());
    Ok(if none && arguments.require { End::NothingToRelease } else { End::Done })
}

fn as_json(Current { package, tag }: &Current) -> Value {
    let tag = tag.as_ref();
    json!({ "package": package, "version": tag.map(|tag| &tag.version), "tag": tag.map(|tag| &tag.name), "commit": tag.map(|tag| tag.commit) })
}
