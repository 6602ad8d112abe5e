//! Faults that show only across the whole file: unknown names, keys that exclude each other, environments that wait for
//! each other. They are found in the parsed tree, so that they are reported beside other faults.

mod environments;
mod ledger;
mod releases;
mod tree;

use super::fault::Fault;
use super::quote::{quoted, suggestion};
use super::reader::{Definition, Reference};
use std::collections::HashSet;
use toml::de::DeTable;

/// Finds the faults between the parts of a file.
pub(super) fn check(file: &DeTable<'_>, references: &[Reference]) -> Vec<Fault> {
    let mut faults = Vec::new();
    unknown_names(file, references, &mut faults);
    releases::check(file, &mut faults);
    environments::check(file, references, &mut faults);
    ledger::check(file, &mut faults);
    faults
}

/// Finds names that the file does not define.
fn unknown_names(file: &DeTable<'_>, references: &[Reference], faults: &mut Vec<Fault>) {
    let images = tree::items(file, "image").filter_map(|image| tree::text(image, "name"));
    for (definition, known) in [
        (Definition::Environment, tree::names(file, "environment")),
        (Definition::Package, tree::names(file, "package")),
        (Definition::Image, images.map(|(name, _)| name).collect()),
    ] {
        // Without `[package.*]` the only package has its name from `name` or the remote.
        if definition == Definition::Package && known.is_empty() {
            continue;
        }
        let set: HashSet<_> = known.iter().copied().collect();
        let to_it = references.iter().filter(|reference| reference.definition == definition);
        for reference in to_it.filter(|reference| !set.contains(reference.name.as_str())) {
            let word = definition.word();
            let message = format!("unknown {word} {}", quoted(&reference.name));
            let help = suggestion(&reference.name, word, known.iter().copied());
            faults.push(Fault::new(reference.span.clone(), message, help));
        }
    }
}
