//! `rel retag`: the images that were built for a release get its version. Leans on `registry` and `history`.

use super::End;
use super::registry_access::Access;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::Version;
use crate::registry::{NEARBY_COMMITS, Registries, RetagOutcome, RetaggedImage};
use crate::resolve::{self, BuiltRelease};
use crate::ui::{Format, Role, Text};
use clap::Args;
use serde_json::json;

/// Gives the images built for a release their version tag: the same digest under one more name, no layer moved.
///
/// A version tag that names the same digest already is success; one that names another is never moved (5). Moving tags
/// (`also`) move forwards only.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A version, or the tag of one.
    version: String,
    /// The commit that the images were built from, where no tag says it.
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Whose release it is, where there are several packages.
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Shows what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    access: Access,
}

/// Gives the tags.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let named = BuiltRelease::find(
        context,
        &arguments.version,
        arguments.package.as_deref(),
        arguments.commit.as_deref(),
    )?;
    if named.images.is_empty() {
        let example = "[[image]]\n  name = \"api\"\n  repository = \"ghcr.io/acme/shop-api\"";
        return Err(Error::usage(format!("release.toml names no image of {}", named.package.name))
            .hint(format!("add to release.toml:\n  {example}")));
    }
    let orders = named.orders(&finals(context, &named)?)?;
    let registries = Registries::open(context, arguments.access.deadline, arguments.access.login()?)?;
    let results = if arguments.dry_run { registries.check_retag(&orders) } else { registries.retag(&orders) };
    let (mut done, mut errors) = (Vec::new(), Vec::new());
    for (order, result) in orders.iter().zip(results) {
        match result {
            Ok(retagged) => done.push(retagged),
            Err(error) if error.kind == Kind::Missing => {
                let rule = named.images.iter().find(|image| image.name == order.name);
                let nearby = named.release_context.neighbours(named.build, NEARBY_COMMITS);
                errors.push(match rule {
                    Some(rule) => registries.suggest_builds(error, rule, named.build, &nearby),
                    None => error,
                });
            }
            Err(error) => errors.push(error),
        }
    }
    show_text(context, &done, arguments.dry_run);
    if let Some(error) = Error::all(errors) {
        return Err(error);
    }
    if context.ui().format() == Format::Json {
        context.ui().json(&json!({
            "schema": "rel.retag/1",
            "package": named.package.name,
            "version": named.version,
            "tag": named.release.as_ref().map(|release| &release.tag.name),
            "commit": named.build,
            "dry_run": arguments.dry_run,
            "images": done,
        }));
    }
    Ok(End::Done)
}

/// The final versions that the remote has, which say whether a moving tag moves. A tag that names another commit there is
/// not this release.
fn finals(context: &Context, named: &BuiltRelease<'_>) -> Result<Vec<Version>> {
    let moving = named.version.is_final() && named.images.iter().any(|image| !image.also.is_empty());
    let tags = match resolve::remote_tags(context) {
        Ok(Some(tags)) => tags,
        Ok(None) => context.repo()?.tags()?,
        // Only what moves must be known for sure; a version tag stands for its digest, wherever git is.
        Err(error) if !moving => {
            context.ui().warning(format!("{}; {} is taken as it is here", error.message, named.tag()));
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.cause("moving tags move only among the tags of the remote")),
    };
    let there = resolve::remote_tag_commit(&tags, &named.tag());
    if let (Some(there), Some(release)) = (there, &named.release)
        && there != release.tag.commit
    {
        return Err(Error::conflict(format!("{} is another commit on the remote", release.tag.name))
            .cause(format!("there  {there}"))
            .cause(format!("here   {}", release.tag.commit))
            .hint(format!("git fetch origin +refs/tags/{0}:refs/tags/{0}", release.tag.name)));
    }
    Ok(named.finals(&tags))
}

fn show_text(context: &Context, done: &[RetaggedImage], dry_run: bool) {
    let ui = context.ui();
    for image in done {
        let what = match (image.result, dry_run) {
            (RetagOutcome::Unchanged, _) => "already tagged",
            (RetagOutcome::Created, true) => "would be tagged",
            (RetagOutcome::Created, false) => "tagged",
        };
        let requests = if image.requests == 1 { "request" } else { "requests" };
        let line = Text::new().plain(format!("{}: ", image.name)).with(Role::Name, image.tags.join(", "));
        let line = line.plain(format!(" → {} ", image.digest.short())).with(Role::Good, what);
        ui.status(line.with(Role::Faint, format!(" ({} {requests})", image.requests)));
        if ui.format() == Format::Text && !dry_run {
            ui.data(format!("{}@{}", image.repository, image.digest));
        }
    }
}
