//! The questions at a terminal before a release is made.

use super::{screen, version};
use crate::changelog::sanitize;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::edit_text;
use crate::model::{Bump, Version};
use crate::release::{Choices, PackageChoice, PlannedRelease, Planner, ReleasePlan};

/// The choices of the first question.
const CHOICES: [&str; 5] =
    ["release", "choose another version", "edit the notes", "show the diff of every file", "quit"];

/// Asks until the plan is confirmed, and plans again after each choice.
///
/// # Errors
///
/// The person quits (4).
pub(super) fn ask(
    context: &Context,
    planner: &mut Planner<'_, '_>,
    mut plan: ReleasePlan,
    mut choices: Choices,
) -> Result<ReleasePlan> {
    let ui = context.ui();
    loop {
        let tags: Vec<&str> = plan.releases.iter().map(|release| release.tag.as_str()).collect();
        let choice = ui.choose(&tags.join(" and "), &CHOICES.map(str::to_owned))?;
        let before = choices.clone();
        match choice {
            0 => return Ok(plan),
            1 => choose_version(context, &plan, &mut choices)?,
            2 => {
                if let Some(release) = choose_release(context, &plan)? {
                    edit(context, release, &mut choices)?;
                }
            }
            3 => {
                if plan.files.is_empty() {
                    ui.explain("no files change: only the tag is created");
                }
                screen::diffs(ui, &plan)?;
                continue;
            }
            _ => return Err(not_confirmed()),
        }
        if choices == before {
            continue;
        }
        match planner.draft(&choices).and_then(|draft| planner.check(draft)) {
            Ok(next) => {
                plan = next;
                screen::show(ui, &plan);
            }
            Err(error) => {
                ui.error(&error);
                choices = before;
            }
        }
    }
}

/// Asks a yes/no question unless `--yes` skips it.
pub(super) fn confirm(context: &Context, yes: bool, question: &str) -> Result<()> {
    if yes || context.ui().confirm(question)? { Ok(()) } else { Err(not_confirmed()) }
}

fn not_confirmed() -> Error {
    Error::refused("not confirmed").hint("nothing was changed")
}

/// Returns the release that a question is about; where there are several, asks for the package.
fn choose_release<'p>(context: &Context, plan: &'p ReleasePlan) -> Result<Option<&'p PlannedRelease>> {
    match plan.releases.as_slice() {
        [release] => Ok(Some(release)),
        several => {
            let names: Vec<String> = several.iter().map(|release| release.package.clone()).collect();
            Ok(several.get(context.ui().choose("package", &names)?))
        }
    }
}

fn choose_version(context: &Context, plan: &ReleasePlan, choices: &mut Choices) -> Result<()> {
    let ui = context.ui();
    let Some(release) = choose_release(context, plan)? else { return Ok(()) };
    let base = release.base.clone().unwrap_or_else(|| Version::new(0, 0, 0));
    let bumps = [Bump::Patch, Bump::Minor, Bump::Major];
    let bumped = |bump: &Bump| base.bumped(*bump).map_or_else(String::new, |version| version.to_string());
    let mut options: Vec<String> = bumps.iter().map(|bump| format!("{bump}: {}", bumped(bump))).collect();
    options.extend(["a prerelease", "enter a version", "as computed from the commits"].map(str::to_owned));
    let choice = choices.entry(release.package.clone()).or_default();
    let mut chosen = PackageChoice { notes: choice.notes.take(), ..PackageChoice::default() };
    match ui.choose("version", &options)? {
        index @ 0..=2 => chosen.bump = bumps.get(index).copied(),
        3 => chosen.channel = Some(ui.input("channel", Some("rc"), &|_| None)?),
        4 => {
            let fault = |text: &str| version(text).err();
            chosen.version = version(&ui.input("version", None, &fault)?).ok();
        }
        _ => {}
    }
    *choice = chosen;
    Ok(())
}

/// Opens the notes of every release in the editor, one after the other (`--edit`).
pub(super) fn edit_all(context: &Context, plan: &ReleasePlan, choices: &mut Choices) -> Result<()> {
    plan.releases.iter().try_for_each(|release| edit(context, release, choices))
}

/// Opens the notes of a release in the editor. An empty text leaves them unchanged.
fn edit(context: &Context, release: &PlannedRelease, choices: &mut Choices) -> Result<()> {
    let comment = format!(
        "<!-- Notes for {}. This line will be removed; if you delete everything, the notes stay unchanged. -->",
        release.tag
    );
    let text = format!("{comment}\n\n{}\n", release.editable_notes.trim());
    let Some(text) = edit_text(context.repo()?, "REL_NOTES.md", &text)? else { return Ok(()) };
    let body = sanitize(text.strip_prefix(&comment).unwrap_or(&text)).trim().to_owned();
    if !body.is_empty() {
        choices.entry(release.package.clone()).or_default().notes = Some(body);
    }
    Ok(())
}
