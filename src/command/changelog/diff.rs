//! What an edit would change, as people read it. Leans on `ui`.

use crate::changelog::Edit;
use crate::ui::{Role, Text, Ui};

/// So many lines around a change are shown.
const AROUND: usize = 3;

/// Lines of the old text that give way to new ones.
struct Hunk<'a> {
    at: usize,
    removed: Vec<&'a str>,
    added: Vec<String>,
}

/// Shows edits of what a file holds.
pub(super) fn show(ui: &Ui, name: &str, before: Option<&str>, edits: &[Edit]) {
    let text = before.unwrap_or_default();
    let old: Vec<&str> = text.lines().collect();
    let from = if before.is_some() { name } else { "/dev/null" };
    ui.data(Text::new().with(Role::Heading, format!("--- {from}")));
    ui.data(Text::new().with(Role::Heading, format!("+++ {name}")));
    let hunks: Vec<Hunk<'_>> = edits.iter().map(|edit| hunk(text, edit)).collect();
    let mut shift = 0;
    let mut rest = hunks.as_slice();
    while let Some(first) = rest.first() {
        // Changes whose surroundings touch are shown together.
        let near =
            rest.windows(2).take_while(|pair| pair[1].at <= pair[0].at + pair[0].removed.len() + 2 * AROUND);
        let (together, others) = rest.split_at(near.count() + 1);
        let start = first.at.saturating_sub(AROUND);
        let end =
            together.last().map_or(start, |last| (last.at + last.removed.len() + AROUND).min(old.len()));
        let added: usize = together.iter().map(|hunk| hunk.added.len()).sum();
        let removed: usize = together.iter().map(|hunk| hunk.removed.len()).sum();
        let (length, begins) = (end - start, |line: usize, length: usize| line + usize::from(length > 0));
        let now = length + added - removed;
        ui.data(Text::new().with(
            Role::Name,
            format!("@@ -{},{length} +{},{now} @@", begins(start, length), begins(start + shift, now)),
        ));
        shift = (shift + added).saturating_sub(removed);
        let mut at = start;
        for hunk in together {
            context(ui, &old, at..hunk.at);
            hunk.removed.iter().for_each(|line| ui.data(Text::new().with(Role::Bad, format!("-{line}"))));
            hunk.added.iter().for_each(|line| ui.data(Text::new().with(Role::Good, format!("+{line}"))));
            at = hunk.at + hunk.removed.len();
        }
        context(ui, &old, at..end);
        rest = others;
    }
}

fn context(ui: &Ui, old: &[&str], lines: std::ops::Range<usize>) {
    for line in old.get(lines).unwrap_or_default() {
        ui.data(format!(" {line}"));
    }
}

/// An edit in whole lines.
fn hunk<'a>(text: &'a str, edit: &Edit) -> Hunk<'a> {
    let start = text[..edit.at].rfind('\n').map_or(0, |at| at + 1);
    let at = text[..start].matches('\n').count();
    let inside = start < edit.at || edit.remove > 0;
    let behind = edit.at + edit.remove;
    let end = if inside { text[behind..].find('\n').map_or(text.len(), |at| behind + at) } else { start };
    let new = format!("{}{}{}", &text[start..edit.at], edit.insert, &text[behind..end]);
    let removed: Vec<&str> = text[start..end].lines().collect();
    let added: Vec<String> = new.lines().map(str::to_owned).collect();
    let same = removed.iter().zip(&added).take_while(|(old, new)| *old == new).count();
    Hunk { at: at + same, removed: removed[same..].to_vec(), added: added[same..].to_vec() }
}
