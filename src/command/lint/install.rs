//! `rel lint --install` and `--uninstall`: where the hook belongs, and what is said about it. Leans on `hook` and `git`.

use super::hook::{self, Hook, Standing, Step};
use crate::command::End;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::Format;
use serde_json::{Value, json};
use std::path::{Component, Path, PathBuf};

/// The line that a hook needs which is not ours to write.
const LINE: &str = "rel lint \"$1\"";

/// Sees to the hook.
pub(super) fn run(context: &Context, install: bool, dry_run: bool) -> Result<End> {
    let repo = context.repo()?;
    let Some(top) = repo.work_tree() else {
        return Err(Error::refused("this repository is bare: no commit is made in it, so it needs no hook")
            .hint("run this in a clone, where people commit"));
    };
    let folder = repo.hooks_folder();
    if let Some(inside) = shared_with_everybody(&top, &folder) {
        return by_hand(context, &top, &inside, install, dry_run);
    }
    let hook = Hook::look(&folder)?;
    let steps = if install { hook.install()? } else { hook.uninstall() };
    if !folder.ancestors().any(is_git_folder) {
        context.ui().warning(format!(
            "core.hooksPath names {}, so this hook is that of every repository which uses this folder",
            folder.display()
        ));
    }
    if !dry_run {
        steps.iter().try_for_each(hook::apply)?;
    }
    let show = |path: &Path| path.strip_prefix(&top).unwrap_or(path).display().to_string();
    tell(context, &hook, &steps, install, dry_run, show);
    Ok(End::Done)
}

/// Says what was done, or would be.
fn tell(
    context: &Context,
    hook: &Hook,
    steps: &[Step],
    install: bool,
    dry_run: bool,
    show: impl Fn(&Path) -> String,
) {
    let ui = context.ui();
    let installed = if dry_run { matches!(hook.standing, Standing::Ours | Standing::Older) } else { install };
    let words: Vec<String> = steps.iter().map(|step| step.words(!dry_run, &show)).collect();
    if ui.format() == Format::Json {
        return ui.json(&as_json(&hook.file, installed, dry_run, &words));
    }
    for words in &words {
        // What a dry run would do is what was asked for.
        if dry_run { ui.explain(words.as_str()) } else { ui.status(words.as_str()) }
    }
    match (install, steps.is_empty()) {
        (true, true) => ui.status(format!("already installed: {}", show(&hook.file))),
        (false, true) => ui.status("not installed"),
        (true, false) if hook.has_earlier && hook.standing == Standing::Nothing => {
            ui.status(format!("{} is there already; it runs first", show(&hook.earlier)));
        }
        _ => {}
    }
}

/// The shape `rel.lint.hook/1`; `steps` are empty where it is so already.
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

/// Files of the work tree belong to everybody who works on it, and to the tool that put them there (husky): they are
/// changed by a commit, not by us.
fn by_hand(context: &Context, top: &Path, inside: &Path, install: bool, dry_run: bool) -> Result<End> {
    // husky generates what is in `_`, and runs what people write beside it.
    let own = if inside.ends_with(".husky/_") { inside.parent().unwrap_or(inside) } else { inside };
    let file = own.join("commit-msg");
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
        "core.hooksPath points into the work tree, at {}, whose files are committed",
        inside.display()
    );
    Err(Error::refused(what).hint(match install {
        true => format!("add this line to {}: {LINE}", file.display()),
        false => format!("remove the line `{LINE}` from {}", file.display()),
    }))
}

/// The hooks folder as a path inside the work tree, where it lies there and in no git folder.
fn shared_with_everybody(top: &Path, folder: &Path) -> Option<PathBuf> {
    let inside = match (folder.canonicalize(), top.canonicalize()) {
        (Ok(folder), Ok(top)) => folder.strip_prefix(top).ok()?.to_owned(),
        // It is not there yet.
        _ => folder.strip_prefix(top).ok()?.to_owned(),
    };
    let climbs = inside.components().any(|part| part == Component::ParentDir);
    // A work tree may itself lie in a git folder, so what is above its top does not matter.
    let in_git_folder = inside.ancestors().any(|above| is_git_folder(&top.join(above)));
    (!climbs && !in_git_folder).then_some(inside)
}

/// A git folder is known by what is in it: `.git` may be a link, or elsewhere.
fn is_git_folder(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir()
}
