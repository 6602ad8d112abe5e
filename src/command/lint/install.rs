//! `rel lint --install` and `--uninstall`: finds the place of the hook, and reports what was done.

use super::hook::{self, Hook, HookState, HookStep};
use crate::command::End;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::Format;
use serde_json::{Value, json};
use std::path::{Component, Path, PathBuf};

/// The line that a hook needs if `rel` does not write it.
const LINE: &str = "rel lint \"$1\"";

/// Installs or removes the hook.
///
/// # Errors
///
/// The repository is bare, or the hook is a committed file (4).
pub(super) fn run(context: &Context, install: bool, dry_run: bool) -> Result<End> {
    let repo = context.repo()?;
    let Some(top) = repo.work_tree() else {
        return Err(Error::refused("this repository is bare, so it needs no commit-msg hook")
            .hint("run this in a clone with a work tree"));
    };
    let folder = repo.hooks_folder();
    if let Some(inside) = inside_work_tree(&top, &folder) {
        return by_hand(context, &top, &inside, install, dry_run);
    }
    let hook = Hook::read(&folder)?;
    let steps = if install { hook.install()? } else { hook.uninstall() };
    if !folder.ancestors().any(is_git_folder) {
        context.ui().warning(format!(
            "core.hooksPath is {}, so the hook applies to every repository that uses this folder",
            folder.display()
        ));
    }
    if !dry_run {
        steps.iter().try_for_each(hook::apply)?;
    }
    let show = |path: &Path| path.strip_prefix(&top).unwrap_or(path).display().to_string();
    report(context, &hook, &steps, install, dry_run, show);
    Ok(End::Done)
}

/// Shows what was done, or would be done.
fn report(
    context: &Context,
    hook: &Hook,
    steps: &[HookStep],
    install: bool,
    dry_run: bool,
    show: impl Fn(&Path) -> String,
) {
    let ui = context.ui();
    let installed =
        if dry_run { matches!(hook.state, HookState::Current | HookState::Outdated) } else { install };
    let words: Vec<String> = steps.iter().map(|step| step.words(!dry_run, &show)).collect();
    if ui.format() == Format::Json {
        return ui.json(&as_json(&hook.file, installed, dry_run, &words));
    }
    for words in &words {
        // What a dry run would do is shown with `--quiet` too.
        if dry_run { ui.explain(words.as_str()) } else { ui.status(words.as_str()) }
    }
    match (install, steps.is_empty()) {
        (true, true) => ui.status(format!("already installed: {}", show(&hook.file))),
        (false, true) => ui.status("not installed"),
        (true, false) if hook.has_earlier && hook.state == HookState::Absent => {
            ui.status(format!("{} already exists; it runs first", show(&hook.earlier)));
        }
        _ => {}
    }
}

/// Returns the shape `rel.lint.hook/1`; `steps` is empty if nothing has to be done.
fn as_json(file: &Path, installed: bool, dry_run: bool, steps: &[String]) -> Value {
    json!({
        "schema": "rel.lint.hook/1",
        "file": file.display().to_string(),
        "installed": installed,
        "already": steps.is_empty(),
        "dry_run": dry_run,
        "steps": steps,
    })
}

/// Refuses to change a hook in the work tree, and names the line to add or to remove. Such files are committed, and belong to
/// everybody who works in the repository.
fn by_hand(context: &Context, top: &Path, inside: &Path, install: bool, dry_run: bool) -> Result<End> {
    // husky generates what is in `_`, and runs what people write beside it.
    let edited = if inside.ends_with(".husky/_") { inside.parent().unwrap_or(inside) } else { inside };
    let file = edited.join("commit-msg");
    let has_line = std::fs::read_to_string(top.join(&file)).is_ok_and(|text| text.contains("rel lint"));
    if has_line == install {
        let state = if install { "already installed" } else { "not installed" };
        match context.ui().format() {
            Format::Json => context.ui().json(&as_json(&top.join(&file), install, dry_run, &[])),
            Format::Text | Format::Github => context.ui().status(format!("{state}: {}", file.display())),
        }
        return Ok(End::Done);
    }
    let what = format!(
        "core.hooksPath is {}, inside the work tree, so the hook is a committed file",
        inside.display()
    );
    Err(Error::refused(what).hint(match install {
        true => format!("add this line to {}: {LINE}", file.display()),
        false => format!("remove the line `{LINE}` from {}", file.display()),
    }))
}

/// Returns the hooks folder as a path inside the work tree; `None` if it is elsewhere or in a git folder.
fn inside_work_tree(top: &Path, folder: &Path) -> Option<PathBuf> {
    let inside = match (folder.canonicalize(), top.canonicalize()) {
        (Ok(folder), Ok(top)) => folder.strip_prefix(top).ok()?.to_owned(),
        // It does not exist yet.
        _ => folder.strip_prefix(top).ok()?.to_owned(),
    };
    let climbs = inside.components().any(|part| part == Component::ParentDir);
    // A work tree may itself be inside a git folder, so the folders above it are not checked.
    let in_git_folder = inside.ancestors().any(|above| is_git_folder(&top.join(above)));
    (!climbs && !in_git_folder).then_some(inside)
}

/// Whether a folder is a git folder, by its content: `.git` may be a link, or elsewhere.
fn is_git_folder(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir()
}
