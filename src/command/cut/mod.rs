//! `rel cut` and `rel tag`: their arguments, and the order of planning, asking and executing. The work is done in `release`.

mod menu;
mod report;
mod screen;
mod strip_markdown;

use super::End;
use super::arguments::{RegistryAccess, VersionOptions};
use super::view::decision;
use crate::context::Context;
use crate::error::Result;
use crate::model::Version;
use crate::release::{self, Choices, CutOptions, Existing, ExistingState, Planner, Session, Undo};
use clap::Args;

/// Make a release: version files, changelog, commit, annotated tag, one atomic push
///
/// Shows what will happen and asks for confirmation. After a failure, run it again: it does what is left and repeats
/// nothing.
#[derive(Debug, Args)]
pub struct Cut {
    #[command(flatten)]
    common: Common,
}

/// Make a release with a tag only, without a release commit
///
/// Otherwise the same as `rel cut`.
#[derive(Debug, Args)]
pub struct Tag {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// Version to release, whatever the commits say.
    #[arg(value_name = "VERSION", value_parser = version, conflicts_with_all = ["pre", "bump"])]
    version: Option<Version>,
    /// Package to release (monorepos); may be repeated.
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    #[command(flatten)]
    next: VersionOptions,
    /// Exit with 3 if there is nothing to release.
    #[arg(long)]
    require: bool,
    /// Open the notes in $VISUAL or $EDITOR first.
    #[arg(long)]
    edit: bool,
    /// Keep the commit and tag local; the next `rel cut` pushes them.
    #[arg(long)]
    no_push: bool,
    /// Pass an option to the remote's hooks (like `git push -o`); may be repeated.
    #[arg(short = 'o', long = "push-option", value_name = "OPTION")]
    push_options: Vec<String>,
    /// Undo a local release that was never pushed.
    #[arg(long)]
    abort: bool,
    /// Show what would happen without doing it; with -v also the diff of every file.
    #[arg(long)]
    dry_run: bool,
    /// Skip the confirmation.
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    access: RegistryAccess,
}

impl Common {
    fn options(&self, tag_only: bool) -> Result<CutOptions> {
        Ok(CutOptions {
            version: self.version.clone(),
            channel: self.next.pre.clone(),
            bump: self.next.bump,
            packages: self.packages.clone(),
            initial: self.next.initial.clone(),
            branch: self.next.branch.clone(),
            // What can be undone depends on what the remote has, so it must be reachable.
            no_push: self.no_push && !self.abort,
            push_options: self.push_options.clone(),
            tag_only,
            login: self.access.login()?,
            deadline: self.access.deadline,
        })
    }
}

/// Parses VERSION.
fn version(text: &str) -> std::result::Result<Version, String> {
    Version::parse(text.trim_start_matches('v'))
        .ok_or_else(|| "expected a semantic version such as 1.4.0 or 1.4.0-rc.1".to_owned())
}

/// Runs `rel cut`.
pub fn cut(context: &Context, arguments: Cut) -> Result<End> {
    run(context, &arguments.common, false)
}

/// Runs `rel tag`.
pub fn tag(context: &Context, arguments: Tag) -> Result<End> {
    run(context, &arguments.common, true)
}

fn run(context: &Context, arguments: &Common, tag_only: bool) -> Result<End> {
    let session = Session::open(context, arguments.options(tag_only)?)?;
    context.warn_about_notifications()?;
    if arguments.abort {
        return abort(context, &session, arguments.dry_run);
    }
    if let Some(existing) = Existing::after_head(&session)? {
        return resume(context, &session, arguments, &existing);
    }
    let mut planner = Planner::new(&session);
    let mut choices = Choices::new();
    let mut draft = planner.draft(&choices)?;
    draft.decisions.iter().for_each(|made| decision::warn(context.ui(), made));
    if draft.is_empty() {
        return match Existing::on_head(&session)? {
            Some(existing) => resume(context, &session, arguments, &existing),
            None => report::nothing(context, &draft.decisions, arguments.require),
        };
    }
    if arguments.edit {
        let plan = planner.check(draft)?;
        menu::edit_all(context, &plan, &mut choices)?;
        draft = planner.draft(&choices)?;
    }
    let mut plan = planner.check(draft)?;
    if arguments.dry_run {
        return report::planned(context, &plan);
    }
    screen::show(context.ui(), &plan);
    if !arguments.yes {
        plan = menu::ask(context, &mut planner, plan, choices)?;
    }
    let outcome = release::execute(&session, &plan)?;
    report::done(context, &plan, &outcome)?;
    outcome.images.map(|_| End::Done)
}

/// Finishes releases that an earlier run made.
fn resume(context: &Context, session: &Session<'_>, arguments: &Common, existing: &Existing) -> Result<End> {
    if let ExistingState::Unpushed { remote, tags } = &existing.state {
        let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
        let names = names.join(" and ");
        let ui = context.ui();
        ui.status(format!("not pushed yet: {names}; pushing to {}", remote.name));
        if arguments.dry_run {
            ui.status("dry run: nothing was changed");
            return Ok(End::Done);
        }
        menu::confirm(context, arguments.yes, &format!("Push {names}?"))?;
    }
    let images = if arguments.dry_run { release::ImageTags::new() } else { existing.finish(session)? };
    report::existing(context, existing, &images)
}

/// `--abort`: undoes what was made here and never pushed.
fn abort(context: &Context, session: &Session<'_>, dry_run: bool) -> Result<End> {
    let undo = Undo::find(session)?;
    report::undo_warnings(context.ui(), &undo);
    if !dry_run {
        undo.execute(session)?;
    }
    report::undone(context.ui(), &undo, dry_run);
    Ok(End::Done)
}
