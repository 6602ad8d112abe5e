//! What is asked at a terminal before a release is made. Leans on `ui`.

use super::draft::draft;
use super::report;
use super::scene::Scene;
use super::wish::{Wish, Wishes};
use crate::changelog::tame;
use crate::error::{Error, Result};
use crate::git_history::ReleaseContext;
use crate::model::{Bump, Version};
use crate::plan::{Plan, Release};
use crate::version::VersionDecision;

/// What a person may choose.
const CHOICES: [&str; 5] =
    ["release it", "choose another version", "edit the notes", "look at the diff of every file", "quit"];

/// Asks until the plan is right; refused where a person says no.
pub(super) fn ask(
    scene: &Scene<'_>,
    release_context: &ReleaseContext<'_>,
    mut plan: Plan,
    decisions: &[VersionDecision],
    mut wishes: Wishes,
) -> Result<Plan> {
    let ui = scene.context.ui();
    let mut decisions = decisions.to_vec();
    loop {
        let tags: Vec<&str> = plan.releases.iter().map(|release| release.tag.as_str()).collect();
        let choice = ui.choose(&tags.join(" and "), &CHOICES.map(str::to_owned))?;
        let before = wishes.clone();
        match choice {
            0 => return Ok(plan),
            1 => choose_version(scene, &plan, &decisions, &mut wishes)?,
            2 => edit(scene, &plan, &mut wishes)?,
            3 => {
                if plan.files.is_empty() {
                    ui.explain("No file changes: the tag alone is made.");
                }
                report::files(scene.context, &plan)?;
                continue;
            }
            _ => return Err(declined()),
        }
        if wishes == before {
            continue;
        }
        let next = draft(scene, &wishes).and_then(|mut draft| {
            let plan = super::checked(scene, release_context, &mut draft)?;
            Ok((plan, draft.decisions))
        });
        match next {
            Ok((next, found)) => {
                (plan, decisions) = (next, found);
                report::show(scene.context, &plan, &decisions);
            }
            Err(error) => {
                ui.error(&error);
                wishes = before;
            }
        }
    }
}

/// One question with yes or no; `--yes` answers it.
pub(super) fn confirm(scene: &Scene<'_>, question: &str) -> Result<()> {
    if scene.arguments.yes || scene.context.ui().ask(question)? { Ok(()) } else { Err(declined()) }
}

fn declined() -> Error {
    Error::refused("not confirmed").hint("nothing was changed")
}

/// The release that a question is about: of several a person names it.
fn which<'p>(scene: &Scene<'_>, plan: &'p Plan) -> Result<Option<&'p Release>> {
    match plan.releases.as_slice() {
        [release] => Ok(Some(release)),
        several => {
            let names: Vec<String> = several.iter().map(|release| release.package.clone()).collect();
            Ok(several.get(scene.context.ui().choose("package", &names)?))
        }
    }
}

fn choose_version(
    scene: &Scene<'_>,
    plan: &Plan,
    decisions: &[VersionDecision],
    wishes: &mut Wishes,
) -> Result<()> {
    let ui = scene.context.ui();
    let Some(release) = which(scene, plan)? else { return Ok(()) };
    let decision = decisions.iter().find(|decision| decision.package == release.package);
    let base = decision.and_then(|decision| decision.base.as_ref()).map(|tag| tag.version.clone());
    let base = base.unwrap_or_else(|| Version::new(0, 0, 0));
    let bumps = [Bump::Patch, Bump::Minor, Bump::Major];
    let bumped = |bump: &Bump| base.bumped(*bump).map_or_else(String::new, |version| version.to_string());
    let mut choices: Vec<String> = bumps.iter().map(|bump| format!("{bump}: {}", bumped(bump))).collect();
    choices.extend(["a prerelease".to_owned(), "another, typed".to_owned(), "as the commits say".to_owned()]);
    let wish = wishes.entry(release.package.clone()).or_default();
    let mut chosen = Wish { notes: wish.notes.take(), ..Wish::default() };
    match ui.choose("version", &choices)? {
        place @ 0..=2 => chosen.bump = bumps.get(place).copied(),
        3 => chosen.channel = Some(ui.input("channel", Some("rc"), &|_| None)?),
        4 => {
            let fault = |text: &str| super::version(text).err();
            chosen.version = super::version(&ui.input("version", None, &fault)?).ok();
        }
        _ => {}
    }
    *wish = chosen;
    Ok(())
}

/// Opens the notes in the editor. An empty text leaves them as they are.
pub(super) fn edit(scene: &Scene<'_>, plan: &Plan, wishes: &mut Wishes) -> Result<()> {
    let releases: Vec<&Release> = match scene.arguments.edit {
        true => plan.releases.iter().collect(),
        false => which(scene, plan)?.into_iter().collect(),
    };
    for release in releases {
        let head = format!(
            "<!-- The notes of {}. This line is taken out; an empty text leaves the notes as they were. -->\n\n",
            release.tag
        );
        let text = scene.repo.edit("REL_NOTES.md", &format!("{head}{}\n", release.editable.trim()))?;
        let Some(text) = text else { continue };
        let body = tame(text.strip_prefix(head.trim_end()).unwrap_or(&text)).trim().to_owned();
        if !body.is_empty() {
            wishes.entry(release.package.clone()).or_default().notes = Some(body);
        }
    }
    Ok(())
}
