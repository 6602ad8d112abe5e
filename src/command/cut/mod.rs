//! `rel cut` and `rel tag`: a release, planned, shown, confirmed, done. `scene` looks around, `draft` makes the plan,
//! `preflight` says what is in the way, `finish` knows what earlier runs left, `menu` asks. Leans on `history` for the
//! version, and on `plan` and `apply` for the rest.

mod desk;
mod draft;
mod finish;
mod images;
mod late;
mod menu;
mod preflight;
mod readable;
mod report;
mod scene;
mod wish;

use super::End;
use super::registry_access::Access;
use crate::apply;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::ReleaseContext;
use crate::model::{Bump, Version};
use crate::plan::Plan;
use clap::Args;
use draft::Draft;
use scene::Scene;
use wish::{Wish, Wishes};

/// Cuts the release: version files, changelog, commit, annotated tag, one atomic push.
///
/// Shows what will happen and asks once; --yes answers. Run again after a failure, it finishes what is missing and
/// repeats nothing.
#[derive(Debug, Args)]
pub struct Cut {
    #[command(flatten)]
    common: Common,
}

/// Makes the tag of a release alone, for repositories that keep no release commit.
///
/// All else is as with `rel cut`: the plan is shown, and a run again repeats nothing.
#[derive(Debug, Args)]
pub struct Tag {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// The version, whatever the commits say.
    #[arg(value_name = "VERSION", value_parser = version)]
    version: Option<Version>,
    /// Makes a prerelease of a channel: rc, beta, dev. Wins over the branch's own.
    #[arg(long, value_name = "CHANNEL", conflicts_with = "version")]
    pre: Option<String>,
    /// Makes this bump, whatever the commits say.
    #[arg(long, value_name = "BUMP", value_parser = super::next::bump, conflicts_with = "version")]
    bump: Option<Bump>,
    /// Releases one package of several; may be given more than once.
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Makes a first release although other tags exist; of this version, where one is given.
    #[arg(long, value_name = "VERSION", num_args = 0..=1, require_equals = true, value_parser = super::next::version)]
    initial: Option<Option<Version>>,
    /// Releases as on this branch; for a detached HEAD.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Ends with 3 where there is nothing to release.
    #[arg(long)]
    require: bool,
    /// Opens the notes in $VISUAL or $EDITOR first.
    #[arg(long)]
    edit: bool,
    /// Keeps commit and tag here; `rel cut` pushes them later.
    #[arg(long)]
    no_push: bool,
    /// Passes an option to the hooks of the remote.
    #[arg(short = 'o', long = "push-option", value_name = "OPTION")]
    push_options: Vec<String>,
    /// Takes back what was made here and never pushed.
    #[arg(long)]
    abort: bool,
    /// Shows what would happen, and does nothing. With -v also the diff of every file.
    #[arg(long)]
    dry_run: bool,
    /// Asks nothing.
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    access: Access,
}

fn version(text: &str) -> std::result::Result<Version, String> {
    Version::parse(text.trim_start_matches('v'))
        .ok_or_else(|| "a version is three numbers, perhaps with a prerelease: 1.4.0, 1.4.0-rc.1".to_owned())
}

/// Cuts a release.
pub fn cut(context: &Context, arguments: Cut) -> Result<End> {
    run(context, &arguments.common, false)
}

/// Makes a tag.
pub fn tag(context: &Context, arguments: Tag) -> Result<End> {
    run(context, &arguments.common, true)
}

fn run(context: &Context, arguments: &Common, tag_alone: bool) -> Result<End> {
    let scene = Scene::new(context, arguments, tag_alone)?;
    context.warn_of_what_is_not_sent()?;
    if arguments.abort {
        return late::aborted(&scene);
    }
    let release_context = scene.release_context(&Wish::default())?;
    if scene.pushes()? {
        let out = finish::above_head(&scene, &release_context)?;
        if !out.is_empty() {
            return late::followed(&scene, &release_context, &out);
        }
    }
    let mut wishes = Wishes::new();
    let mut draft = draft::draft(&scene, &wishes)?;
    draft::warn(&scene, &draft);
    if draft.plan.is_none() && draft.faults.is_empty() {
        let out = finish::made(&scene, &release_context, release_context.head())?;
        return match out.is_empty() {
            true => report::nothing(context, &draft.decisions, arguments.require),
            false => late::pushed(&scene, &release_context, &out),
        };
    }
    let mut plan = checked(&scene, &release_context, &mut draft)?;
    if arguments.edit {
        menu::edit(&scene, &plan, &mut wishes)?;
        draft = draft::draft(&scene, &wishes)?;
        plan = checked(&scene, &release_context, &mut draft)?;
    }
    if arguments.dry_run {
        return report::planned(context, &plan, &draft.decisions);
    }
    report::show(context, &plan, &draft.decisions);
    if !arguments.yes {
        plan = menu::ask(&scene, &release_context, plan, &draft.decisions, wishes)?;
    }
    // Said in lines, not on a spinner: keys and hooks may ask for something at the same terminal.
    let outcome = apply::apply(scene.repo, &plan, &context.run_id(), &|what| context.ui().status(what))?;
    let given =
        if outcome.pushed { images::give(&scene, &release_context, &plan) } else { Ok(Default::default()) };
    report::done(context, &plan, &outcome, &given)?;
    given.map(|_| End::Done)
}

/// The plan, where nothing is in its way; else all that is.
fn checked(scene: &Scene<'_>, release_context: &ReleaseContext<'_>, draft: &mut Draft) -> Result<Plan> {
    let mut faults = std::mem::take(&mut draft.faults);
    faults.extend(preflight::here(scene, release_context)?);
    let mut plan = draft.plan.take();
    if let Some(plan) = &mut plan {
        faults.extend(preflight::of(scene, release_context, plan)?);
        faults.extend(images::foresee(scene, release_context, plan)?);
    }
    match (Error::all(faults), plan) {
        (Some(error), _) => Err(error),
        (None, Some(plan)) => Ok(plan),
        (None, None) => Err(Error::refused("there is nothing to release any more").hint("run it again")),
    }
}
