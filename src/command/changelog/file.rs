//! The changelog as a file: a section is brought in, shown, or compared. Leans on `changelog`.

use super::wanted::Notes;
use super::{Arguments, diff, no_work_tree};
use crate::changelog::{Changelog, Place, Release, Splice, applied};
use crate::error::{Error, Result};
use crate::world::World;
use serde_json::{Value, json};

/// Does what `--write`, `--check` or `--dry-run` asks for.
pub(super) fn act(world: &World, arguments: &Arguments, notes: &Notes<'_>) -> Result<Value> {
    let top = world.repo()?.work_tree().ok_or_else(no_work_tree)?;
    let place = Place::find(&top, &world.config()?.changelog.path)?;
    let before = place.read()?;
    let text = before.clone().unwrap_or_default();
    let changelog = Changelog::of(&text);
    if arguments.check {
        return check(world, &place, &changelog, notes);
    }
    let section = notes.rendered(!changelog.keeps_links(), None)?;
    let (title, tag) = (notes.title.as_str(), notes.tag.as_ref().map_or("", |tag| tag.as_str()));
    let page = notes.page()?;
    let release = Release { title, tag, section: &section, page: page.as_deref() };
    let ui = world.ui();
    let splice = changelog.take(release, &notes.frame()?);
    let changed = match &splice {
        Splice::Present => {
            ui.status(format!("{} has a section {title} already; nothing is changed", place.name()));
            false
        }
        Splice::Lost => {
            return Err(Error::refused(format!("a section {title} in {} would not be found again", place.name()))
                .cause("a block of code or a comment in it is never closed, or the template gives no heading with the version")
                .hint("`## [1.4.0]` is such a heading, `## {{ version }}` in a template"));
        }
        Splice::Edits(edits) if arguments.dry_run => {
            diff::show(ui, place.name(), before.is_some(), &text, edits);
            true
        }
        Splice::Edits(edits) => {
            place.write(&applied(&text, edits))?;
            ui.status(format!("{}: the section {title} is written", place.name()));
            true
        }
    };
    Ok(with(notes.as_json(&section), place.name(), "changed", changed))
}

/// Whether the file holds the section; the day in its heading is its own, because it was written on another one.
fn check(world: &World, place: &Place, changelog: &Changelog<'_>, notes: &Notes<'_>) -> Result<Value> {
    let (name, title) = (place.name(), &notes.title);
    let write = if notes.version.is_some() { "`rel changelog --write` brings it in" } else { "" };
    let Some(held) = changelog.section_of(title) else {
        return Err(Error::refused(format!("{name} has no section {title}")).hint(write));
    };
    let day = held.lines().next().and_then(day_in);
    let section = changelog.levelled(&notes.rendered(!changelog.keeps_links(), day)?);
    let (mut has, mut wants) = (held.lines(), section.trim().lines());
    loop {
        match (has.next(), wants.next()) {
            (None, None) => break,
            (has, wants) if has.map(str::trim_end) == wants.map(str::trim_end) => {}
            (has, wants) => {
                let quote = |line: Option<&str>| {
                    line.map_or_else(|| "nothing more".to_owned(), |line| format!("`{line}`"))
                };
                return Err(Error::refused(format!(
                    "the section {title} of {name} is not what would be rendered"
                ))
                .cause(format!("it has {}", quote(has)))
                .cause(format!("rendered is {}", quote(wants)))
                .hint("edits by hand are yours to keep; only this check minds them"));
            }
        }
    }
    world.ui().status(format!("{name}: the section {title} is what would be rendered"));
    Ok(with(notes.as_json(&section), name, "agrees", true))
}

/// `2026-11-20` in a heading.
fn day_in(heading: &str) -> Option<&str> {
    let is_day = |text: &&str| {
        text.bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    (0..heading.len()).filter_map(|at| heading.get(at..at + 10)).find(is_day)
}

fn with(value: Value, path: &str, key: &str, answer: bool) -> Value {
    let mut object = value.as_object().cloned().unwrap_or_default();
    object.insert("path".to_owned(), json!(path));
    object.insert(key.to_owned(), json!(answer));
    Value::Object(object)
}
