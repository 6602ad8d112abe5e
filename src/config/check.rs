//! Every fault of a file in one run: syntax from the parser, structure and formats by walking the parsed file along the
//! schema, then what only the whole file shows. Leans on `syntax`, `walk` and `across`.

use super::across;
use super::draw::Lines;
use super::fault::Fault;
use super::raw::File;
use super::syntax;
use super::walk::Walk;
use serde::Deserialize;
use std::collections::HashSet;

/// How often a text is mended and read again.
const PASSES: usize = 8;

/// Reads a text and finds every fault in it.
pub(super) fn all(text: &str) -> Result<File, Vec<Fault>> {
    read(text, PASSES)
}

fn read(text: &str, passes: usize) -> Result<File, Vec<Fault>> {
    let parsed = syntax::parse(text);
    let mended = parsed.mended(text).filter(|_| passes > 0);
    let sound = match mended {
        Some(mended) => {
            let faults = read(&mended.text, passes - 1).err().unwrap_or_default();
            faults.into_iter().map(|fault| mended.back(fault)).collect()
        }
        None => {
            let walk = Walk::along(parsed.tree.get_ref());
            let across = across::check(parsed.tree.get_ref(), &walk.mentions);
            [parsed.doubled, walk.faults, across].concat()
        }
    };
    let faults =
        if parsed.broken.is_empty() { sound } else { without_consequences(text, parsed.broken, sound) };
    if !faults.is_empty() {
        return Err(faults);
    }
    File::deserialize(toml::Deserializer::from(parsed.tree)).map_err(|error| {
        let message = format!("{UNSEEN}: {}", error.message());
        vec![Fault::new(
            error.span().unwrap_or_default(),
            message,
            "this is a defect in rel: please report it",
        )]
    })
}

/// What is broken, one fault a line, and what is said of other lines: the rest only follows from it.
fn without_consequences(text: &str, mut broken: Vec<Fault>, sound: Vec<Fault>) -> Vec<Fault> {
    let lines = Lines::new(text);
    let mut seen = HashSet::new();
    broken.sort_by_key(|fault| fault.span.start);
    broken.retain(|fault| seen.insert(lines.index(fault.span.start)));
    broken.extend(sound.into_iter().filter(|fault| !seen.contains(&lines.index(fault.span.start))));
    broken
}

/// What a fault says that serde finds and the walk along the schema did not.
const UNSEEN: &str = "not as rel's own schema says";
