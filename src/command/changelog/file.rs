//! The changelog as a file: a section is brought in, shown, or compared. Leans on `changelog`.

use super::wanted::Notes;
use super::{Arguments, diff};
use crate::changelog::{Changelog, Edit, Place, Release, Splice, applied};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::Format;
use serde_json::{Value, json};

/// What would become of a changelog; nothing is written yet. `rel cut` plans with it too.
#[derive(Debug)]
pub(in crate::command) struct Planned {
    /// What it holds; `None` where it is not there.
    pub before: Option<String>,
    /// The notes, as they would stand in it.
    pub section: String,
    /// What changes; nothing where the section is there already.
    pub edits: Vec<Edit>,
}

impl Planned {
    /// Plans to bring notes into the changelog `name`, which holds `before`. `body` is what a person made of them.
    pub(in crate::command) fn new(
        notes: &Notes<'_>,
        name: &str,
        before: Option<String>,
        body: Option<&str>,
    ) -> Result<Planned> {
        let text = before.as_deref().unwrap_or_default();
        let changelog = Changelog::of(text);
        let rendered = notes.rendered(!changelog.keeps_links(), None)?;
        let rendered = match body {
            Some(body) => format!("{}\n\n{body}", split(&rendered).0),
            None => rendered,
        };
        let section = changelog.levelled(rendered.trim_end());
        let (title, tag) = (notes.title.as_str(), notes.tag.as_ref().map_or("", |tag| tag.as_str()));
        let page = notes.page()?;
        let release = Release { title, tag, section: &section, page: page.as_deref() };
        let edits = match changelog.take(release, &notes.frame()?) {
            Splice::Present => Vec::new(),
            Splice::Edits(edits) => edits,
            Splice::Lost => return Err(lost(title, name)),
        };
        Ok(Planned { before, section, edits })
    }

    /// What the file will hold.
    pub(in crate::command) fn after(&self) -> String {
        applied(self.before.as_deref().unwrap_or_default(), &self.edits)
    }
}

/// A section's heading, with all that stands above it, and what stands below.
pub(in crate::command) fn split(section: &str) -> (&str, &str) {
    let mut end = 0;
    for line in section.split_inclusive('\n') {
        end += line.len();
        if line.starts_with('#') {
            let (heading, body) = section.split_at(end);
            return (heading.trim_end(), body.trim_matches('\n'));
        }
    }
    ("", section)
}

/// Does what `--write`, `--check` or `--dry-run` asks for.
pub(super) fn act(context: &Context, arguments: &Arguments, notes: &Notes<'_>) -> Result<Value> {
    if arguments.check {
        return check(context, notes);
    }
    let (ui, title) = (context.ui(), &notes.title);
    let place = place(context)?;
    let name = place.name();
    let planned = Planned::new(notes, name, place.read()?, None)?;
    let changed = !planned.edits.is_empty();
    if !changed {
        ui.status(format!("{name} has a section {title} already; nothing is changed"));
    } else if arguments.dry_run {
        if ui.format() == Format::Text {
            diff::show(ui, name, planned.before.as_deref(), &planned.edits);
        }
    } else {
        place.write(&planned.after())?;
        ui.status(format!("{name}: the section {title} is written"));
    }
    Ok(with(notes.as_json(&planned.section), name, "changed", changed))
}

fn place(context: &Context) -> Result<Place> {
    let top = context.repo()?.work_tree().ok_or_else(|| {
        Error::refused("a bare repository has no work tree, so no changelog")
            .hint("without --write, --check and --dry-run the notes are printed")
    })?;
    Place::find(&top, &context.config()?.changelog.path)
}

fn lost(title: &str, name: &str) -> Error {
    Error::refused(format!("a section {title} in {name} would not be found again"))
        .cause("a block of code or a comment in it is never closed, or the template gives no heading with the version")
        .hint("`## [1.4.0]` is such a heading, `## {{ version }}` in a template")
}

/// Whether the file holds the section; the day in its heading is its own, because it was written on another one.
fn check(context: &Context, notes: &Notes<'_>) -> Result<Value> {
    let place = place(context)?;
    let text = place.read()?.unwrap_or_default();
    let (changelog, name, title) = (Changelog::of(&text), place.name(), &notes.title);
    let write = if notes.version.is_some() { "`rel changelog --write` brings it in" } else { "" };
    let Some(held) = changelog.section_of(title) else {
        return Err(Error::refused(format!("{name} has no section {title}")).hint(write));
    };
    let day = held.lines().next().and_then(day_in);
    let section = changelog.levelled(&notes.rendered(!changelog.keeps_links(), day)?);
    // A template may rule its section off; what stands between two sections belongs to neither.
    let rule = |line: &&str| line.chars().all(|c| c == '-' || c.is_whitespace());
    let (mut has, mut wants) = (held.lines(), section.trim_end().lines().skip_while(rule));
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
    context.ui().status(format!("{name}: the section {title} is what would be rendered"));
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
