//! What only the whole file shows: names that nothing bears, keys that exclude each other, rings of environments. Works on
//! the parsed tree, so that it also speaks where other faults stand. Leans on `walk` for what the walk saw.

mod environments;
mod releases;
mod tree;

use super::fault::{Fault, meant, quoted};
use super::walk::Mention;
use std::collections::HashSet;
use toml::de::DeTable;

/// All faults between the parts of a file.
pub(super) fn check(file: &DeTable<'_>, mentions: &[Mention]) -> Vec<Fault> {
    let mut faults = Vec::new();
    unknown_names(file, mentions, &mut faults);
    releases::check(file, &mut faults);
    environments::check(file, mentions, &mut faults);
    faults
}

/// Names that nothing in the file bears.
fn unknown_names(file: &DeTable<'_>, mentions: &[Mention], faults: &mut Vec<Fault>) {
    let images = tree::items(file, "image").filter_map(|image| tree::text(image, "name"));
    for (kind, known) in [
        ("environment", tree::names(file, "environment")),
        ("package", tree::names(file, "package")),
        ("image", images.map(|(name, _)| name).collect()),
    ] {
        // Without `[package.*]` the one package is named elsewhere, or after the folder.
        if kind == "package" && known.is_empty() {
            continue;
        }
        let set: HashSet<_> = known.iter().copied().collect();
        let unknown = |mention: &&Mention| mention.kind == kind && !set.contains(mention.name.as_str());
        for mention in mentions.iter().filter(unknown) {
            let message = format!("unknown {kind} {}", quoted(&mention.name));
            let help = meant(&mention.name, kind, known.iter().copied());
            faults.push(Fault::new(mention.span.clone(), message, help));
        }
    }
}
