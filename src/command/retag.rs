//! `rel retag`: gives the images of a release their version tag.

use super::End;
use super::arguments::RegistryAccess;
use crate::context::Context;
use crate::error::Result;
use crate::registry::{Registries, RetagOutcome, RetaggedImage};
use crate::resolve::BuiltRelease;
use crate::retagging::{retag_images, retag_requests};
use crate::ui::{Format, Role, Text};
use clap::Args;
use serde_json::json;

/// Tag the images of a release with its version
///
/// The digest that was built gets one more tag; no layers are copied. If the version tag already points to this digest, nothing
/// changes; if it points to another one, the exit code is 5, because version tags never move. The moving tags listed in `also` only move
/// forward.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Version or tag of the release whose images to tag
    version: String,
    /// Commit that the images were built from, if there is no git tag yet
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Package to act on (monorepos)
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Show what would happen without doing it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    access: RegistryAccess,
}

/// Tags the images and shows them. If one fails, the others are tagged nevertheless.
pub fn show(context: &Context, arguments: Arguments) -> Result<End> {
    let Arguments { version, commit, package, dry_run, access } = arguments;
    let release = BuiltRelease::find(context, &version, package.as_deref(), commit.as_deref())?;
    let requests = retag_requests(context, &release)?;
    let registries = Registries::open(context, access.deadline, access.login()?)?;
    let retagging = retag_images(&release, &registries, &requests, dry_run);
    show_text(context, &retagging.images, dry_run);
    if let Some(error) = retagging.error {
        return Err(error);
    }
    if context.ui().format() == Format::Json {
        context.ui().json(&json!({
            "schema": "rel.retag/1",
            "package": release.package.name,
            "version": release.version,
            "tag": release.release.as_ref().map(|release| &release.tag.name),
            "commit": release.build,
            "dry_run": dry_run,
            "images": retagging.images,
        }));
    }
    Ok(End::Done)
}

fn show_text(context: &Context, images: &[RetaggedImage], dry_run: bool) {
    let ui = context.ui();
    for image in images {
        let outcome = match (image.result, dry_run) {
            (RetagOutcome::Unchanged, _) => "already tagged",
            (RetagOutcome::Created, true) => "would be tagged",
            (RetagOutcome::Created, false) => "tagged",
        };
        let requests = if image.requests == 1 { "request" } else { "requests" };
        let line = Text::new().plain(format!("{}: ", image.name)).with(Role::Name, image.tags.join(", "));
        let line = line.plain(format!(" → {} ", image.digest.short())).with(Role::Good, outcome);
        ui.status(line.with(Role::Faint, format!(" ({} {requests})", image.requests)));
        if ui.format() == Format::Text && !dry_run {
            ui.data(format!("{}@{}", image.repository, image.digest));
        }
    }
}
